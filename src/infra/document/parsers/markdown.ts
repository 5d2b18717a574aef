import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked'
import { AppError } from '../../../base/errors.ts'
import { decodeText } from '../encoding.ts'
import type { ParseContext } from '../parse.ts'
import { addTable } from '../tables.ts'
import { addHtml } from './html.ts'
import { inlineText } from './markdown-inline.ts'

/** Longer texts are read section by section, since the tokens of a whole book would not fit into memory. */
const SECTION_CHARS = 512 * 1024
/** Real paragraphs are shorter; the time to look for emphasis grows with the square of the length. */
const MAX_INLINE_CHARS = 32 * 1024
/** Signs of quotations and lists at the start of one line: the lexer calls itself for each. */
const MAX_NESTING = 100
const NESTING = /(?:^|\n)(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){100}/
/** Pictures within the file are no text, but may be megabytes of letters. */
const DATA_URL = /data:[\w/+.-]{1,100};base64,[A-Za-z0-9+/=]{64,}/g
const FRONT_MATTER = /^---[ \t]*\n([\s\S]{1,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/

/**
 * Markdown (GFM): headings, paragraphs with their line breaks, lists with their markers, code, tables. Emphasis
 * signs go, the words stay apart; link targets stay behind the text of the link. Images are never fetched: their
 * alternative text is read. Front matter becomes a block of its own.
 */
export function parseMarkdown(source: Uint8Array, context: ParseContext): void {
  const text = decodeText(source, (warning) => context.sink.warn(warning))
    .replace(/\r\n?/g, '\n')
    .replace(DATA_URL, 'data:')
  if (NESTING.test(text))
    throw new AppError('resource_exhausted', `the Markdown is nested ${MAX_NESTING} levels deep or more`)
  const front = FRONT_MATTER.exec(text)
  if (front !== null) context.sink.add({ kind: 'text', text: front[1] ?? '' })
  for (const section of sections(front === null ? text : text.slice(front[0].length)))
    for (const token of tokensIn(section)) addBlock(token, context)
}

/** What `lexer.lex` does, but overlong paragraphs stay as they are. */
function tokensIn(section: string): MarkedToken[] {
  const lexer = new Lexer()
  lexer.blockTokens(section, lexer.tokens)
  for (const { src, tokens } of lexer.inlineQueue) {
    if (src.length > MAX_INLINE_CHARS) tokens.push({ type: 'text', raw: src, text: src })
    else lexer.inlineTokens(src, tokens)
  }
  return lexer.tokens as Token[] as MarkedToken[]
}

/** Cuts before headings outside of fenced code, in pieces of at least `SECTION_CHARS`. */
function* sections(text: string): Generator<string> {
  let from = 0
  let fence = ''
  for (const line of text.length > SECTION_CHARS ? text.matchAll(/^(?: {0,3}(`{3,}|~{3,})|#{1,6} )/gm) : []) {
    const mark = line[1]
    if (mark !== undefined) fence = fence === '' ? mark : mark.startsWith(fence) ? '' : fence
    else if (fence === '' && line.index - from > SECTION_CHARS) {
      yield text.slice(from, line.index)
      from = line.index
    }
  }
  yield text.slice(from)
}

function addBlock(token: MarkedToken, context: ParseContext): void {
  const { sink } = context
  switch (token.type) {
    case 'heading':
      sink.add({ kind: 'heading', text: inlineText(token.tokens).replaceAll('\n', ' '), level: token.depth })
      return
    case 'code':
      sink.add({ kind: 'code', text: token.text })
      return
    case 'list':
      sink.add({ kind: 'text', text: listLines(token, context).join('\n') })
      return
    case 'table':
      addTable(
        sink,
        [token.header, ...token.rows].map((row) => row.map((cell) => inlineText(cell.tokens))),
        'names',
      )
      return
    case 'blockquote':
      for (const inner of token.tokens as MarkedToken[]) addBlock(inner, context)
      return
    case 'html':
      addHtml(token.text, context)
      return
    case 'paragraph':
    case 'text':
      sink.add({ kind: 'text', text: inlineText(token.tokens ?? [token]) })
  }
}

/** One line per item, indented by two spaces per level. */
function listLines(list: Tokens.List, context: ParseContext): string[] {
  return list.items.flatMap((item, i) => {
    const number = list.ordered ? `${(list.start === '' ? 1 : list.start) + i}. ` : '- '
    const lines = item.tokens.flatMap((token) => itemLines(token as MarkedToken, context))
    const [first = '', ...rest] = lines
    const box = item.task ? `[${item.checked === true ? 'x' : ' '}] ` : ''
    return [number + box + first, ...rest.map((line) => `  ${line}`)]
  })
}

function itemLines(token: MarkedToken, context: ParseContext): string[] {
  switch (token.type) {
    case 'list':
      return listLines(token, context)
    case 'code':
      return token.text.split('\n')
    case 'table':
      return [token.header, ...token.rows].map((row) => row.map((cell) => inlineText(cell.tokens)).join(' | '))
    case 'blockquote':
      return token.tokens.flatMap((inner) => itemLines(inner as MarkedToken, context))
    case 'checkbox':
    case 'space':
    case 'hr':
    case 'def':
      return []
    default:
      return inlineText(tokensOf(token)).split('\n')
  }
}

const tokensOf = (token: Token): Token[] => ('tokens' in token && token.tokens !== undefined ? token.tokens : [token])
