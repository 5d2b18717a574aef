import type { Output, Ref, Scope } from '../../driver.ts'
import { fromClause } from './from.ts'
import { key } from './names.ts'
import type { Mutable, Parser } from './parser.ts'
import { refuseInto, tableRead } from './table-names.ts'
import { window } from './windows.ts'

const OPTIONS: ReadonlySet<string> = new Set([
  ...['ALL', 'DISTINCT', 'DISTINCTROW', 'HIGH_PRIORITY', 'STRAIGHT_JOIN', 'SQL_SMALL_RESULT', 'SQL_BIG_RESULT'],
  ...['SQL_BUFFER_RESULT', 'SQL_NO_CACHE', 'SQL_CALC_FOUND_ROWS'],
])

/** Reads a SELECT up to ORDER BY, which belongs to what it may be a part of. */
export function select(p: Parser, outer: Scope | undefined): Scope {
  const scope = p.newScope(outer)
  p.scope = scope
  p.expect('SELECT')
  let all = false
  for (let option = p.acceptOne(OPTIONS); option !== undefined; option = p.acceptOne(OPTIONS)) {
    if (option.startsWith('DISTINCT')) scope.grouped = true
    if (option === 'ALL') all = true
    if (all && scope.grouped === true)
      throw p.fail('failed to parse SQL: ALL and DISTINCT exclude one another', p.at - 1)
  }
  items(p, scope)
  scope.listEnd = p.at
  refuseInto(p)
  if (p.accept('FROM')) fromClause(p)
  where(p, scope)
  groupBy(p, scope)
  if (p.accept('WINDOW')) p.series(namedWindow)
  return scope
}

function items(p: Parser, scope: Scope): void {
  if (p.accept('*')) scope.outputs.push({ star: {} })
  else item(p, scope)
  while (p.accept(',')) {
    if (p.is('*')) throw p.fail('failed to parse SQL: * must be the first item of a select list', p.at, 'write t.*')
    item(p, scope)
  }
}

function item(p: Parser, scope: Scope): void {
  if (p.isName && starredTable(p, scope)) return
  const ref = p.rules.expression(p)
  const alias = outputAlias(p)
  const output: Mutable<Output> = {}
  if (alias !== undefined) output.name = alias
  else if (ref !== undefined) {
    output.name = ref.column
    output.ref = ref
  }
  scope.outputs.push(output)
}

/** Reads `t.*` or `db.t.*`, if it is next. */
function starredTable(p: Parser, scope: Scope): boolean {
  if (p.peek(1).word !== '.') return false
  if (p.peek(2).word !== '*') {
    if (p.peek(3).word !== '.' || p.peek(4).word !== '*') return false
    p.name('schema')
    p.advance()
  }
  const token = p.at
  const name = p.name('qualifier')
  p.advance()
  p.advance()
  scope.mentions.push({ token, name })
  scope.outputs.push({ star: { qualifier: name } })
  return true
}

/** Reads the label of an item; it may stand in quotes. */
function outputAlias(p: Parser): string | undefined {
  if (p.accept('AS')) return isText(p) ? p.anyName('alias') : p.name('alias', 'an alias')
  return isText(p) || p.isName ? p.anyName('alias') : undefined
}

const isText = (p: Parser): boolean => p.token.kind === 'string' && /^['"]/.test(p.token.text)

/** Reads WHERE, or notes where one would stand. */
export function where(p: Parser, scope: Scope): void {
  if (!p.accept('WHERE')) {
    scope.whereAt = p.at
    return
  }
  const first = p.at
  p.rules.expression(p)
  scope.where = { first, end: p.at }
}

/** Reads GROUP BY and HAVING. Columns win over labels in the former, labels over columns in the latter. */
function groupBy(p: Parser, scope: Scope): void {
  const { context } = p
  const grouped = new Set<string>()
  if (p.acceptBoth('GROUP', 'BY')) {
    scope.grouped = true
    p.context = { ...context, alias: 'last' }
    const read = (): void => {
      const ref = p.rules.expression(p)
      if (ref !== undefined && ref.qualifier === undefined) grouped.add(key(ref.column))
    }
    if (p.peek(1).word === '(' && p.accept('ROLLUP')) p.list(read)
    else {
      p.series(read)
      if (p.accept('WITH')) p.expect('ROLLUP')
    }
  }
  if (p.accept('HAVING')) {
    p.context = { ...context, alias: 'first' }
    const before = scope.refs.length
    p.rules.expression(p)
    // What is grouped by is meant by its name before any label.
    for (let at = before; at < scope.refs.length; at++) {
      const ref: Mutable<Ref> | undefined = scope.refs[at]
      if (ref?.alias !== undefined && grouped.has(key(ref.column))) ref.alias = 'last'
    }
  }
  p.context = context
}

function namedWindow(p: Parser): void {
  p.name('name', 'a name of a window')
  p.expect('AS')
  window(p)
}

/** Reads `VALUES ROW(1, 2), ROW(3, 4)`. */
export function valuesQuery(p: Parser, outer: Scope | undefined): Scope {
  const scope = p.newScope(outer)
  p.scope = scope
  p.expect('VALUES')
  let count = 0
  p.series(() => {
    p.expect('ROW')
    count = 0
    p.expect('(')
    if (!p.is(')'))
      p.series(() => {
        if (!p.accept('DEFAULT')) p.rules.expression(p)
        count++
      })
    p.expect(')')
  })
  for (let column = 0; column < count; column++) scope.outputs.push({ name: `column_${column}` })
  return scope
}

/** Reads `TABLE t`, which is `SELECT * FROM t`. */
export function tableQuery(p: Parser, outer: Scope | undefined): Scope {
  const scope = p.newScope(outer)
  p.expect('TABLE')
  scope.sources.push(tableRead(p))
  scope.outputs.push({ star: {} })
  return scope
}
