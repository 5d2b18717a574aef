/** Measuring and cutting text: all sizes are code points, all positions UTF-16 offsets. */

/** The number of code points of a well-formed text. */
export function codePointCount(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--
  return count
}

/** How far a cut moves back to spare a character that is composed of several code points. */
const MAX_CLUSTER = 32
/** Marks, joiners, the later parts of Hangul syllables, skin tones and tags. */
const CONTINUES = /^(?:\p{M}|\u200d|[\u1160-\u11ff]|[\u{1f3fb}-\u{1f3ff}]|[\u{e0020}-\u{e007f}])/u
const REGIONAL = /^[\u{1f1e6}-\u{1f1ff}]/u

/** The offset `points` code points after `from`, at most the end of the text. */
export function offsetAfter(text: string, from: number, points: number): number {
  let at = from
  for (let i = 0; i < points && at < text.length; i++) at += isLead(text, at) ? 2 : 1
  return at
}

/** The offset `points` code points before `from`, at least 0. */
export function offsetBefore(text: string, from: number, points: number): number {
  let at = from
  for (let i = 0; i < points && at > 0; i++) at -= at > 1 && isLead(text, at - 2) ? 2 : 1
  return at
}

const isLead = (text: string, at: number): boolean =>
  (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00

/** The last offset in `(from, to]` that is not inside of a composed character; `to` itself if there is none near. */
export function clusterBoundary(text: string, from: number, to: number): number {
  let at = to
  for (let i = 0; i < MAX_CLUSTER && at > from; i++) {
    if (!isInsideCluster(text, at)) return at
    at = offsetBefore(text, at, 1)
  }
  return to
}

function isInsideCluster(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false
  const next = text.charCodeAt(at)
  if (next < 0x300) return false
  const before = text.charCodeAt(at - 1)
  if (before === 0x200d) return true
  const after = text.slice(at, at + 2)
  if (CONTINUES.test(after)) return true
  return REGIONAL.test(after) && regionalsBefore(text, at) % 2 === 1
}

/** A flag is a pair of regional indicators, so an odd number of them before a position means its inside. */
function regionalsBefore(text: string, at: number): number {
  let count = 0
  while (count < MAX_CLUSTER && REGIONAL.test(text.slice(at - 2 * (count + 1), at - 2 * count))) count++
  return count
}

const WIDE_END = new Set('。！？｡．')
const END = new Set('.!?…')
const CLOSING = new Set('"\'”’»)]}）】」』〉》＂')
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|\d{1,3}|[eE]\.g|[iI]\.e|etc|vs|cf|ca|approx|[nN]o|[fF]ig|[dD]r|[mM]rs?|[mM]s|[pP]rof|[sS]t|[vV]ol)$/u

/**
 * Where sentences end: after 。！？ at once, after . ! ? … before white space, at newlines. Offsets lie behind the
 * white space that follows; the last one is the end of the text.
 */
export function sentenceEnds(text: string): number[] {
  const ends: number[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? ''
    const wide = WIDE_END.has(char)
    if (!wide && char !== '\n' && !END.has(char)) continue
    let next = i + 1
    if (char !== '\n')
      while (END.has(text[next] ?? '') || WIDE_END.has(text[next] ?? '') || CLOSING.has(text[next] ?? '')) next++
    const closed = next
    while (next < text.length && isSpace(text.charCodeAt(next))) next++
    const ended = char === '\n' || wide || (next > closed && !continues(text, start, i, next))
    if (ended && next < text.length) {
      ends.push(next)
      start = next
    }
    i = Math.max(i, (ended ? next : closed) - 1)
  }
  if (text.length > 0) ends.push(text.length)
  return ends
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0x3000

/** A full stop that ends no sentence: a small letter follows, or it belongs to an abbreviation or a list number. */
function continues(text: string, start: number, stop: number, next: number): boolean {
  if (text[stop] !== '.') return false
  if (/^\p{Ll}/u.test(text.slice(next, next + 2))) return true
  return ABBREVIATION.test(text.slice(Math.max(start, stop - 8), stop))
}

const CLAUSE = new Set(',;:，；：、—')

/**
 * Where a piece that begins at `from` ends: at `end` if that is at most `points` code points away, white space at its
 * end aside; else in the last third of what fits, behind a clause or between words; else between characters.
 */
export function softCut(text: string, from: number, end: number, points: number): number {
  const hard = offsetAfter(text, from, points)
  if (hard >= end || text.slice(hard, Math.min(end, hard + points)).trim() === '') return end
  const least = hard - Math.floor((hard - from) / 3)
  let space = 0
  for (let at = hard; at > least; at--) {
    if (CLAUSE.has(text[at - 1] ?? '')) return afterSpace(text, at, hard)
    if (isSpace(text.charCodeAt(at - 1))) space ||= at
  }
  return space > 0 ? space : clusterBoundary(text, from, hard)
}

function afterSpace(text: string, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(text.charCodeAt(at))) at++
  return at
}

const WORD = /[\p{L}\p{N}]/u
/** Scripts without spaces: any place between characters is as good. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Moves a cut back to the start of the word it would tear, by at most `reach` code points; else to a character. */
export function wordCut(text: string, from: number, to: number, reach: number): number {
  const cut = clusterBoundary(text, from, to)
  let at = cut
  for (let i = 0; i <= reach && at > from; i++) {
    if (!tearsWord(text, at)) return at
    at = offsetBefore(text, at, 1)
  }
  return cut
}

function tearsWord(text: string, at: number): boolean {
  if (at >= text.length) return false
  const before = text.slice(offsetBefore(text, at, 1), at)
  const after = text.slice(at, at + (isLead(text, at) ? 2 : 1))
  return WORD.test(before) && WORD.test(after) && !UNSPACED.test(before) && !UNSPACED.test(after)
}

/** Moves a start forward to the next word, by at most `reach` code points; else to the next character. */
export function wordStart(text: string, from: number, to: number, reach: number): number {
  let start = from
  while (start < to && isInsideCluster(text, start)) start = offsetAfter(text, start, 1)
  let at = start
  for (let i = 0; i <= reach && at < to; i++) {
    if (!tearsWord(text, at)) return at
    at = offsetAfter(text, at, 1)
  }
  return start
}
