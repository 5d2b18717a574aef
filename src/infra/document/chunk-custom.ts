import { chunkFrom } from './packer.ts'
import { offsetAfter, offsetBefore, wordCut, wordStart } from './text-units.ts'
import type { Block, Chunk, ChunkStrategy } from './types.ts'

export type CustomStrategy = Required<Extract<ChunkStrategy, { type: 'custom' }>>

/** A cut moves back to the start of a word by at most this share of the size. */
const WORD_REACH = 0.1
const MAX_WORD_REACH = 40
// Bounded and anchored, so that no text makes them slow.
const URL = /(?:https?:\/\/|\bwww\.)[^\s<>"'，。；！？、）】》]{1,2048}(?<![.,;:!?)\]])/giu
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/giu

/** Adjoining blocks as one text, so that a separator may stand across them; a row is a text by itself. */
type Region = { text: string; parts: { at: number; block: Block }[] }

/**
 * Splits at the literal separator, then fills chunks of up to `maxChars` code points from each part; parts are never
 * merged. A full chunk's last `overlapPercent` is repeated by the next chunk of the same part. Cuts spare words and
 * composed characters where that costs little.
 */
export function* customChunks(blocks: readonly Block[], strategy: CustomStrategy): Generator<Chunk> {
  const separator = unescapeSeparator(strategy.separator)
  for (const region of regionsOf(blocks)) {
    const row = region.parts[0]?.block.kind === 'row'
    for (const [from, end] of row ? [[0, region.text.length] as const] : split(region.text, separator))
      yield* partChunks(region, from, end, strategy)
  }
}

/** `\n`, `\t`, `\r` and `\\` as people type them into a form. */
export const unescapeSeparator = (text: string): string =>
  text.replace(/\\([ntr\\])/g, (_all, sign: string) => ({ n: '\n', t: '\t', r: '\r' })[sign] ?? '\\')

function* regionsOf(blocks: readonly Block[]): Generator<Region> {
  let parts: Region['parts'] = []
  let texts: string[] = []
  let at = 0
  for (const block of blocks) {
    if (parts.length > 0 && (block.kind === 'row' || parts[0]?.block.kind === 'row')) {
      yield { text: texts.join('\n\n'), parts }
      parts = []
      texts = []
      at = 0
    }
    parts.push({ at, block })
    texts.push(block.text)
    at += block.text.length + 2
  }
  if (parts.length > 0) yield { text: texts.join('\n\n'), parts }
}

function* split(text: string, separator: string): Generator<readonly [from: number, end: number]> {
  let from = 0
  while (separator !== '') {
    const end = text.indexOf(separator, from)
    if (end < 0) break
    yield [from, end]
    from = end + separator.length
  }
  yield [from, text.length]
}

function* partChunks(region: Region, from: number, end: number, strategy: CustomStrategy): Generator<Chunk> {
  const raw = region.text.slice(from, end)
  const text = cleaned(raw, strategy)
  const { maxChars, overlapPercent } = strategy
  const overlap = Math.floor((maxChars * overlapPercent) / 100)
  const reach = Math.min(MAX_WORD_REACH, Math.floor(maxChars * WORD_REACH))
  let start = 0
  let fresh = 0
  while (fresh < text.length) {
    const full = offsetAfter(text, start, maxChars)
    const cut = full >= text.length ? text.length : wordCut(text, fresh, full, reach)
    const content = text.slice(start, cut)
    if (text.slice(fresh, cut).trim() !== '') {
      const block = blockAt(region, from + Math.floor((fresh / text.length) * raw.length))
      yield chunkFrom(content, [block.kind === 'row' ? 'row' : 'text'], block.page, block.path)
    }
    fresh = cut
    const repeatFrom = Math.max(offsetBefore(text, cut, overlap), start)
    start = overlap === 0 ? cut : wordStart(text, repeatFrom, cut, reach)
  }
}

function cleaned(text: string, { removeUrlsEmails, removeExtraSpaces }: CustomStrategy): string {
  const plain = removeUrlsEmails ? text.replace(URL, '').replace(EMAIL, '') : text
  return removeExtraSpaces ? plain.replace(/\s+/g, ' ').trim() : plain
}

function blockAt(region: Region, offset: number): Block {
  let low = 0
  let high = region.parts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((region.parts[middle]?.at ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const found = region.parts[low]?.block
  return found ?? { kind: 'text', text: '' }
}
