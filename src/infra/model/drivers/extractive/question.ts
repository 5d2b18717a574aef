import { termsOf } from './terms.ts'

/** What kind of thing the answer must hold. */
export type AnswerKind =
  | 'duration'
  | 'money'
  | 'percent'
  | 'number'
  | 'date'
  | 'person'
  | 'place'
  | 'contact'
  | 'reason'
  | 'procedure'
  | 'definition'
  | 'summary'
  | 'other'

export type Language = 'en' | 'zh' | 'ja' | 'th'

export type Question = {
  language: Language
  kind: AnswerKind
  /** What is looked for, each with how much it counts (1, less for what only an earlier question named). */
  terms: ReadonlyMap<string, number>
  /** The terms in the order of the question. */
  order: readonly string[]
}

/** First match wins, so the narrower kinds come first. */
const KINDS: readonly [AnswerKind, RegExp][] = [
  [
    'summary',
    /^\s*(?:please\s+)?(?:summari[sz]e|give .{0,20}(?:summary|overview)|what (?:is|are) (?:this|these|it|the documents?) about)|总结|概括|概述|摘要|要約|まとめ|สรุป/i,
  ],
  [
    'contact',
    /e-?mails?\b|\bphone|telephone|hotline|\bcontact\b|website|\burl\b|电话|邮箱|邮件|联系|网址|官网|電話|メール|連絡先|โทร|อีเมล|ติดต่อ/i,
  ],
  [
    'money',
    /how much (?:does|do|is|are|will|did|would|money)|\b(?:price|cost|costs|fee|fees|salary|budget)\b|多少钱|价格|费用|收费|售价|いくら|値段|料金|ราคา|กี่บาท|ค่าใช้จ่าย/i,
  ],
  ['percent', /percent|percentage|\brate of\b|百分|比例|何パーセント|ร้อยละ|เปอร์เซ็นต์/i],
  [
    'duration',
    /how long|how (?:soon|fast)|how many (?:days|hours|minutes|weeks|months|years)|多久|多长时间|几天|几年|几个月|几小时|期限|どのくらいの期間|何年間|何日間|何時間|期間|นานเท่า|กี่วัน|กี่ปี|กี่เดือน/i,
  ],
  [
    'date',
    /\bwhen\b|what (?:year|date|day|time)|which (?:year|date|day|month)|什么时候|何时|哪年|哪一年|哪天|几点|几月|几号|日期|いつ|何年|何月|何日|何時|เมื่อไ|วันไหน|วันที่เท่า|ปีไหน/i,
  ],
  [
    'number',
    /how (?:many|much|old|big|large|high|tall|far|deep|heavy|often)|what (?:number|amount|size)|number of|多少|几个|几|多大|多高|多远|数量|いくつ|何人|何個|何台|何回|どれくらい|どのくらい|กี่|เท่าไ|จำนวน/i,
  ],
  ['person', /\bwho(?:m|se)?\b|谁|何人|哪位|誰|だれ|どなた|ใคร/i],
  [
    'place',
    /\bwhere\b|which (?:city|country|place|room|floor)|哪里|哪儿|在哪|何处|地址|地点|どこ|場所|住所|ที่ไหน|สถานที่/i,
  ],
  ['reason', /\bwhy\b|reason|为什么|为何|原因|なぜ|どうして|理由|ทำไม|เพราะอะไร/i],
  [
    'procedure',
    /how (?:do|can|to|should|does one|must)|steps? to|怎么|怎样|如何|步骤|どうやって|方法|手順|อย่างไร|ยังไง|วิธี/i,
  ],
  ['definition', /what (?:is|are|does .* mean)|define|meaning of|什么是|是什么|何谓|定义|とは|คืออะไร/i],
]

