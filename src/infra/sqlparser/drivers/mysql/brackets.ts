import type { Ref, Scope } from '../../driver.ts'
import type { Parser } from './parser.ts'

/** What stood in brackets: a query, a single column, or so many expressions. */
export type Bracketed = Scope | Ref | number

const QUERY_STARTS: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'TABLE', 'VALUES'])
const QUERY_GOES_ON: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', 'FOR', 'LOCK'])

export const isScope = (bracketed: Bracketed): bracketed is Scope =>
  typeof bracketed === 'object' && 'sources' in bracketed

/** A query begins here. `VALUES(` is the function of ON DUPLICATE KEY UPDATE, `VALUES ROW(` a query. */
export function startsQuery(p: Parser): boolean {
  return QUERY_STARTS.has(p.token.word) && (!p.is('VALUES') || p.peek(1).word === 'ROW')
}

/** After a query in brackets: more clauses make it the first part of a longer query. */
export const continuesQuery = (p: Parser): boolean => QUERY_GOES_ON.has(p.token.word)

/**
 * Reads brackets that hold a query or expressions with commas between. Only what follows `((SELECT …)` tells whether
 * the outer brackets hold a query (`((SELECT …) UNION …)`) or an expression (`((SELECT …) + 1)`).
 */
export function brackets(p: Parser): Bracketed {
  p.enter()
  p.expect('(')
  let result: Bracketed
  if (startsQuery(p)) result = p.rules.query(p, p.scope)
  else if (p.is('(')) {
    const inner = brackets(p)
    if (!isScope(inner)) result = expressions(p, inner)
    else if (continuesQuery(p)) result = p.rules.query(p, p.scope, inner)
    else result = p.is(')') ? inner : expressions(p, 1)
  } else result = expressions(p, undefined)
  p.expect(')')
  p.leave()
  return result
}

/** The expressions of a list; `first` is its first operand, if that has been read. */
function expressions(p: Parser, first: Ref | number | undefined): Ref | number {
  const before = p.at
  const ref = p.rules.expression(p, first !== undefined)
  let count = 1
  while (p.accept(',')) {
    p.rules.expression(p)
    count++
  }
  if (count > 1) return count
  const same = p.at === before && typeof first === 'object' ? first : undefined
  return ref ?? same ?? 1
}
