import type { Scope, Source } from '../../driver.ts'
import { continuesQuery, startsQuery } from './brackets.ts'
import { acceptJoin, type Condition, fill, type OpenJoin, readCondition, startsCondition } from './joins.ts'
import { jsonTable } from './json-table.ts'
import type { Mutable, Parser } from './parser.ts'
import { columnNames, partitionSelection, tableAlias, tableRead } from './table-names.ts'

/** The server joins no more tables than this. */
const MAX_TABLES = 61

/** Reads what follows FROM. */
export function fromClause(p: Parser): void {
  if (!p.accept('DUAL')) tableReferences(p)
}

/** Reads joins with commas between, as they stand in FROM, UPDATE and DELETE. */
export function tableReferences(p: Parser): void {
  p.series(tableReference)
}

/**
 * Reads a chain of joins. `a JOIN b JOIN c ON … ON …` nests to the right, as far as conditions ask for it: joins wait
 * on a stack for their conditions. `given` is where the sources of the first operand begin, if that has been read.
 */
function tableReference(p: Parser, given?: number): void {
  const { sources } = p.scope
  const open: OpenJoin[] = []
  const conditions: Condition[] = []
  let from = given ?? sources.length
  if (given === undefined) factor(p)
  for (;;) {
    const middle = sources.length
    const join = acceptJoin(p)
    if (join === 'natural') factor(p)
    else if (join !== undefined) {
      open.push({ from, middle, outer: join === 'outer' })
      from = middle
      factor(p)
    } else {
      const last = startsCondition(p) ? open.pop() : undefined
      if (last === undefined) break
      from = last.from
      const place = { join: last, end: middle, height: open.length, below: open.at(-1) }
      const condition: Condition = { ...place, all: [], left: [], right: [] }
      conditions.push(condition)
      readCondition(p, condition)
    }
  }
  if (open.some((join) => join.outer)) throw p.expected('ON or USING')
  for (const condition of conditions) fill(condition, open, sources)
}

function factor(p: Parser): void {
  if (p.is('(')) {
    const inner = group(p)
    if (inner !== undefined) derived(p, inner)
  } else if (p.accept('LATERAL')) {
    p.expect('(')
    const inner = p.rules.query(p, before(p))
    p.expect(')')
    derived(p, inner)
  } else if (p.is('JSON_TABLE')) add(p, jsonTable(p, before(p).sources))
  else if (p.accept('{')) {
    p.enter()
    p.expect('OJ')
    tableReference(p)
    p.expect('}')
    p.leave()
  } else table(p)
}

/** A scope that holds what stands before this place in FROM: all that LATERAL and JSON_TABLE see. */
function before(p: Parser): Scope {
  const scope = p.newScope(p.scope.outer)
  scope.sources.push(...p.scope.sources)
  return scope
}

/**
 * Reads brackets that hold joins, or a query, which is given back without its alias. Only what follows `((SELECT …)`
 * tells them apart.
 */
function group(p: Parser): Scope | undefined {
  p.enter()
  p.expect('(')
  const result = inGroup(p)
  p.expect(')')
  p.leave()
  return result
}

function inGroup(p: Parser): Scope | undefined {
  const { outer } = p.scope
  if (startsQuery(p)) return p.rules.query(p, outer)
  if (!p.is('(')) {
    tableReferences(p)
    return undefined
  }
  const from = p.scope.sources.length
  const inner = group(p)
  if (inner !== undefined) {
    if (continuesQuery(p)) return p.rules.query(p, outer, inner)
    if (p.is(')')) return inner
    derived(p, inner)
  }
  tableReference(p, from)
  if (p.accept(',')) tableReferences(p)
  return undefined
}

function derived(p: Parser, query: Scope): void {
  const source: Mutable<Source> = { kind: 'query', query }
  tableAlias(p, source)
  if (source.alias === undefined) throw p.expected('an alias of the derived table')
  if (p.is('(')) source.columns = columnNames(p)
  add(p, source)
}

function table(p: Parser): void {
  const source = tableRead(p)
  partitionSelection(p)
  tableAlias(p, source)
  indexHints(p)
  add(p, source)
}

function add(p: Parser, source: Source): void {
  if (p.scope.sources.length >= MAX_TABLES) throw p.fail(`more than ${MAX_TABLES} tables in one query`, p.at - 1)
  p.scope.sources.push(source)
}

const HINTS: ReadonlySet<string> = new Set(['USE', 'FORCE', 'IGNORE'])
const INDEX: ReadonlySet<string> = new Set(['INDEX', 'KEY'])

/** `USE INDEX FOR ORDER BY (a, b)`, any number of times. */
export function indexHints(p: Parser): void {
  for (let hint = p.acceptOne(HINTS); hint !== undefined; hint = p.acceptOne(HINTS)) {
    p.expectOne(INDEX, 'INDEX or KEY')
    if (p.accept('FOR') && !p.accept('JOIN')) {
      if (!p.accept('ORDER')) p.expect('GROUP')
      p.expect('BY')
    }
    p.expect('(')
    if (hint !== 'USE' || !p.is(')')) p.series(indexName)
    p.expect(')')
  }
}

function indexName(p: Parser): void {
  if (!p.accept('PRIMARY')) p.name('name', 'a name of an index')
}
