import { Parser } from 'htmlparser2'
import { decodeText } from '../encoding.ts'
import type { ParseContext } from '../parse.ts'
import { HtmlReader } from './html-reader.ts'

const SAMPLE_BYTES = 4096
const CHARSET = /<meta[^>]{0,200}\bcharset\s*=\s*["']?([\w-]{2,30})/i
const PIECE_CHARS = 1024 ** 2

/**
 * HTML: paragraphs, headings, lists, code and tables in reading order. Scripts, styles, forms, navigation, page
 * footers and hidden elements are dropped. The page title becomes the first heading when there is no `h1`.
 */
export function parseHtml(source: Uint8Array, context: ParseContext): void {
  const head = Buffer.from(source.subarray(0, SAMPLE_BYTES)).toString('latin1')
  const charset = CHARSET.exec(head)?.[1]
  addHtml(
    decodeText(source, (text) => context.sink.warn(text), charset),
    context,
  )
}

/** Adds the blocks of an HTML text to the sink. */
export function addHtml(html: string, context: ParseContext): void {
  const reader = new HtmlReader(context)
  const parser = new Parser(reader, { decodeEntities: true, recognizeSelfClosing: false })
  for (let at = 0; at < html.length; at += PIECE_CHARS) parser.write(html.slice(at, at + PIECE_CHARS))
  parser.end()
  reader.finish()
}
