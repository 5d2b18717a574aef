/** One sentence of a passage, with what stands round it. */
export type Sentence = {
  text: string
  /** Place in the passage, from 0. */
  at: number
  /** The nearest heading above, or ''. */
  heading: string
  isHeading: boolean
  isListItem: boolean
  isQuestion: boolean
}

const ABBREVIATION =
  /(?:^|[\s(])(?:dr|mr|mrs|ms|prof|sr|jr|st|no|nr|vs|etc|e\.g|i\.e|approx|fig|vol|ca|z\.b|d\.h|bzw|usw|inc|ltd|co|corp|u\.s|a\.m|p\.m|\p{Lu})\.$/iu
const HEADING = /^#{1,6}\s+/
const LIST_ITEM =
  /^(?:[-*•·▪–]\s+|\(?\d{1,2}[.)、]\s*(?!\d)|[a-z]\)\s+|[①-⑳]|[(（]?[一二三四五六七八九十]{1,2}[)）、])/u
const CJK_END = /[。！？；…!?]/
/** A Thai sentence has no full stop; blanks part its clauses, so clauses are put together up to this length. */
const THAI_CHARS = 90

/** Lines that a page width broke are put together again; lists, tables, headings and short lines stay lines. */
function lines(text: string): string[] {
  const out: string[] = []
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    const last = out.at(-1) ?? ''
    const wrapped =
      line !== '' &&
      last.length > 40 &&
      !/[.!?:。！？：；|]$/.test(last) &&
      !HEADING.test(last) &&
      !LIST_ITEM.test(line) &&
      !HEADING.test(line) &&
      !line.includes('|') &&
      /^[\p{Ll}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}(]/u.test(line)
    if (!wrapped) out.push(line)
    else
      out[out.length - 1] = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u.test(last)
        ? last + line
        : `${last} ${line}`
  }
  return out.filter((line) => line !== '')
}

function splitLatin(line: string): string[] {
  const out: string[] = []
  let start = 0
  for (const match of line.matchAll(/[.!?]+["'”’)\]]*(?=\s)|[。！？；…]+[」』”’）]*/g)) {
    const end = match.index + match[0].length
    const piece = line.slice(start, end)
    const isStop = match[0].startsWith('.')
    const next = line.slice(end).trimStart()
    if (
      isStop &&
      (ABBREVIATION.test(piece) ||
        /^\p{Ll}/u.test(next) ||
        (LIST_ITEM.test(`${piece.trim()} `) && piece.trim().length < 5))
    )
      continue
    out.push(piece.trim())
    start = end
  }
  out.push(line.slice(start).trim())
  return out.filter((piece) => piece !== '')
}

function splitThai(line: string): string[] {
  const out: string[] = []
  for (const clause of line.split(/\s+/)) {
    const last = out.at(-1)
    if (last !== undefined && last.length + clause.length < THAI_CHARS) out[out.length - 1] = `${last} ${clause}`
    else out.push(clause)
  }
  return out
}

const isThai = (line: string): boolean =>
  (line.match(/[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu)?.length ?? 0) > line.length / 3

/** The sentences of a passage in order. Headings and list items are kept as they are and marked. */
export function sentencesOf(passage: string): Sentence[] {
  const out: Sentence[] = []
  let heading = ''
  for (const line of lines(passage)) {
    if (/^[-=_*|:\s]+$/.test(line)) continue
    const isHeading = HEADING.test(line)
    if (isHeading) heading = line.replace(HEADING, '')
    const isListItem = !isHeading && LIST_ITEM.test(line)
    const pieces = isHeading ? [heading] : isThai(line) ? splitThai(line) : splitLatin(line)
    for (const text of pieces) {
      const isQuestion = /[?？]["'”’）)]*$/.test(text)
      out.push({ text, at: out.length, heading: isHeading ? '' : heading, isHeading, isListItem, isQuestion })
    }
  }
  return out
}

/** Whether a text ends like a sentence, so that nothing needs to be put behind it. */
export const endsSentence = (text: string): boolean => /[.:]["'”’)]*$/.test(text) || CJK_END.test(text.slice(-2))
