import { AGGREGATES, aggregate } from './aggregates.ts'
import { SYNTAX } from './call-syntax.ts'
import type { Parser } from './parser.ts'
import { KEYWORDS } from './reserved.ts'
import { WINDOW_FUNCTIONS, windowFunction } from './windows.ts'

/** Reserved words that call without brackets; empty brackets or a precision may follow. */
const WITHOUT_BRACKETS: ReadonlySet<string> = new Set([
  ...['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP', 'CURRENT_USER', 'LOCALTIME', 'LOCALTIMESTAMP'],
  ...['UTC_DATE', 'UTC_TIME', 'UTC_TIMESTAMP'],
])

/** Reserved words that are functions before a bracket. */
const ORDINARY: ReadonlySet<string> = new Set([
  ...['DATABASE', 'GROUPING', 'IF', 'INSERT', 'LEFT', 'MOD', 'REPEAT', 'REPLACE', 'RIGHT', 'SCHEMA'],
])

/** They look like calls, but no function is behind them. */
const SYNTAX_ONLY: ReadonlySet<string> = new Set(['CAST', 'CONVERT', 'DEFAULT', 'MATCH', 'VALUES'])

/** Reads the call that a reserved word begins; false if it begins none. */
export function reservedCall(p: Parser): boolean {
  const { word } = p.token
  const bracket = p.peek(1).word === '('
  if (WITHOUT_BRACKETS.has(word)) {
    p.call(p.at, word)
    if (bracket) named(p)
    else p.accept(word)
    return true
  }
  if (word === 'MATCH' || word === 'DEFAULT' || bracket) return known(p, word) || ordinary(p, word)
  return false
}

/** The name of a stored function with its schema stands here: `db.f(`. */
export const isFunction = (p: Parser): boolean => p.peek(1).word === '.' && p.peek(3).word === '('

/** Reads a call whose name is not reserved. */
export function call(p: Parser): void {
  const { token } = p
  if (known(p, token.word)) return
  const next = p.peek(1)
  if (next.word === '.') {
    const schema = p.anyName('schema')
    p.advance()
    const at = p.at
    p.call(at, `${schema}.${p.name('call', 'a name of a function')}`)
    args(p)
    return
  }
  if (token.kind === 'word' && token.end < next.start && KEYWORDS.get(token.text.toUpperCase())?.kind === 'function')
    throw p.fail('a built-in function must touch its bracket', p.at + 1, 'remove the space before the bracket')
  const at = p.at
  p.call(at, p.anyName('call'))
  args(p)
}

/** Calls with a syntax of their own. */
function known(p: Parser, word: string): boolean {
  const shape = AGGREGATES.get(word)
  if (shape !== undefined) {
    aggregate(p, shape)
    return true
  }
  const window = WINDOW_FUNCTIONS.get(word)
  if (window !== undefined) {
    windowFunction(p, window)
    return true
  }
  const read = SYNTAX.get(word)
  if (read === undefined) return false
  if (!SYNTAX_ONLY.has(word)) p.call(p.at, word)
  p.anyName('call')
  read(p)
  return true
}

function ordinary(p: Parser, word: string): boolean {
  // What is reserved only before a bracket is a function without a syntax of its own: NOW, CURDATE …
  if (!ORDINARY.has(word) && KEYWORDS.get(word)?.kind !== 'function') return false
  p.call(p.at, word)
  named(p)
  return true
}

function named(p: Parser): void {
  p.anyName('call')
  args(p)
}

/** `(…)`, perhaps empty. */
function args(p: Parser): void {
  p.enter()
  p.expect('(')
  if (!p.is(')')) p.series((parser) => parser.rules.expression(parser))
  p.expect(')')
  p.leave()
}
