import type { Passage } from '../../driver.ts'
import { type Language, type Question, readQuestion } from './question.ts'
import { type Candidate, type Reading, rankSentences, readPassages } from './rank.ts'
import type { Sentence } from './sentences.ts'

/** What came out: the sentences that answer, and the quotes they stand on. */
export type Answer = {
  text: string
  sources: { number: number; document: string; quote: string }[]
}

/** A sentence that covers less of the question than this is a neighbour, not an answer. */
const ANSWERS_FROM = 0.3
const MAX_SENTENCES = 3
const MAX_ANSWER_CHARS = 600
const MAX_QUOTES = 3
const MAX_QUOTE_CHARS = 320
const MAX_LIST_ITEMS = 10

type Phrases = { noModel: string; nothing: string; closest: string; sources: string }
const MODEL_EXAMPLE = `MODEL_URI='openai://api.openai.com/v1?model=gpt-4o-mini' MODEL_API_KEY=…`
const LOCAL_EXAMPLE = `MODEL_URI='openai://127.0.0.1:11434/v1?model=qwen3'`
const PHRASES: Readonly<Record<Language, Phrases>> = {
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

const POINTS_BACK =
  /^(?:it|its|this|they|these|those|he|she|that|their|such)\b|^(?:它|他|她|这|该|其|此|それ|この|その|これ)/i

/** How alike two sentences are by their terms, 0…1. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((term) => b.has(term)).length
  return common / (Math.min(a.size, b.size) || 1)
}

/** The one to three sentences that answer together: the best, then what adds to it without repeating it. */
function choose(question: Question, ranked: readonly Candidate[]): Candidate[] {
  const [best] = ranked
  if (best === undefined) return []
  const chosen = [best]
  let chars = best.text.length
  const wide =
    question.kind === 'other' ||
    question.kind === 'reason' ||
    question.kind === 'procedure' ||
    question.kind === 'definition'
  for (const next of ranked.slice(1, 12)) {
    if (chosen.length === MAX_SENTENCES) break
    const adds = [...question.terms.keys()].some(
      (term) => next.terms.has(term) && !chosen.some((candidate) => candidate.terms.has(term)),
    )
    const close = next.score >= best.score * (adds ? 0.6 : wide ? 0.75 : 0.92)
    const repeats = chosen.some((candidate) => overlap(candidate.terms, next.terms) > 0.7)
    if (!close || repeats || chars + next.text.length > MAX_ANSWER_CHARS) continue
    chosen.push(next)
    chars += next.text.length
  }
  return chosen
}

/** What must be read with a sentence: the one before it when it leans back, the list that it announces or is in. */
function withContext(question: Question, candidate: Candidate, readings: readonly Reading[]): Sentence[] {
  const sentences = readings[candidate.passage]?.sentences ?? []
  const before = sentences[candidate.at - 1]
  const out: Sentence[] = []
  if (before && !before.isHeading && !before.isQuestion && POINTS_BACK.test(candidate.text) && before.text.length < 240)
    out.push(before)
  out.push(candidate)
  const announces = /[:：]$/.test(candidate.text)
  const isStep = candidate.isListItem && question.kind === 'procedure'
  if (isStep) for (let i = candidate.at - 1; sentences[i]?.isListItem; i--) out.unshift(sentences[i] as Sentence)
  if (announces || isStep)
    for (const next of sentences.slice(candidate.at + 1)) {
      if (!next.isListItem || out.length > MAX_LIST_ITEMS) break
      out.push(next)
    }
  return out
}

/** The part of a passage round a sentence, on whole sentences where they fit. */
function quote(sentences: readonly Sentence[], at: number): string {
  const text = (i: number) => sentences[i]?.text ?? ''
  let [from, to] = [at, at]
  let length = text(at).length
  for (let grown = true; grown; ) {
    grown = false
    for (const i of [to + 1, from - 1]) {
      if (sentences[i] === undefined || sentences[i].isHeading || length + text(i).length > MAX_QUOTE_CHARS) continue
      length += text(i).length + 1
      if (i > to) to = i
      else from = i
      grown = true
    }
  }
  const glued = sentences.slice(from, to + 1).map((sentence) => sentence.text)
  const chars = Array.from(glued.reduce((all, next) => all + (needsBlank(all, next) ? ' ' : '') + next, ''))
  const cut =
    chars.length > MAX_QUOTE_CHARS * 1.5 ? `${chars.slice(0, MAX_QUOTE_CHARS).join('').trimEnd()} …` : chars.join('')
  return `${from > 0 ? '… ' : ''}${cut}${to < sentences.length - 1 && !cut.endsWith('…') ? ' …' : ''}`.replace(
    /\s+/g,
    ' ',
  )
}

const needsBlank = (before: string, after: string): boolean =>
  before !== '' && !(/[。！？；、，」』）]$/.test(before) && /^\P{ASCII}/u.test(after))

/** Whether question and passages are written in different scripts, so that words cannot meet. */
function scriptsDiffer(question: string, passages: readonly Passage[]): boolean {
  const cjk = (text: string) =>
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u.test(text)
  return passages.every((passage) => cjk(passage.content.slice(0, 400)) !== cjk(question))
}

/**
 * Answers a question from recalled passages, best first, with their own sentences. `before` is the question asked
 * before, if any. `passages` undefined means that there is no knowledge at all.
 */
export function answer(text: string, before: string, passages: readonly Passage[] | undefined): Answer {
  const question = readQuestion(text, before)
  const phrases = PHRASES[question.language]
  if (passages === undefined) return { text: phrases.noModel, sources: [] }
  const readings = readPassages(passages)
  const ranked = question.kind === 'summary' ? leads(readings) : rankSentences(question, readings)
  const best = ranked[0]
  if (best === undefined && !scriptsDiffer(text, passages)) return { text: phrases.nothing, sources: [] }
  if (passages.length === 0) return { text: phrases.nothing, sources: [] }

  const answers = best !== undefined && (question.kind === 'summary' || best.coverage >= ANSWERS_FROM)
  const chosen = answers
    ? question.kind === 'summary'
      ? ranked.slice(0, MAX_SENTENCES)
      : choose(question, ranked)
    : []
  const places = new Map<number, number>()
  for (const { passage, at } of [...chosen, ...ranked]) {
    if (places.size === MAX_QUOTES) break
    if (!places.has(passage)) places.set(passage, at)
  }
  if (best === undefined) for (const i of passages.keys()) if (places.size < MAX_QUOTES) places.set(i, 0)
  const numbers = new Map([...places.keys()].map((passage, i) => [passage, i + 1]))
  const sources = [...places].map(([passage, at], i) => ({
    number: i + 1,
    document: passages[passage]?.documentName ?? '',
    quote: quote(readings[passage]?.sentences ?? [], at),
  }))
  if (!answers) return { text: phrases.closest, sources }
  const told = new Set<string>()
  const lines = chosen.map((candidate) => {
    const parts = withContext(question, candidate, readings).filter(({ text }) => !told.has(text))
    for (const part of parts) told.add(part.text)
    const written = parts.reduce((all, part) => {
      const gap = all === '' ? '' : part.isListItem ? '\n' : needsBlank(all, part.text) ? ' ' : ''
      return all + gap + part.text
    }, '')
    return written === '' ? '' : `${written} [${numbers.get(candidate.passage)}]`
  })
  return { text: lines.filter((line) => line !== '').join('\n'), sources }
}

/** For "what is this about": the opening sentence of each passage. */
function leads(readings: readonly Reading[]): Candidate[] {
  return readings.flatMap(({ sentences }, passage) => {
    const first = sentences.find((sentence) => !sentence.isHeading && sentence.text.length > 20) ?? sentences[0]
    return first === undefined ? [] : [{ ...first, passage, score: 1, coverage: 1, terms: new Set<string>() }]
  })
}

/** The answer as text: the sentences, then every quote under its number and the name of its document. */
export function writeAnswer({ text, sources }: Answer, question: string): string {
  if (sources.length === 0) return text
  const quotes = sources.map(({ number, document, quote }) => `[${number}] ${document}\n> ${quote}`)
  const title = text.includes('[1]') ? `${PHRASES[readQuestion(question).language].sources}\n\n` : ''
  return `${text}\n\n${title}${quotes.join('\n\n')}`
}
