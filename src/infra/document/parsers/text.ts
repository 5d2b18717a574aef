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
  let torn = ''
  for (const piece of decodePieces(source, encoding)) {
    // What follows the last gap waits for the next piece; so does a "\r", whose "\n" may follow.
    const raw = torn + piece
    torn = raw.endsWith('\r') ? '\r' : ''
    const text = rest + raw.slice(0, raw.length - torn.length).replace(/\r\n?/g, '\n')
    const gap = lastGap(text)
    const end = gap < 0 && text.length > MAX_PARAGRAPH ? text.lastIndexOf('\n', text.length - 2) : gap
    add(text.slice(0, Math.max(0, end)))
    rest = text.slice(Math.max(0, end))
  }
  add(rest)
}

/** The last place with exactly two newlines. */
function lastGap(text: string): number {
  let at = text.lastIndexOf('\n\n')
  while (at > 0 && (text[at - 1] === '\n' || (text[at + 2] ?? '\n') === '\n')) at = text.lastIndexOf('\n\n', at - 1)
  return at
}

function* paragraphs(text: string): Generator<string> {
  let from = 0
  for (const gap of text.matchAll(/[^\n]\n[ \t]*\n(?=[^\n])/g)) {
    yield text.slice(from, gap.index + 1)
    from = gap.index + gap[0].length
  }
  if (from < text.length) yield text.slice(from)
}
