import type { Cte, CteFrame, Scope } from '../../driver.ts'
import { continuesQuery } from './brackets.ts'
import { key } from './names.ts'
import { limit, orderBy } from './order.ts'
import type { Mutable, Parser } from './parser.ts'
import { select, tableQuery, valuesQuery } from './select.ts'
import { columnNames, mention, refuseInto } from './table-names.ts'

const MAX_CTES = 200
const SET_OPERATORS: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT'])
const MULTITUDES: ReadonlySet<string> = new Set(['ALL', 'DISTINCT', 'DISTINCTROW'])

/**
 * Reads a query with all its clauses. `outer` is the scope that it sees. With `given` its first query has been read
 * already, in brackets.
 */
export function query(p: Parser, outer: Scope | undefined, given?: Scope): Scope {
  return p.inQuery(() => {
    if (given === undefined && p.is('WITH')) p.inSelect(() => withClause(p, outer))
    return body(p, outer, given)
  })
}

/** Reads the queries of a set operation, or the one query that there is, and the clauses behind. */
function body(p: Parser, outer: Scope | undefined, given: Scope | undefined): Scope {
  let bracketed = given !== undefined || p.is('(')
  let last = given ?? part(p, outer)
  const arms = [last]
  while (p.acceptOne(SET_OPERATORS) !== undefined) {
    p.acceptOne(MULTITUDES)
    if (!bracketed) p.scopes.push(last)
    bracketed = p.is('(')
    last = part(p, outer)
    arms.push(last)
  }
  if (arms.length === 1 && !bracketed) {
    p.scope = last
    p.inSelect(() => clauses(p))
    p.scopes.push(last)
    return last
  }
  if (!bracketed) p.scopes.push(last)
  if (arms.length === 1 && !continuesQuery(p)) return last
  const union = p.newScope(outer)
  union.arms = arms
  p.scope = union
  p.inSelect(() => clauses(p))
  p.scopes.push(union)
  return union
}

/** One query of a set operation; in brackets it has its own clauses. Without, its scope has not ended yet. */
function part(p: Parser, outer: Scope | undefined): Scope {
  if (p.is('SELECT')) return p.inSelect(() => select(p, outer))
  if (p.is('VALUES')) return p.inSelect(() => valuesQuery(p, outer))
  if (p.is('TABLE')) return tableQuery(p, outer)
  if (!p.is('(')) throw p.expected('SELECT')
  p.enter()
  p.expect('(')
  const inner = query(p, outer)
  p.expect(')')
  p.leave()
  return inner
}

/** ORDER BY, LIMIT and locks. */
function clauses(p: Parser): void {
  const at = p.at
  orderBy(p)
  limit(p, true)
  if (p.at > at && SET_OPERATORS.has(p.token.word))
    throw p.fail(
      'failed to parse SQL: ORDER BY and LIMIT of a part of a set operation need brackets',
      p.at,
      'write (SELECT …) UNION …',
    )
  refuseInto(p)
  while (lock(p));
  refuseInto(p)
}

const STRENGTHS: ReadonlySet<string> = new Set(['UPDATE', 'SHARE'])

/** `FOR UPDATE OF t NOWAIT`, `LOCK IN SHARE MODE`. */
function lock(p: Parser): boolean {
  if (p.acceptBoth('LOCK', 'IN')) {
    p.expect('SHARE')
    p.expect('MODE')
    return true
  }
  if (!p.accept('FOR')) return false
  p.expectOne(STRENGTHS, 'UPDATE or SHARE')
  if (p.accept('OF')) p.series(mention)
  if (!p.accept('NOWAIT') && p.accept('SKIP')) p.expect('LOCKED')
  return true
}

/** Reads WITH and makes its names visible to what is read next. */
export function withClause(p: Parser, outer: Scope | undefined): void {
  p.expect('WITH')
  const recursive = p.accept('RECURSIVE')
  for (let count = 1; ; count++) {
    if (count > MAX_CTES) throw p.fail('too many common table expressions', p.at)
    const token = p.at
    const name = p.name('name', 'a name of a common table expression')
    const columns = p.is('(') ? columnNames(p) : undefined
    const cte: Mutable<Cte> = columns === undefined ? { name, token } : { name, token, columns }
    const frame: CteFrame = { parent: p.frame, ctes: new Map([[key(name), cte]]) }
    if (recursive) p.frame = frame
    p.expect('AS')
    p.expect('(')
    cte.query = query(p, outer)
    p.expect(')')
    p.frame = frame
    if (!p.accept(',')) return
  }
}
