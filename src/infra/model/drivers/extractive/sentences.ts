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
/** A Thai sentence has no full stop; blanks part its clauses, so clauses are put together up to this length. */
const THAI_CHARS = 45
/** What has no end of a sentence for so long is cut at a comma or a blank. */
const MAX_SENTENCE_CHARS = 500
/** A line at least this full was broken by the width of the page. */
const FULL_LINE = 0.75
const ASKED = /^(?:q(?:uestion)?|问|問|質問|คำถาม)\s?[:：.]\s*/i
const ANSWERED = /^(?:a(?:nswer)?|答|回答|คำตอบ)\s?[:：]\s*/i

const isCjkEnd = (text: string): boolean => /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}，、]$/u.test(text)

/** Lines that a page width broke are put together again; lists, tables, headings and short lines stay lines. */
function lines(text: string): string[] {
  const raw = text.split(/\r?\n/).map((line) => line.trim())
  const widest = raw.reduce((most, line) => Math.max(most, line.length), 0)
  const out: string[] = []
  let previous = ''
  for (const line of raw) {
    const last = out.at(-1)
    const goesOn = /^[\p{Ll}(]/u.test(line) ? previous.length > 20 : previous.length >= Math.max(30, widest * FULL_LINE)
    const breaks =
      line === '' ||
      /[.!?:。！？：；|]$/.test(previous) ||
      [HEADING, LIST_ITEM, ASKED, ANSWERED].some((mark) => mark.test(line)) ||
      HEADING.test(previous) ||
      line.includes('|')
    if (last === undefined || previous === '' || breaks || !goesOn) out.push(line)
    else out[out.length - 1] = isCjkEnd(last) ? last + line : `${last} ${line}`
    previous = line
  }
  return out.filter((line) => line !== '')
}

/** Whether a line without a mark is a heading all the same: a few words, no end, and a longer line below. */
function looksLikeHeading(line: string, next: string | undefined): boolean {
  if (next === undefined || next.length <= line.length || LIST_ITEM.test(line)) return false
  if (/[.!?:,;|=。！？：，、；)）\d]$/.test(line) || /[|:：=\t]/.test(line) || isThai(line)) return false
  return isCjkEnd(line) ? line.length <= 16 : line.split(/\s+/).length <= 6 && /^\p{Lu}/u.test(line)
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

/** Pieces of at most so many units, cut behind a comma or a blank where there is one. */
function shorten(text: string): string[] {
  const out: string[] = []
  let rest = text
  while (rest.length > MAX_SENTENCE_CHARS) {
    const head = rest.slice(0, MAX_SENTENCE_CHARS)
    const at = Math.max(head.lastIndexOf(', '), head.lastIndexOf('，'), head.lastIndexOf('、'), head.lastIndexOf(' '))
    const end = at > MAX_SENTENCE_CHARS / 2 ? at + 1 : MAX_SENTENCE_CHARS - (/[\ud800-\udbff]$/.test(head) ? 1 : 0)
    out.push(rest.slice(0, end).trim())
    rest = rest.slice(end).trim()
  }
  return [...out, rest]
}

/** The sentences of a passage in order. Headings and list items are kept as they are and marked. */
export function sentencesOf(passage: string): Sentence[] {
  const out: Sentence[] = []
  let heading = ''
  const all = lines(passage)
  for (const [i, line] of all.entries()) {
    if (/^[-=_*|:\s]+$/.test(line)) continue
    const isHeading = HEADING.test(line) || looksLikeHeading(line, all[i + 1])
    if (isHeading) heading = line.replace(HEADING, '')
    const isListItem = !isHeading && LIST_ITEM.test(line)
    const asked = ASKED.test(line)
    const said = line.replace(ASKED, '').replace(ANSWERED, '')
    const pieces = isHeading ? [heading] : (isThai(said) ? splitThai(said) : splitLatin(said)).flatMap(shorten)
    for (const text of pieces) {
      const isQuestion = asked || /[?？]["'”’）)]*$/.test(text)
      out.push({ text, at: out.length, heading: isHeading ? '' : heading, isHeading, isListItem, isQuestion })
    }
  }
  return out
}
