/** Words that carry no subject: they never count as found. Question words are here too; question.ts reads them. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an the this that these those it its he she him her his they them their we us our you your i me my mine yours
  is are was were be been being am do does did doing done has have had having will would shall should can could may
  might must of in on at by for to from with without about into onto over under than then as if or and but nor not no
  so there here what which who whom whose when where why how many much long often please tell show give explain
  describe list say says said let know any some all every each anything something anyone someone get gets got also just only very more most other such
  der die das den dem des ein eine einen einem einer und oder ist sind war wie was wer wo wann warum mit von zu im in
  le la les un une des du de et ou est sont qui que quoi quand comment pourquoi dans avec pour par au aux
  el los las una unos unas y o es son quien qué cómo cuándo dónde por con para en
  คือ ที่ และ ของ ใน เป็น ได้ ให้ มี จะ ไม่ ว่า กับ หรือ ก็ นี้ นั้น อะไร ใคร เมื่อไร เมื่อไหร่ เท่าไร เท่าไหร่ กี่ ที่ไหน อย่างไร ยังไง ทำไม ไหม ครับ ค่ะ`.split(
    /\s+/,
  ),
)
/** Sequences inside Chinese and Japanese text that carry no subject; they also end a run of subject characters. */
const STOP_SEQUENCES =
  /请问|告诉我|告诉|介绍一下|一下|(?<![需重主必概])要(?![求点素闻])|多少|多大|多高|多远|多重|多宽|多长(?!时间)|什么时候|什么意思|什么|怎么样|怎么|怎样|如何|为什么|为何|哪里|哪儿|哪些|哪个|哪|何时|何人|是否|能否|可以|有没有|是不是|多久|多长时间|几|谁|吗|呢|吧|啊|的|了|着|是|在|有|和|与|及|或|也|就|都|而|被|把|对|从|到|我们|你们|他们|我|你|您|他|她|它|这|那|何ですか|何|誰|教えて|ください/g

const KANA_STOP =
  /^(?:いつ|どこ|だれ|どなた|いくら|いくつ|なぜ|どう|どの|どれ|これ|それ|この|その|こちら|あなた|です|ます|ください|ありますか|とは)/
const HAN = /\p{Script=Han}/u
const TOKEN =
  /[\p{Script=Han}々]+|[\p{Script=Katakana}ー]+|\p{Script=Hiragana}+|\p{Script=Hangul}+|[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]+|\p{N}+(?:[.,]\p{N}+)*|(?:(?!\p{Script=Han}|\p{Script=Katakana}|\p{Script=Hiragana}|\p{Script=Hangul}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer})[\p{L}\p{M}])(?:(?!\p{Script=Han}|\p{Script=Katakana}|\p{Script=Hiragana}|\p{Script=Hangul}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer})[\p{L}\p{M}\p{N}])*(?:['’](?=\p{L})[\p{L}\p{M}]+)?/gu

/** English forms that no ending gives away. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  `sold sell|bought buy|made make|paid pay|sent send|began begin|begun begin|wrote write|written write|built build
  |held hold|kept keep|left leave|met meet|lost lose|won win|led lead|taught teach|thought think|gave give|given give
  |took take|taken take|went go|gone go|came come|became become|grew grow|grown grow|knew know|known know|ran run
  |chose choose|chosen choose|spoke speak|spoken speak|drove drive|driven drive|broke break|broken break|men man
  |women woman|children child|people person|feet foot|died die|dying die|lay lie`
    .split(/\s*\|/)
    .map((pair): [string, string] => {
      const [form = '', word = ''] = pair.trim().split(' ')
      return [form, word]
    }),
)

/** English endings off, so that "lasts", "lasting" and "lasted" meet. Too little rather than too much. */
export function stem(word: string): string {
  let out = word.replace(/['’](s|re|ve|ll|d|t|m)$/, '')
  out = IRREGULAR.get(out) ?? out
  if (out.length > 4) {
    if (out.endsWith('ies')) out = `${out.slice(0, -3)}y`
    else if (/(s|x|z|ch|sh)es$/.test(out)) out = out.slice(0, -2)
    else if (/[^suai]s$/.test(out)) out = out.slice(0, -1)
  }
  if (out.length > 5) {
    const cut = out.replace(/(?:ing|ed)$/, '')
    if (cut.length >= 3 && /[aeiouy]/.test(cut)) out = cut.replace(/([bdgmnprt])\1$/, '$1')
    out = out.length > 6 ? out.replace(/ly$/, '') : out
  }
  return out.length > 4 ? out.replace(/e$/, '') : out
}

const bigrams = (run: string): string[] => {
  const chars = Array.from(run)
  return chars.length < 2 ? chars : chars.slice(1).map((char, i) => `${chars[i]}${char}`)
}

/** Dictionary words. The first segmenter of a process loads 18 ms of data, so only these scripts ask for one. */
const segment = (run: string): string[] =>
  Array.from(new Intl.Segmenter('th', { granularity: 'word' }).segment(run), (part) => part.segment)

/**
 * The terms of a text in order, ready to compare: words lower-cased and stemmed, numbers without separators, pairs
 * of characters in Chinese, Korean and kanji runs (which need no dictionary), dictionary words in Thai and its kin.
 */
export function termsOf(text: string): string[] {
  const out: string[] = []
  const normal = text.normalize('NFKC').toLowerCase()
  for (const { 0: token, index } of normal.matchAll(TOKEN)) {
    if (HAN.test(token)) for (const run of token.replace(STOP_SEQUENCES, ' ').split(' ')) out.push(...bigrams(run))
    else if (/^\p{Script=Hangul}/u.test(token)) out.push(...bigrams(token))
    else if (/^\p{Script=Hiragana}/u.test(token)) {
      // Behind kanji they are endings and particles.
      const attached = /[\p{Script=Han}\p{Script=Katakana}]/u.test(normal.charAt(index - 1))
      if (!attached && token.length >= 3 && !KANA_STOP.test(token)) out.push(token)
    } else if (/^[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u.test(token)) {
      for (const word of segment(token)) if (!STOP_WORDS.has(word)) out.push(word)
    } else if (/^\p{N}/u.test(token)) out.push(token.replace(/,(?=\d{3})/g, ''))
    else if (!STOP_WORDS.has(token)) out.push(stem(token.replace(/\p{M}/gu, '')))
  }
  return out.filter((term) => term !== '')
}
