import { SqlParseError } from '../../core/errors.ts'
import type { Lexed } from '../../driver.ts'
import {
  endOfBits,
  endOfName,
  endOfNumber,
  endOfQuotedName,
  endOfText,
  isDigit,
  isNameCharacter,
  isSpace,
} from './characters.ts'
import { INTRODUCERS, KEYWORDS } from './reserved.ts'
import { MysqlToken } from './token.ts'

const OPERATORS = ['<=>', '->>', '<<', '>>', '<=', '>=', '<>', '!=', ':=', '&&', '||', '->', ...'+-*/%=<>&|^~!{}']
const BY_FIRST: ReadonlyMap<string, readonly string[]> = Map.groupBy(OPERATORS, (operator) => operator.charAt(0))

const HINTS: Readonly<Record<string, string>> = {
  ':': 'parameters are written ?, casts CAST(x AS type)',
  '[': 'names are quoted with back-quotes',
  ']': 'names are quoted with back-quotes',
  '@': 'a variable needs a name',
  '\\': 'texts stand in quotes',
}

/** What `MysqlToken.word` and `.reserved` are for words that can only be names. */
const NAME = { word: '', reserved: false }

/**
 * Splits a statement by the rules of MySQL 8 in its default SQL mode: `"…"` is a text, `\` escapes inside texts, `--`
 * begins a comment only before a space or control character. Every token made here is a `MysqlToken`.
 */
export function lex(sql: string): Lexed {
  return new Lexer(sql).run()
}

class Lexer {
  readonly #sql: string
  readonly #tokens: MysqlToken[] = []
  readonly #comments: { start: number; end: number }[] = []

  constructor(sql: string) {
    this.#sql = sql
  }

  run(): Lexed {
    const { length } = this.#sql
    for (let at = 0; at < length; ) {
      const code = this.#sql.charCodeAt(at)
      at = isSpace(code) ? at + 1 : (this.#comment(at, code) ?? this.#token(at, code))
    }
    return { tokens: this.#tokens, comments: this.#comments }
  }

  #token(at: number, code: number): number {
    const sql = this.#sql
    if (isDigit(code)) return this.#number(at)
    if (isNameCharacter(code)) return this.#word(at)
    switch (code) {
      case 39: // '
      case 34: // "
        return this.#text(at, at)
      case 96: // `
        return this.#quoted(at)
      case 64: // @
        return this.#variable(at)
      case 63: // ?
        if (isNameCharacter(sql.charCodeAt(at + 1))) throw this.#error('a parameter is a ? alone', at)
        return this.#add('parameter', at, at + 1, '?')
      case 46: // .
        // After a word `.1` is a name: t.1
        return isDigit(sql.charCodeAt(at + 1)) && !this.#touchesWord(at)
          ? this.#number(at)
          : this.#add('punctuation', at, at + 1, '.')
      case 40:
      case 41:
      case 44:
      case 59:
        return this.#add('punctuation', at, at + 1, sql.charAt(at))
      case 92: // \N
        if (sql[at + 1] === 'N') return this.#add('word', at, at + 2, 'NULL', true)
    }
    const first = sql.charAt(at)
    const operator = BY_FIRST.get(first)?.find((candidate) => sql.startsWith(candidate, at))
    if (operator !== undefined) return this.#add('operator', at, at + operator.length, operator)
    throw this.#error('no token begins with this character', at, HINTS[first])
  }

  /** Where the comment ends that begins here; undefined when none does. */
  #comment(at: number, code: number): number | undefined {
    const sql = this.#sql
    const next = sql.charCodeAt(at + 1)
    let end: number
    if (code === 47 && next === 42) {
      if (sql[at + 2] === '!' || sql.startsWith('M!', at + 2))
        throw this.#error(
          'comments that hold code are not supported',
          at,
          'what they do depends on the version of the server; write the code itself',
        )
      end = sql.indexOf('*/', at + 2) + 2
      if (end === 1) throw this.#error('the comment does not end', at)
    } else if (code === 35 || (code === 45 && next === 45 && this.#endsMark(at + 2))) {
      const newline = sql.indexOf('\n', at)
      end = newline < 0 ? sql.length : newline + 1
    } else return undefined
    this.#comments.push({ start: at, end })
    return end
  }

