import { decodePieces, detectEncoding, guessWarning } from '../encoding.ts'
import type { ParseContext } from '../parse.ts'

/** A paragraph longer than this is cut at a line end, to bound the memory that a huge log file needs. */
const MAX_PARAGRAPH = 1024 ** 2

/**
 * Plain text: one block per paragraph. Paragraphs end at exactly one blank line; longer gaps stay inside a block,
 * so that the blocks joined by "\n\n" are the text again.
 */
export function parseText(source: Uint8Array, { sink }: ParseContext): void {
  const { encoding, guessed } = detectEncoding(source)
  if (guessed) sink.warn(guessWarning(encoding))
  const add = (text: string) => {
    for (const paragraph of paragraphs(text)) sink.add({ kind: 'text', text: paragraph })
  }
  let rest = ''
  for (const piece of decodePieces(source, encoding)) {
    const text = rest + piece
    // What follows the last gap waits for the next piece; so does a "\r" or "\n" that the piece may have torn.
    const gap = Math.max(text.lastIndexOf('\n\n', text.length - 3), text.lastIndexOf('\r\n\r\n', text.length - 5))
    const end = gap < 0 && text.length > MAX_PARAGRAPH ? text.lastIndexOf('\n', text.length - 2) : gap
    add(text.slice(0, Math.max(0, end)))
    rest = text.slice(Math.max(0, end))
  }
  add(rest)
}

function* paragraphs(raw: string): Generator<string> {
  const text = raw.replace(/\r\n?/g, '\n')
  let from = 0
  for (const gap of text.matchAll(/[^\n]\n[ \t]*\n(?=[^\n])/g)) {
    yield text.slice(from, gap.index + 1)
    from = gap.index + gap[0].length
  }
  if (from < text.length) yield text.slice(from)
}
