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

/** First match wins, so the narrower kinds come first. */
const KINDS: readonly [AnswerKind, RegExp][] = [
  [
    'summary',
    /^\s*(?:please\s+)?(?:summari[sz]e|give .{0,20}(?:summary|overview)|what (?:is|are) (?:this|these|it|the documents?) about)|总结|概括|概述|摘要|要約|まとめ|สรุป/i,
  ],
  [
    'contact',
    /(?:what|which|whose|give).{0,40}(?:e-?mail|phone)|phone number|e-?mail address|telephone|hotline|\bcontact\b|website|\burl\b|电话|邮箱|联系|网址|官网|電話|メール|連絡先|โทร|อีเมล|ติดต่อ/i,
  ],
  [
    'money',
    /how much (?:does|do|is|are|will|did|would|money|for)\b|\b(?:price|cost|costs|fee|fees|salary|budget)\b|多少钱|价格|费用|收费|售价|いくら|値段|料金|ราคา|กี่บาท|ค่าใช้จ่าย/i,
  ],
  ['percent', /percent(?:age)?|\brate of\b|百分|比例|何パーセント|割合|ร้อยละ|เปอร์เซ็นต์/i],
  [
    'duration',
    /how long|how (?:soon|fast)|how many (?:days|hours|minutes|weeks|months|years)|多久|多长时间|几天|几年|几个月|几小时|(?:多|有效)期限|\bperiod\b|duration|どのくらいの期間|何年間|何日間|何時間|期間|นานเท่า|กี่วัน|กี่ปี|กี่เดือน/i,
  ],
  [
    'date',
    /\bwhen\b|deadline|birthday|what (?:year|date|day|time)|which (?:year|date|day|month)|什么时候|何时|哪年|哪一年|哪天|几点|几时|几月|几号|日期|いつ|何年|何月|何日|何時|เมื่อไ|วันไหน|วันที่เท่า|ปีไหน|กี่โมง/i,
  ],
  [
    'number',
    /how (?:many|much|old|big|large|high|tall|far|deep|heavy|often)|what (?:number|amount|size)|number of|what(?:'s| is| was) the (?:weight|height|length|width|size|capacity|speed|voltage|power|population|temperature|limit|maximum|minimum|average|total|amount|number)|多少|几个|几|多大|多高|多远|数量|いくつ|何人|何個|何台|何回|どれくらい|どのくらい|กี่|เท่าไ|จำนวน/i,
  ],
  ['person', /\bwho(?:m|se)?\b|what(?:'s| is) the name of|谁|哪位|哪个人|誰|だれ|どなた|ใคร/i],
  [
    'place',
    /\bwhere\b|which (?:city|country|place|room|floor)|哪里|哪儿|在哪|何处|地址|地点|どこ|場所|住所|ที่ไหน|สถานที่/i,
  ],
  ['reason', /\bwhy\b|reason|为什么|为何|原因|なぜ|どうして|理由|ทำไม|เพราะอะไร/i],
  [
    'procedure',
    /how (?:do|can|to|should|does one|must|would|shall)\b|steps? to|怎么|怎样|如何|步骤|どうやって|方法|手順|อย่างไร|ยังไง|วิธี/i,
  ],
  ['definition', /what (?:is|are|does .* mean)|define|meaning of|什么是|是什么|何谓|定义|とは|คืออะไร/i],
]

/** What kind of thing a question asks for, and the words that say so. */
export function kindOf(question: string): { kind: AnswerKind; words: string } {
  for (const [kind, pattern] of KINDS) {
    const match = pattern.exec(question)
    if (match !== null) return { kind, words: match[0] }
  }
  return { kind: 'other', words: '' }
}

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
    /\b(?:is|are) (?:an?|any|one)\b|\b(?:means|refers to|stands for|is called|describes)\b|是(?:一|指|由)|指的是|称为|とは|である|です|คือ|หมายถึง/i,
  place:
    /\b(?:in|at|near|on|to|from|floor|street|road|avenue|room|building|city)\b\s+(?:the\s+)?[\p{Lu}\d]|[省市区县路街号楼层室州]|位于|地址|にあり|階|住所|ตั้งอยู่|ชั้น|ถนน|จังหวัด/u,
  person:
    /(?<=[\p{Ll},;:)]\s)\p{Lu}[\p{Ll}'’-]+(?:\s+\p{Lu}[\p{Ll}'’.-]*)*|^\p{Lu}[\p{Ll}'’-]+\s+\p{Lu}[\p{Ll}'’-]+|先生|女士|博士|教授|经理|总监|主任|主管|校长|老师|医生|院长|部长|局长|创始人|负责人|作者|[人者长师]\s?[:：]|氏|さん|社長|นาย|นาง|ดร\./u,
}

/** Years that only place a sentence in time are no counts. */
const IN_YEAR =
  /\b(?:in|since|from|by|of|until|till|before|after|im|seit|en|depuis)\s+(?:1[5-9]|20)\d\d\b|(?:1[5-9]|20)\d\d\s?年/giu
/** For these the lack of a sign says little: they are written in too many ways. */
const UNSURE: ReadonlySet<AnswerKind> = new Set(['person', 'place', 'definition', 'procedure', 'reason'])

/** How well a sentence fits the kind: above 1 when it holds what was asked for, below 1 when it plainly does not. */
export function fitsKind(kind: AnswerKind, sentence: string): number {
  const sign = SIGNS[kind]
  if (sign === undefined) return 1
  if (sign.test(kind === 'number' || kind === 'money' ? sentence.replace(IN_YEAR, ' ') : sentence))
    return kind === 'definition' ? 1.15 : 1.35
  return UNSURE.has(kind) ? 0.9 : 0.7
}