  /** `--` begins a comment before a space, a control character or the end; otherwise these are two minus signs. */
  #endsMark(at: number): boolean {
    const code = this.#sql.charCodeAt(at)
    return Number.isNaN(code) || code <= 32 || code === 127
  }

  #word(at: number): number {
    const sql = this.#sql
    const end = endOfName(sql, at)
    if (sql[end] === "'" && end === at + 1) {
      if ('xXbB'.includes(sql.charAt(at))) return this.#bits(at)
      if (sql[at] === 'n' || sql[at] === 'N') return this.#text(at, end)
    }
    const last = this.#tokens.at(-1)
    const afterPoint = last?.word === '.' && last.end === at
    const beforePoint = sql[end] === '.' && end + 1 < sql.length && isNameCharacter(sql.charCodeAt(end + 1))
    const text = sql.slice(at, end)
    if (text.charCodeAt(0) === 95 && !afterPoint && !beforePoint && INTRODUCERS.has(text.toLowerCase())) {
      if (sql[end] === "'" || sql[end] === '"') return this.#text(at, end)
      return this.#add('word', at, end, '_CHARSET', true)
    }
    const keyword = afterPoint || beforePoint ? undefined : KEYWORDS.get(upper(text))
    if (keyword === undefined) return this.#add('word', at, end, '')
    const { kind } = keyword
    const known = kind !== 'function' || sql[end] === '('
    this.#add('word', at, end, known ? keyword.word : NAME.word, known && kind !== 'plain')
    const token = this.#tokens.at(-1)
    if (token !== undefined && (kind === 'reserved' || keyword.word === 'END')) token.role = 'keyword'
    return end
  }

  #number(at: number): number {
    const last = this.#tokens.at(-1)
    if (last?.word === '.' && last.end === at) return this.#word(at)
    const end = endOfNumber(this.#sql, at)
    if (end === -1) return this.#word(at)
    if (end === -2) throw this.#error('the exponent of a number has no digits', at)
    return this.#add('number', at, end, '')
  }

  /** A text whose quote stands at `quote`; a prefix may stand before it. */
  #text(at: number, quote: number): number {
    const end = endOfText(this.#sql, quote)
    if (end < 0) throw this.#error('the text in quotes does not end', quote)
    return this.#add('string', at, end, '')
  }

  #bits(at: number): number {
    const end = endOfBits(this.#sql, at + 2, this.#sql.charAt(at))
    if (end < 0) throw this.#error('this is no hexadecimal or bit literal', at, "x'…' has pairs of digits")
    return this.#add('string', at, end, '')
  }

  #quoted(at: number): number {
    const end = endOfQuotedName(this.#sql, at)
    if (end < 0) throw this.#error('the name in back-quotes does not end', at)
    if (end === at + 2) throw this.#error('a name must not be empty', at)
    if (/[\ud800-\udfff]/.test(this.#sql.slice(at, end)))
      throw this.#error('names hold no characters beyond U+FFFF', at)
    return this.#add('quoted', at, end, '')
  }

  /** `@name`, `@'name'`, `@@name`, `@@scope.name`. */
  #variable(at: number): number {
    const sql = this.#sql
    const system = sql[at + 1] === '@'
    const first = at + (system ? 2 : 1)
    let end = first
    if (sql[first] === '`') end = endOfQuotedName(sql, first)
    else if (!system && (sql[first] === "'" || sql[first] === '"')) end = endOfText(sql, first)
    else while (end < sql.length && (isNameCharacter(sql.charCodeAt(end)) || sql[end] === '.')) end++
    if (end < 0) throw this.#error('the name of a variable does not end', at)
    if (end === first) throw this.#error('no token begins with this character', at, HINTS['@'])
    return this.#add('variable', at, end, '')
  }

  /** A word ends right before `at`. */
  #touchesWord(at: number): boolean {
    const last = this.#tokens.at(-1)
    return last !== undefined && last.kind === 'word' && last.end === at
  }

  #add(kind: MysqlToken['kind'], start: number, end: number, word: string, reserved = false): number {
    this.#tokens.push(new MysqlToken(kind, this.#sql.slice(start, end), start, word, reserved))
    return end
  }

  #error(message: string, at: number, hint?: string): SqlParseError {
    return new SqlParseError(`failed to parse SQL: ${message}`, this.#sql, hint === undefined ? { at } : { at, hint })
  }
}

/** Capitals of ASCII words; of others nothing, since `ſELECT` in capitals would be SELECT. */
function upper(text: string): string {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return ''
  return text.toUpperCase()
}
