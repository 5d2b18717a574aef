import { startsQuery } from './brackets.ts'
import { columnDefinition } from './columns.ts'
import { tableConstraint } from './constraints.ts'
import type { Parser } from './parser.ts'
import { partitioning } from './partitions.ts'
import { tableSource } from './table-names.ts'
import { tableOption } from './table-options.ts'

/** Reads CREATE TABLE, behind its TABLE, into the current scope. */
export function createTable(p: Parser): undefined {
  if (p.accept('IF')) {
    p.expect('NOT')
    p.expect('EXISTS')
  }
  const target = tableSource(p, true)
  p.scope.sources.push(target)
  p.context = { ...p.context, only: target }
  if (like(p)) return
  if (p.is('(') && !startsBracketedQuery(p)) {
    if (p.peek(1).word === 'LIKE') {
      p.expect('(')
      like(p)
      p.expect(')')
      return
    }
    p.list(element)
  }
  options(p)
  partitioning(p)
  if (!p.accept('IGNORE')) p.accept('REPLACE')
  const as = p.accept('AS')
  if (startsQuery(p) || p.is('(')) p.rules.query(p, undefined)
  else if (as) throw p.expected('a query')
}

function like(p: Parser): boolean {
  if (!p.accept('LIKE')) return false
  p.scope.sources.push(tableSource(p))
  return true
}

function startsBracketedQuery(p: Parser): boolean {
  let ahead = 1
  while (p.peek(ahead).word === '(') ahead++
  return ['SELECT', 'WITH', 'TABLE', 'VALUES'].includes(p.peek(ahead).word)
}

/** A column, an index or a constraint. */
function element(p: Parser): void {
  if (!tableConstraint(p)) columnDefinition(p)
}

function options(p: Parser): void {
  for (let more = tableOption(p); more; ) {
    const comma = p.accept(',')
    more = tableOption(p)
    if (comma && !more) throw p.expected('an option of the table')
  }
}
