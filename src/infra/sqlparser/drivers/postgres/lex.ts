import { SqlParseError } from '../../core/errors.ts'
import type { Lexed, Token, TokenKind } from '../../driver.ts'
import type { KeywordKind } from './keywords.ts'
import { endsValue, PARAMETER, splitQuestionMarks } from './parameters.ts'

export type LexOptions = { keywords: ReadonlyMap<string, KeywordKind>; acceptBackquotes: boolean }

const SPACE = /[ \t\n\r\f\v]+/y
const WORD = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*/uy
const NUMBER =
  /0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?/y
const DOLLAR = /\$(?:[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*)?\$/uy
const NUMBERED = /\$\d+/y
const OPERATORS = /[~!@#^&|`?+\-*/%<>=]+/y
const STRING_PREFIX = /(?:[eE]|[bB]|[xX]|[nN]|[uU]&)(?=')/y
/** An operator ends before its last `+` or `-` unless it holds one of these. */
const KEEPS_SIGN = /[~!@#%^&|`?]/
/** Longer names are cut by the server, and would then be other names. */
const MAX_NAME_BYTES = 63

/** The rules of PostgreSQL's own lexer, with standard strings, and `?` for parameters. */
export function lex(sql: string, options: LexOptions): Lexed {
  const lexer = new Lexer(sql, options)
  lexer.run()
  return lexer
}

class Lexer implements Lexed {
  readonly tokens: Token[] = []
  readonly comments: { start: number; end: number }[] = []
  readonly #sql: string
  readonly #options: LexOptions
  #at = 0

  constructor(sql: string, options: LexOptions) {
    this.#sql = sql
    this.#options = options
  }

  run(): void {
    while (this.#at < this.#sql.length) {
      if (this.#match(SPACE) !== undefined || this.#comment()) continue
      this.#token()
    }
  }

  #token(): void {
    const sql = this.#sql
    const start = this.#at
    const first = sql.charAt(start)
    if (first === '"') this.#name('"')
    else if (first === '`' && this.#options.acceptBackquotes) this.#name('`')
    else if (first === "'" || this.#match(STRING_PREFIX) !== undefined) this.#string(start, first.toLowerCase())
    else if (/^[uU]&"/.test(sql.slice(start, start + 3)))
      throw this.#refuse('names with Unicode escapes are refused', start)
    else if (this.#match(WORD) !== undefined) this.#word(start)
    else if (this.#match(NUMBER) !== undefined) this.#push('number', start)
    else if (first === '$') this.#dollar(start)
    else if (this.#match(OPERATORS) !== undefined) this.#operators(start)
    else {
      const two = sql.slice(start, start + 2)
      this.#at += two === '::' || two === ':=' || two === '..' ? 2 : 1
      this.#push('(),.;[]'.includes(first) && this.#at === start + 1 ? 'punctuation' : 'operator', start)
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#sql)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #push(kind: TokenKind, start: number): void {
    this.tokens.push({ kind, text: this.#sql.slice(start, this.#at), start, end: this.#at })
  }

  #refuse(message: string, at: number, hint?: string): SqlParseError {
    return new SqlParseError(`failed to parse SQL: ${message}`, this.#sql, { at, ...(hint !== undefined && { hint }) })
  }

  /** Skips a comment; those in slash and star nest. */
  #comment(): boolean {
    const start = this.#at
    const two = this.#sql.slice(start, start + 2)
    if (two === '--') {
      while (this.#at < this.#sql.length && !'\n\r'.includes(this.#sql.charAt(this.#at))) this.#at += 1
    } else if (two === '/*') {
      let depth = 0
      do {
        const next = this.#sql.slice(this.#at, this.#at + 2)
        if (next === '') throw this.#refuse('a comment is not closed', start)
        if (next === '/*') depth += 1
        else if (next === '*/') depth -= 1
        this.#at += next === '/*' || next === '*/' ? 2 : 1
      } while (depth > 0)
    } else return false
    this.comments.push({ start, end: this.#at })
    return true
  }

  #word(start: number): void {
    const text = this.#sql.slice(start, this.#at)
    this.#checkLength(text, start)
    if (this.#options.keywords.has(text.toLowerCase()))
      this.tokens.push({ kind: 'word', text, start, end: this.#at, role: 'keyword' })
    else this.tokens.push({ kind: 'word', text, start, end: this.#at })
  }

  #name(quote: string): void {
    const start = this.#at
    const end = this.#closing(quote, start + 1, { doubles: true, escapes: false })
    if (end === undefined) throw this.#refuse('a quoted name is not closed', start)
    this.#at = end
    this.#checkLength(this.#sql.slice(start + 1, end - 1).replaceAll(quote + quote, quote), start)
    this.#push('quoted', start)
  }

  #checkLength(name: string, start: number): void {
    if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES)
      throw this.#refuse(`a name is longer than ${MAX_NAME_BYTES} bytes`, start)
  }

  /** A text, with those that follow it on another line: to the server they are one. */
  #string(start: number, prefix: string): void {
    const doubles = prefix !== 'b' && prefix !== 'x'
    for (;;) {
      const end = this.#closing("'", this.#at + 1, { doubles, escapes: prefix === 'e' })
      if (end === undefined) throw this.#refuse('a text is not closed', start)
      this.#at = end
      const space = this.#match(SPACE)
      if (space !== undefined && /[\n\r]/.test(space) && this.#sql.charAt(this.#at) === "'") continue
      this.#at = end
      this.#push('string', start)
      return
    }
  }

  /** The offset behind the quote that closes: doubled quotes and what follows a backslash do not, where they count. */
  #closing(quote: string, from: number, { doubles, escapes }: { doubles: boolean; escapes: boolean }) {
    for (let at = from; at < this.#sql.length; at += 1) {
      const char = this.#sql.charAt(at)
      if (escapes && char === '\\') at += 1
      else if (char === quote && doubles && this.#sql.charAt(at + 1) === quote) at += 1
      else if (char === quote) return at + 1
    }
    return undefined
  }

  #dollar(start: number): void {
    const tag = this.#match(DOLLAR)
    if (tag !== undefined) {
      const end = this.#sql.indexOf(tag, this.#at)
      if (end === -1) throw this.#refuse('a text is not closed', start)
      this.#at = end + tag.length
      this.#push('string', start)
    } else if (this.#match(NUMBERED) !== undefined) this.#push('parameter', start)
    else throw this.#refuse('no token begins like this', start)
  }

  /** A run of operator characters: one operator or several, and parameters. */
  #operators(start: number): void {
    let run = this.#sql.slice(start, this.#at)
    const cut = run.search(/--|\/\*|`/)
    if (cut !== -1) run = run.slice(0, cut)
    if (run === '') throw this.#refuse('a back-quote', start, 'names are quoted with double quotes')
    const before = this.tokens.at(-1)
    const isName = this.tokens.at(-2)?.text === '.' && before?.kind === 'word'
    const isValue = isName || endsValue(before, this.#options.keywords)
    this.#at = start
    for (const part of splitQuestionMarks(run, isValue)) {
      if (part !== PARAMETER) this.#operator(part)
      else {
        this.#at += 1
        this.#push('parameter', this.#at - 1)
      }
    }
  }

  /** `+` and `-` at the end are operators of their own, unless the operator holds a character that no sign follows. */
  #operator(run: string): void {
    let length = run.length
    if (length > 1 && !KEEPS_SIGN.test(run)) while (length > 1 && '+-'.includes(run.charAt(length - 1))) length -= 1
    const start = this.#at
    this.#at += length
    this.#push('operator', start)
    if (length < run.length) this.#operator(run.slice(length))
  }
}