/** Signs of each kind in a sentence. A kind that is missing here has none that could be trusted. */
const MONTHS = 'january|february|march|april|may|june|july|august|september|october|november|december'
const NUMBER =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|dozen|twice|once)\b|[一二两三四五六七八九十百千万]+[个名位台人次份条件天年月小時时分]|[๐-๙]/iu
const SIGNS: Partial<Record<AnswerKind, RegExp>> = {
  number: NUMBER,
  duration: new RegExp(
    `(?:${NUMBER.source})[\\s-]*\\S{0,12}\\s?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|business|working|个?月|年|天|日|小时|分钟|周|星期|工作日|時間|週間|か月|ヶ月|วัน|เดือน|ปี|ชั่วโมง|นาที|สัปดาห์)|\\b(?:immediately|forever|lifetime|unlimited)\\b|终身|永久`,
    'iu',
  ),
  money:
    /[$€£¥￥฿₩₹]\s?\d|\d[\d,.]*\s?(?:usd|eur|gbp|cny|rmb|jpy|thb|dollars?|euros?|pounds?|yuan|yen|baht|cents?|元|块|万元|美元|欧元|円|บาท)|\bfree\b|免费|無料|ฟรี/i,
  percent: /\d\s?(?:%|％|percent|パーセント|เปอร์เซ็นต์)|百分之|ร้อยละ/i,
  date: new RegExp(
    `\\b(?:1[5-9]|20)\\d\\d\\b|\\b(?:${MONTHS})\\b|\\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\\d{1,2}[:：]\\d\\d|\\d{1,2}\\s?(?:am|pm)\\b|\\d+\\s?[年月日号點点時时]|(?:1[5-9]|20)\\d\\d|[-/.]\\d{1,2}[-/.]\\d|周[一二三四五六日]|星期|พ\\.ศ|มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม|วันจันทร์|วันศุกร์`,
    'i',
  ),
  contact: /[\w.+-]+@[\w-]+\.\w+|https?:\/\/|www\.|\+?\d[\d\s()-]{6,}\d/i,
  reason:
    /\b(?:because|since|due to|reason|therefore|so that|in order to|caused? by)\b|因为|由于|原因|以便|为了|因此|ため|ので|理由|เพราะ|เนื่องจาก|เพื่อ/i,
  procedure:
    /^\s*(?:[-*•]|\d+[.)、])|\b(?:first|then|next|finally|click|press|open|select|choose|go to|enter|install|run|send|fill|call|must|step)\b|首先|然后|最后|点击|打开|选择|输入|进入|步骤|まず|次に|クリック|押し|選択|คลิก|กด|เลือก|ขั้นตอน/i,
  definition:
    /\b(?:is|are) (?:an?|the|any|one)\b|\b(?:means|refers to|stands for|is called|describes)\b|是(?:一|指|由)|指的是|称为|とは|である|です|คือ|หมายถึง/i,
  place:
    /\b(?:in|at|near|on|to|from|floor|street|road|avenue|room|building|city)\b\s+(?:the\s+)?[\p{Lu}\d]|[省市区县路街号楼层室州]|位于|地址|にあり|階|住所|ตั้งอยู่|ชั้น|ถนน|จังหวัด/u,
  person:
    /(?<=[\p{Ll},;:)]\s)\p{Lu}[\p{Ll}'’-]+(?:\s+\p{Lu}[\p{Ll}'’.-]*)*|^\p{Lu}[\p{Ll}'’-]+\s+\p{Lu}[\p{Ll}'’-]+|先生|女士|博士|教授|经理|主任|创始人|氏|さん|社長|นาย|นาง|ดร\./u,
}

/** How well a sentence fits the kind: above 1 when it holds what was asked for, below 1 when it plainly does not. */
export function fitsKind(kind: AnswerKind, sentence: string): number {
  const sign = SIGNS[kind]
  if (sign === undefined) return 1
  if (sign.test(sentence)) return 1.35
  return kind === 'person' || kind === 'place' || kind === 'definition' || kind === 'procedure' ? 0.9 : 0.7
}

/** The language that a text is mostly written in, as far as the fixed phrases differ by it. */
export function languageOf(text: string): Language {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja'
  if (/\p{Script=Thai}/u.test(text)) return 'th'
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0
  const words = text.match(/[a-z]{2,}/gi)?.length ?? 0
  return han > 0 && han >= words ? 'zh' : 'en'
}

/** Words that point back to what was said before. */
const POINTS_BACK =
  /\b(?:it|its|that|this|they|them|those|these|he|she|there|same)\b|^\s*(?:and|what about|how about)\b|它|他们|她|那|这个|それ|その|あれ|นั้น|มัน/i

/** Reads a question; the one before it lends its terms when this one leans on it. */
export function readQuestion(text: string, before = ''): Question {
  const order = termsOf(text)
  const terms = new Map(order.map((term) => [term, 1]))
  if (terms.size < 2 || POINTS_BACK.test(text))
    for (const term of termsOf(before)) if (!terms.has(term)) terms.set(term, 0.4)
  const kind = KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other'
  return { language: languageOf(text), kind, terms, order }
}
