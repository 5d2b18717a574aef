import { SqlParseError } from '../core/errors.ts'
import type { Lexed, Token } from '../driver.ts'

/** What a statement may cost. Checked before any parser sees it. */
export type SqlLimits = {
  /** Longest statement in UTF-16 units. */
  maxLength: number
  /** Brackets and CASE inside one another. */
  maxDepth: number
  /** Operators, and brackets with them, that may hang on one another in one expression. */
  maxChain: number
  /** Joins and set operations in one statement. */
  maxJoins: number
  /** Queries in one statement, and inside one another. */
  maxQueries: number
  maxQueryDepth: number
  /** Words, values and signs in one statement; a text in quotes is one, however long. */
  maxTokens: number
  /** Names among them: each is resolved, and costs several times what a value does. */
  maxNames: number
}

export const DEFAULT_LIMITS: Readonly<SqlLimits> = {
  maxLength: 2 * 1024 * 1024,
  maxDepth: 1_000,
  maxChain: 2_000,
  maxJoins: 1_000,
  maxQueries: 2_000,
  maxQueryDepth: 100,
  maxTokens: 700_000,
  maxNames: 250_000,
}

/** Refuses a text that no lexer should see: empty, too long, with NUL (where C parsers stop) or half a character. */
export function checkText(sql: string, limits: SqlLimits): void {
  if (sql.trim() === '') throw new SqlParseError('empty SQL statement', sql)
  if (sql.length > limits.maxLength)
    throw new SqlParseError(`the statement is longer than ${limits.maxLength} characters`, '')
  const nul = sql.indexOf('\0')
  if (nul !== -1) throw new SqlParseError('failed to parse SQL: a NUL character', sql, { at: nul })
  if (!sql.isWellFormed())
    throw new SqlParseError('failed to parse SQL: half a surrogate pair', sql, { at: sql.search(/\p{Surrogate}/u) })
}

const SHORTER = 'split it into several statements'
const SEPARATORS: ReadonlySet<string> = new Set(['AND', 'OR', 'WHEN', 'THEN', 'ELSE'])
const JOINS: ReadonlySet<string> = new Set(['JOIN', 'STRAIGHT_JOIN', 'UNION', 'INTERSECT', 'EXCEPT', 'MINUS'])

/**
 * Refuses more than one statement, and nesting that no recursive parser should see. Not only brackets nest: `1+1+1…` and
 * `NOT NOT …` make trees as deep as they are long, so the depth of the tree is estimated from above.
 */
export function checkTokens(sql: string, { tokens }: Lexed, limits: SqlLimits): void {
  if (tokens.every(({ text }) => text === ';')) throw new SqlParseError('empty SQL statement', sql)
  const check = new TokenCheck(sql, limits)
  const extra = tokens[limits.maxTokens]
  if (extra !== undefined) throw check.refuse('the statement has too many parts', extra, SHORTER)
  let previous: Token | undefined
  for (const token of tokens) {
    const isSecond = previous?.text === ';' && previous.kind === 'punctuation' && token.text !== ';'
    if (isSecond) throw check.refuse('exactly one statement is accepted', token)
    check.next(token, previous?.text === '.')
    previous = token
  }
  if (previous !== undefined) check.end(previous)
}

/** One open bracket or CASE: `chain` counts the operators of the current item, `below` how deep brackets in it go. */
type Level = { readonly open: string; chain: number; below: number; deepest: number; isQuery: boolean }
const level = (open: string): Level => ({ open, chain: 0, below: 0, deepest: 0, isQuery: false })

class TokenCheck {
  readonly #sql: string
  readonly #limits: SqlLimits
  readonly #around: Level[] = []
  #top = level('')
  #joins = 0
  #queries = 0
  #queryDepth = 0
  #names = 0

  constructor(sql: string, limits: SqlLimits) {
    this.#sql = sql
    this.#limits = limits
  }

  refuse(message: string, token: Token, hint?: string): SqlParseError {
    return new SqlParseError(message, this.#sql, { at: token.start, ...(hint !== undefined && { hint }) })
  }

  next(token: Token, isAfterDot: boolean): void {
    const { text, kind, role } = token
    if (kind === 'punctuation') {
      if (text === '(' || text === '[') this.#open(text, token)
      else if (text === ')' || text === ']') {
        while (this.#top.open === 'CASE') this.#close(token)
        this.#close(token)
      } else if (text === ',') settle(this.#top)
      return
    }
    if (role !== 'keyword' && (kind === 'word' || kind === 'quoted')) {
      this.#names += 1
      if (this.#names > this.#limits.maxNames) throw this.refuse('the statement has too many names', token, SHORTER)
    }
    const word = role === 'keyword' && !isAfterDot ? text.toUpperCase() : ''
    if (word === 'CASE') this.#open(word, token)
    else if (word === 'END' && this.#top.open === 'CASE') this.#close(token)
    else if (SEPARATORS.has(word)) settle(this.#top)
    else if (kind === 'operator' || word !== '') this.#link(word, token)
  }

  end(last: Token): void {
    while (this.#around.length > 0) this.#close(last)
  }

  #open(open: string, token: Token): void {
    this.#around.push(this.#top)
    this.#top = level(open)
    if (this.#around.length > this.#limits.maxDepth) throw this.refuse('the statement is nested too deeply', token)
  }

  #close(token: Token): void {
    if (this.#top.isQuery) this.#queryDepth -= 1
    const depth = settle(this.#top)
    if (depth > this.#limits.maxChain) throw this.refuse('the statement is nested too deeply', token)
    this.#top = this.#around.pop() ?? level('')
    this.#top.below = Math.max(this.#top.below, depth + 1)
  }

  /** An operator or a word: the tree may be one level deeper for it. */
  #link(word: string, token: Token): void {
    const { maxChain, maxJoins, maxQueries, maxQueryDepth } = this.#limits
    this.#top.chain += 1
    if (this.#top.chain + this.#top.below > maxChain) throw this.refuse('the expression is too long', token)
    if (JOINS.has(word)) this.#joins += 1
    if (this.#joins > maxJoins) throw this.refuse('the statement has too many joins or set operations', token)
    if (word !== 'SELECT') return
    this.#queries += 1
    if (!this.#top.isQuery) this.#queryDepth += 1
    this.#top.isQuery = true
    if (this.#queries > maxQueries) throw this.refuse('the statement has too many queries', token)
    if (this.#queryDepth > maxQueryDepth) throw this.refuse('the queries are nested too deeply', token)
  }
}

/** Ends the current item of a level; gives the depth of the deepest so far. */
function settle(at: Level): number {
  at.deepest = Math.max(at.deepest, at.chain + at.below)
  at.chain = 0
  at.below = 0
  return at.deepest
}
