import { AGGREGATES, aggregate } from './aggregates.ts'
import { SYNTAX } from './call-syntax.ts'
import type { Parser } from './parser.ts'
import { KEYWORDS } from './reserved.ts'
import { WINDOW_FUNCTIONS, windowFunction } from './windows.ts'

/** Reserved words that call without brackets, too. */
const WITHOUT_BRACKETS: ReadonlySet<string> = new Set([
  ...['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP', 'CURRENT_USER', 'LOCALTIME', 'LOCALTIMESTAMP'],
  ...['UTC_DATE', 'UTC_TIME', 'UTC_TIMESTAMP'],
])

/** Reserved words that are ordinary functions before a bracket, with the number of their arguments, if it is fixed. */
const ORDINARY: ReadonlyMap<string, number | undefined> = new Map([
  ...[['DATABASE', 0] as const, ['SCHEMA', 0] as const, ['GROUPING', undefined] as const],
  ...['LEFT', 'MOD', 'REPEAT', 'RIGHT'].map((name) => [name, 2] as const),
  ...['IF', 'REPLACE'].map((name) => [name, 3] as const),
  ['INSERT', 4] as const,
])

/** They look like calls, but no function is behind them. */
const SYNTAX_ONLY: ReadonlySet<string> = new Set(['CAST', 'CONVERT', 'DEFAULT', 'VALUES'])

/** A call begins here, of a name or of a reserved word that is a function before a bracket. */
export function isCall(p: Parser): boolean {
  const { word, reserved, kind } = p.token
  if (p.peek(1).word === '.') return p.isName && p.peek(3).word === '('
  if (p.peek(1).word !== '(' || (kind !== 'word' && kind !== 'quoted')) return false
  if (!reserved || ORDINARY.has(word) || SYNTAX.has(word) || WINDOW_FUNCTIONS.has(word)) return true
  // Reserved right before a bracket only: NOW, COUNT …
  return KEYWORDS.get(word)?.kind === 'function'
}

/** Reads `CURRENT_USER` and its like without brackets, if one is next. */
export function acceptBareCall(p: Parser): boolean {
  if (!WITHOUT_BRACKETS.has(p.token.word)) return false
  p.call(p.at, p.token.word)
  return p.accept(p.token.word)
}

/** Reads a call. Everything is in this one function, since calls inside one another cost stack frames. */
export function call(p: Parser): void {
  const { word } = p.token
  const aggregated = AGGREGATES.get(word)
  if (aggregated !== undefined) {
    aggregate(p, aggregated)
    return
  }
  const windowed = WINDOW_FUNCTIONS.get(word)
  if (windowed !== undefined) {
    windowFunction(p, windowed)
    return
  }
  const read = SYNTAX.get(word)
  callee(p)
  const cost = read === undefined ? 1 : 1.25
  p.enter(cost)
  p.expect('(')
  let count = 0
  if (read !== undefined) read(p)
  else if (!p.is(')')) {
    do {
      p.rules.expression(p)
      count++
    } while (p.accept(','))
  }
  if (count !== (ORDINARY.get(word) ?? count)) throw p.fail('failed to parse SQL: wrong number of arguments', p.at)
  p.expect(')')
  p.leave(cost)
}

/** Reads the name of a function, perhaps with a schema. */
function callee(p: Parser): void {
  const { token, at } = p
  const next = p.peek(1)
  if (next.word === '.') {
    const schema = p.anyName('schema')
    p.expect('.')
    p.call(at + 2, `${schema}.${p.name('call', 'a name of a function')}`)
    return
  }
  if (token.kind === 'word' && token.end < next.start && KEYWORDS.get(token.text.toUpperCase())?.kind === 'function')
    throw p.fail(
      'failed to parse SQL: a built-in function must touch its bracket',
      at + 1,
      'remove the space before the bracket',
    )
  const name = p.anyName('call')
  if (!SYNTAX_ONLY.has(token.word)) p.call(at, name)
}
