import { type ParserModule, type TokenId, withOptions } from 'sqlite3-parser'
import { SqlParseError } from '../../core/errors.ts'
import type { Lexed, Token, TokenKind, TokenRole } from '../../driver.ts'
import { plainLex } from './plain-lex.ts'

type Kind = { readonly kind: TokenKind | 'space' | 'comment' | 'illegal'; readonly role?: TokenRole }

/** The grammar with the engine's own tokenizer. */
export type SqliteGrammar = {
  readonly parser: ParserModule
  readonly kinds: readonly (Kind | undefined)[]
  /** Every word with a meaning, in capitals. */
  readonly keywords: ReadonlySet<string>
}

const KINDS: Readonly<Record<string, Kind['kind']>> = {
  SPACE: 'space',
  COMMENT: 'comment',
  ILLEGAL: 'illegal',
  ID: 'word',
  STRING: 'string',
  BLOB: 'string',
  INTEGER: 'number',
  FLOAT: 'number',
  QNUMBER: 'number',
  VARIABLE: 'parameter',
  LP: 'punctuation',
  RP: 'punctuation',
  COMMA: 'punctuation',
  DOT: 'punctuation',
  SEMI: 'punctuation',
}

/** Numbers may hold `_` between digits, as in the engine since 3.46. */
export function loadGrammar(): SqliteGrammar {
  const parser = withOptions({ digitSeparator: '_' })
  const words = new Set(parser.keywordDefs.keywords.map(({ token }) => token))
  const kinds: (Kind | undefined)[] = []
  for (let token = 1; token < parser.parserDefs.constants.YYNTOKEN; token += 1) {
    const name = parser.tokenName(token as TokenId)
    if (name === undefined) continue
    const kind = KINDS[name]
    if (kind !== undefined) kinds[token] = { kind }
    else kinds[token] = words.has(name) ? { kind: 'word', role: 'keyword' } : { kind: 'operator' }
  }
  return { parser, kinds, keywords: new Set(parser.keywordDefs.keywords.map(({ name }) => name)) }
}

export function lex(grammar: SqliteGrammar, sql: string): Lexed {
  const plain = plainLex(sql, grammar.keywords)
  return plain === undefined ? fullLex(grammar, sql) : { tokens: plain, comments: [] }
}

/** By the engine's own tokenizer, for what `plainLex` does not know. */
export function fullLex({ parser, kinds }: SqliteGrammar, sql: string): Lexed {
  const tokens: Token[] = []
  const comments: { start: number; end: number }[] = []
  // White space is of no use, and comments are rare.
  const emitTrivia = sql.includes('--') || sql.includes('/*')
  for (const { type, text, span } of parser.tokenize(sql, { emitTrivia })) {
    const found = kinds[type]
    const start = span.offset
    const end = start + span.length
    if (found?.kind === 'space') continue
    if (found?.kind === 'comment') {
      if (text.startsWith('/*') && (text.length < 4 || !text.endsWith('*/')))
        throw refused(sql, start, 'a comment is not closed')
      comments.push({ start, end })
    } else if (found === undefined || found.kind === 'illegal') throw refused(sql, start, illegal(text))
    else if (found.role !== undefined) tokens.push({ kind: found.kind, text, start, end, role: found.role })
    else if (found.kind === 'word' && QUOTES.has(text.charAt(0))) tokens.push({ kind: 'quoted', text, start, end })
    else tokens.push({ kind: found.kind, text, start, end })
  }
  return { tokens, comments }
}

const QUOTES: ReadonlySet<string> = new Set(['"', '`', '['])

const refused = (sql: string, at: number, what: string) =>
  new SqlParseError(`failed to parse SQL: ${what}`, sql, { at })

function illegal(text: string): string {
  if (text.startsWith("'")) return 'a text is not closed'
  if (QUOTES.has(text.charAt(0))) return 'a quoted name is not closed'
  return 'no token begins like this'
}

/** The name in a token: quotes removed, doubled ones halved. */
export function nameOf({ kind, text }: Pick<Token, 'kind' | 'text'>): string {
  if (kind !== 'quoted' && kind !== 'string') return text
  const quote = text.charAt(0)
  const inner = text.slice(1, -1)
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote)
}
