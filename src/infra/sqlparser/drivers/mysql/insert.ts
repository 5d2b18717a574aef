import type { InsertShape, Source, Statement } from '../../driver.ts'
import { assignments, value } from './assignments.ts'
import { startsQuery } from './brackets.ts'
import type { Mutable, Parser } from './parser.ts'
import { columnRef } from './references.ts'
import { columnNames, partitionSelection, tableSource } from './table-names.ts'

const INSERT_OPTIONS: ReadonlySet<string> = new Set(['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY'])
const REPLACE_OPTIONS: ReadonlySet<string> = new Set(['LOW_PRIORITY', 'DELAYED'])

/** Reads INSERT or REPLACE into the current scope. */
export function insert(p: Parser): Pick<Statement, 'insert' | 'replaces'> {
  const shape: Mutable<InsertShape> = {}
  const replace = p.is('REPLACE')
  const first = p.at
  p.accept(p.token.word)
  p.acceptOne(replace ? REPLACE_OPTIONS : INSERT_OPTIONS)
  if (!replace) p.accept('IGNORE')
  p.accept('INTO')
  const target = tableSource(p, true)
  p.scope.sources.push(target)
  p.insertTarget = target
  partitionSelection(p)
  const queried = rows(p, shape, target)
  if (replace) return { insert: shape, replaces: { token: first } }
  if (!p.is('ON')) return { insert: shape }
  const token = p.at
  onDuplicateKey(p, target, queried)
  return { insert: shape, replaces: { token } }
}

/** The new values may name the columns of the query whose rows are inserted: its sources are visible here, too. */
function onDuplicateKey(p: Parser, target: Source, queried: readonly Source[]): void {
  p.expect('ON')
  p.expect('DUPLICATE')
  p.expect('KEY')
  p.expect('UPDATE')
  p.scope.sources.push(...queried)
  assignments(p, target)
}

/** Reads what is inserted; gives the sources of a query. */
function rows(p: Parser, shape: Mutable<InsertShape>, target: Source): readonly Source[] {
  if (p.accept('SET')) {
    assignments(p, target)
    rowAlias(p, target, undefined)
    return []
  }
  const columns = p.is('(') && !startsBracketedQuery(p) ? columnList(p, target) : undefined
  if (columns !== undefined) shape.columns = columns
  if (p.is('VALUE') || (p.is('VALUES') && p.peek(1).word !== 'ROW')) {
    p.accept(p.token.word)
    shape.rows = valueRows(p, false)
  } else if (p.accept('VALUES')) shape.rows = valueRows(p, true)
  else {
    if (!startsQuery(p) && !p.is('('))
      throw p.expected(columns === undefined ? 'VALUES, SET or a query' : 'VALUES or a query')
    shape.query = p.rules.query(p, undefined)
    return shape.query.sources
  }
  rowAlias(p, target, columns?.names)
  return []
}

/** Whether the brackets that open here hold a query: then they are no list of columns. */
function startsBracketedQuery(p: Parser): boolean {
  let ahead = 1
  while (p.peek(ahead).word === '(') ahead++
  return ['SELECT', 'WITH', 'TABLE', 'VALUES'].includes(p.peek(ahead).word)
}

type ColumnList = { readonly close: number; readonly tokens: readonly number[]; readonly names: readonly string[] }

function columnList(p: Parser, target: Source): ColumnList {
  const { context } = p
  const tokens: number[] = []
  const names: string[] = []
  p.context = { ...context, only: target }
  p.expect('(')
  if (!p.is(')'))
    p.series(() => {
      const { token, column } = columnRef(p)
      tokens.push(token)
      names.push(column)
    })
  const close = p.at
  p.expect(')')
  p.context = context
  return { close, tokens, names }
}

/** `(1, 2), (3, DEFAULT)`, or with `named` rows `ROW(1, 2), ROW(3, 4)`. */
function valueRows(p: Parser, named: boolean): { open: number; close: number }[] {
  const read: { open: number; close: number }[] = []
  do {
    if (named) p.expect('ROW')
    const open = p.at
    p.expect('(')
    if (!p.is(')')) p.series(value)
    read.push({ open, close: p.at })
    p.expect(')')
  } while (p.accept(','))
  return read
}

/** Reads `AS new (a, b)`: the row that was to be inserted, for ON DUPLICATE KEY UPDATE. */
function rowAlias(p: Parser, target: Source, listed: readonly string[] | undefined): void {
  if (!p.accept('AS')) return
  const aliasToken = p.at
  const alias = p.name('alias', 'an alias')
  const source: Mutable<Source> = { kind: 'table', alias, aliasToken }
  if (target.name !== undefined) source.name = target.name
  if (p.is('(')) {
    source.columns = columnNames(p)
    if (listed !== undefined && listed.length !== source.columns.length)
      throw p.fail('failed to parse SQL: the alias has another number of columns than the row', aliasToken)
  }
  p.scope.sources.push(source)
}
