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
}

export const DEFAULT_LIMITS: Readonly<SqlLimits> = {
  maxLength: 2 * 1024 * 1024,
  maxDepth: 1_000,
  maxChain: 2_000,
  maxJoins: 1_000,
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

const SEPARATORS: ReadonlySet<string> = new Set(['AND', 'OR', 'WHEN', 'THEN', 'ELSE'])
const JOINS: ReadonlySet<string> = new Set(['JOIN', 'STRAIGHT_JOIN', 'UNION', 'INTERSECT', 'EXCEPT', 'MINUS'])

/** One open bracket or CASE: `chain` counts the operators of the current item, `below` how deep brackets in it go. */
type Level = { open: string; chain: number; below: number; deepest: number }
const level = (open: string): Level => ({ open, chain: 0, below: 0, deepest: 0 })

/**
 * Refuses more than one statement, and nesting that no recursive parser should see. Not only brackets nest: `1+1+1…` and
 * `NOT NOT …` make trees as deep as they are long, so the depth of the tree is estimated from above.
 */
export function checkTokens(sql: string, lexed: Lexed, limits: SqlLimits): void {
  const { tokens } = lexed
  let top = level('')
  const around: Level[] = []
  let joins = 0
  let previous: Token | undefined
  const refuse = (message: string, token: Token) => new SqlParseError(message, sql, { at: token.start })
  const close = (token: Token) => {
    const depth = settle(top)
    if (depth > limits.maxChain) throw refuse('the statement is nested too deeply', token)
    top = around.pop() ?? level('')
    top.below = Math.max(top.below, depth + 1)
  }
  for (const token of tokens) {
    const { text, kind, role } = token
    if (previous?.text === ';' && previous.kind === 'punctuation' && text !== ';')
      throw refuse('exactly one statement is accepted', token)
    const word = role === 'keyword' && previous?.text !== '.' ? text.toUpperCase() : ''
    const opens = kind === 'punctuation' && (text === '(' || text === '[') ? text : word === 'CASE' ? 'CASE' : ''
    if (opens !== '') {
      around.push(top)
      top = level(opens)
      if (around.length > limits.maxDepth) throw refuse('the statement is nested too deeply', token)
    } else if (kind === 'punctuation' && (text === ')' || text === ']')) {
      while (top.open === 'CASE') close(token)
      close(token)
    } else if (word === 'END' && top.open === 'CASE') {
      close(token)
    } else if (SEPARATORS.has(word) || (kind === 'punctuation' && text === ',')) {
      settle(top)
    } else if (kind === 'operator' || word !== '') {
      top.chain += 1
      if (top.chain + top.below > limits.maxChain) throw refuse('the expression is too long', token)
      if (JOINS.has(word)) joins += 1
      if (joins > limits.maxJoins) throw refuse('the statement has too many joins or set operations', token)
    }
    previous = token
  }
  const last = tokens.at(-1)
  while (last !== undefined && around.length > 0) close(last)
  if (tokens.every(({ text }) => text === ';')) throw new SqlParseError('empty SQL statement', sql)
}

/** Ends the current item of a level; gives the depth of the deepest so far. */
function settle(at: Level): number {
  at.deepest = Math.max(at.deepest, at.chain + at.below)
  at.chain = 0
  at.below = 0
  return at.deepest
}
