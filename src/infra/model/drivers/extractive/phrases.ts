import type { Language } from './question.ts'

/** What is said beside the quotes. */
type Phrases = { noModel: string; nothing: string; closest: string; sources: string }
const MODEL_EXAMPLE = `MODEL_URI='openai://api.openai.com/v1?model=gpt-4o-mini' MODEL_API_KEY=…`
const LOCAL_EXAMPLE = `MODEL_URI='openai://127.0.0.1:11434/v1?model=qwen3'`
export const PHRASES: Readonly<Record<Language, Phrases>> = {
  en: {
    noModel: `No language model is set, and this agent has no knowledge to quote from.

Either add documents to a dataset and bind it to this agent: its questions are then answered with the best passages and their sources, without any model. Or set a model and restart the server, for example:

    ${MODEL_EXAMPLE}
    ${LOCAL_EXAMPLE}   (a local model)`,
    nothing:
      'I found nothing relevant in the knowledge for this question. Try other words, or add a document that covers it.',
    closest: 'I found no sentence that answers this directly. The closest passages are:',
    sources: 'Sources:',
  },
  zh: {
    noModel: `当前没有设置语言模型，这个智能体也没有可引用的知识库。

可以把文档加入知识库并绑定到这个智能体：不需要任何模型，就能用最相关的原文及其出处来回答。也可以设置一个模型后重启服务，例如：

    ${MODEL_EXAMPLE}
    ${LOCAL_EXAMPLE}   （本地模型）`,
    nothing: '知识库中没有找到与这个问题相关的内容。请换一种问法，或者添加包含该内容的文档。',
    closest: '没有找到能直接回答这个问题的句子，最接近的原文如下：',
    sources: '来源：',
  },
  ja: {
    noModel: `言語モデルが設定されておらず、このエージェントには引用できるナレッジもありません。

文書をナレッジに追加してこのエージェントに結び付けると、モデルなしでも最も近い原文と出典で回答します。または、次のようにモデルを設定してサーバーを再起動してください。

    ${MODEL_EXAMPLE}
    ${LOCAL_EXAMPLE}   （ローカルモデル）`,
    nothing:
      'この質問に関係する内容はナレッジに見つかりませんでした。別の言葉で尋ねるか、該当する文書を追加してください。',
    closest: 'この質問に直接答える文は見つかりませんでした。最も近い原文は次のとおりです。',
    sources: '出典：',
  },
  th: {
    noModel: `ยังไม่ได้ตั้งค่าโมเดลภาษา และเอเจนต์นี้ไม่มีคลังความรู้ให้อ้างอิง

เพิ่มเอกสารลงในคลังความรู้แล้วผูกกับเอเจนต์นี้ เพื่อให้ตอบด้วยข้อความต้นฉบับพร้อมแหล่งที่มาโดยไม่ต้องใช้โมเดล หรือตั้งค่าโมเดลแล้วเริ่มเซิร์ฟเวอร์ใหม่ เช่น

    ${MODEL_EXAMPLE}
    ${LOCAL_EXAMPLE}   (โมเดลในเครื่อง)`,
    nothing: 'ไม่พบข้อมูลที่เกี่ยวข้องกับคำถามนี้ในคลังความรู้ ลองใช้คำอื่น หรือเพิ่มเอกสารที่มีเนื้อหานี้',
    closest: 'ไม่พบประโยคที่ตอบคำถามนี้โดยตรง ข้อความที่ใกล้เคียงที่สุดคือ',
    sources: 'แหล่งที่มา:',
  },
}
