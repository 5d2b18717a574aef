import type { Expr, FromClause, OneSelect, ResultColumn, Select, SelectTable, SortedColumn, With } from 'sqlite3-parser'
import type { Cte, CteFrame, Output, Ref, Scope, Source } from '../../driver.ts'
import { type Place, readExpressions, terms, windowTerms } from './expressions.ts'
import type { Reading } from './reader.ts'

/** The bit of a join's type that says NATURAL. */
const NATURAL = 4

/** Reads a query: one SELECT, or several joined by set operations. */
export function readQuery(
  reading: Reading,
  select: Select,
  outer: Scope | undefined,
  around: CteFrame | undefined,
): Scope {
  const frame = readWith(reading, select.with, outer, around)
  const arms = [select.select, ...(select.compounds ?? []).map((compound) => compound.select)]
  const scopes = arms.map((arm, index) => {
    const scope = reading.scope(outer, frame)
    readCore(reading, scope, arm, index === 0 && arms.length === 1 ? select : undefined)
    return scope
  })
  const [only] = scopes
  if (only !== undefined && scopes.length === 1) return only
  const compound = reading.scope(outer, frame)
  compound.arms = scopes
  readOrder(reading, compound, select)
  return reading.finish(compound)
}

/** All expressions of a WITH see each other and themselves. */
export function readWith(
  reading: Reading,
  clause: With | undefined,
  outer: Scope | undefined,
  around: CteFrame | undefined,
): CteFrame | undefined {
  if (clause === undefined) return around
  const ctes = new Map<string, Cte>()
  const frame = { parent: around, ctes }
  const bodies = clause.ctes.map(({ tblName, columns, select }) => {
    const cte: Cte = { name: tblName.text, token: reading.mark(tblName, 'name') }
    if (columns !== undefined) {
      for (const { colName } of columns) reading.mark(colName, 'name')
      cte.columns = columns.map(({ colName }) => colName.text)
    }
    const key = keyOf(tblName.text)
    if (ctes.has(key)) throw reading.refuse('two common table expressions have the same name', tblName.span.offset)
    ctes.set(key, cte)
    return { cte, select }
  })
  for (const { cte, select } of bodies) cte.query = readQuery(reading, select, outer, frame)
  return frame
}

/** Names are the same when they differ in the case of ASCII letters only. */
export const keyOf = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  /^[\x00-\x7f]*$/.test(name) ? name.toLowerCase() : name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

function readCore(reading: Reading, scope: Scope, core: OneSelect, whole: Select | undefined): void {
  const read = (place: Place, ...nodes: readonly (Expr | undefined)[]) => readAll(reading, place, nodes)
  if (core.type === 'SelectValues') {
    for (const { values } of core.values) read({ scope }, ...values)
    if (whole !== undefined) readOrder(reading, scope, whole)
    reading.finish(scope)
    return
  }
  const others = reading.others.length
  if (core.from !== undefined) readFrom(reading, scope, core.from)
  reading.seeOthers(others)
  readOutputs(reading, scope, core.columns)
  read({ scope, alias: 'last' }, core.whereClause)
  read({ scope, alias: 'last' }, ...(core.groupBy ?? []))
  read({ scope, alias: 'last', aggregates: true }, core.having)
  for (const { name, window } of core.windowClause ?? []) {
    reading.mark(name, 'name')
    read({ scope, alias: 'last' }, ...windowTerms(reading, window))
  }
  if (core.distinctness === 'Distinct' || core.groupBy !== undefined) scope.grouped = true
  if (whole !== undefined) readOrder(reading, scope, whole)
  reading.finish(scope, core)
}

function readOrder(reading: Reading, scope: Scope, { orderBy, limit }: Select): void {
  readSort(reading, scope, orderBy)
  readAll(reading, { scope }, [limit?.expr, limit?.offset])
}

/** A plain name in ORDER BY is a label first; COLLATE does not change that. */
export function readSort(reading: Reading, scope: Scope, orderBy: readonly SortedColumn[] | undefined): void {
  for (const term of terms(orderBy)) {
    let plain = term
    while (plain.type === 'CollateExpr') plain = plain.expr
    readAll(reading, { scope, alias: plain.type === 'Id' ? 'first' : 'last', aggregates: true }, [term])
  }
}

export function readAll(reading: Reading, place: Place, nodes: readonly (Expr | undefined)[]): void {
  readExpressions(reading, place, nodes, (select, outer) => readQuery(reading, select, outer, outer.frame))
}

/** A select list or RETURNING. */
export function readOutputs(reading: Reading, scope: Scope, columns: readonly ResultColumn[] | undefined): void {
  for (const column of columns ?? []) {
    if (column.type === 'StarResultColumn') scope.outputs.push({ star: {} })
    else if (column.type === 'TableStarResultColumn') {
      const { table } = column
      scope.mentions.push({ token: reading.mark(table, 'qualifier'), name: table.text })
      scope.outputs.push({ star: { qualifier: table.text } })
    } else {
      const before = scope.refs.length
      readAll(reading, { scope, aggregates: true }, [column.expr])
      if (column.alias !== undefined) reading.mark(column.alias.name, 'alias')
      scope.outputs.push(labelOf(column.expr, column.alias?.name.text, scope.refs[before]))
    }
  }
}

/** Columns keep their name as label through brackets and COLLATE; other expressions are labelled by their text. */
function labelOf(expr: Expr, alias: string | undefined, first: Ref | undefined): Output {
  if (alias !== undefined) return { name: alias }
  let plain = expr
  for (;;) {
    const [inner] = plain.type === 'ParenthesizedExpr' && plain.exprs.length === 1 ? plain.exprs : []
    if (inner !== undefined) plain = inner
    else if (plain.type === 'CollateExpr') plain = plain.expr
    else break
  }
  if (first === undefined || (plain.type !== 'Id' && plain.type !== 'QualifiedExpr')) return {}
  return { name: first.column, ref: first }
}

export function readFrom(reading: Reading, scope: Scope, from: FromClause): void {
  if (from.select !== undefined) readSource(reading, scope, from.select)
  for (const { operator, table, constraint } of from.joins ?? []) {
    const first = scope.sources.length
    readSource(reading, scope, table)
    if (operator.type === 'TypedJoinJoinOperator' && ((operator.joinType ?? 0) & NATURAL) !== 0)
      scope.natural ??= reading.at(operator)
    if (constraint?.type === 'OnJoinConstraint') readAll(reading, { scope, alias: 'last' }, [constraint.expr])
    else if (constraint !== undefined) {
      const using = { left: scope.sources.slice(0, first), right: scope.sources.slice(first) }
      for (const name of constraint.columns)
        scope.refs.push({ token: reading.mark(name, 'column'), column: name.text, using })
    }
  }
}

const JSON_COLUMNS = ['key', 'value', 'type', 'atom', 'id', 'parent', 'fullkey', 'path', 'json', 'root']
/** The columns of table functions that are always there. */
const FUNCTION_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  json_each: JSON_COLUMNS,
  json_tree: JSON_COLUMNS,
  jsonb_each: JSON_COLUMNS,
  jsonb_tree: JSON_COLUMNS,
}

/** More than any engine joins. */
const MAX_SOURCES = 1_000

function readSource(reading: Reading, scope: Scope, table: SelectTable): void {
  if (scope.sources.length >= MAX_SOURCES) throw reading.refuse('FROM has too many items', 0)
  const alias = table.alias?.name
  const given = alias && { alias: alias.text, aliasToken: reading.mark(alias, 'alias') }
  switch (table.type) {
    case 'TableSelectTable':
      scope.sources.push(reading.table(table.tblName, alias, false))
      if (table.indexed?.type === 'IndexedByIndexed') reading.mark(table.indexed.idxName, 'name')
      break
    case 'TableCallSelectTable': {
      const { objName, dbName } = table.tblName
      if (dbName !== undefined) reading.mark(dbName, 'schema')
      reading.call(objName, objName.text)
      const columns = FUNCTION_COLUMNS[keyOf(objName.text)]
      const within: Source[] = []
      readAll(reading, { scope, within }, table.args ?? [])
      const source: Source = { kind: 'function', name: objName.text, ...(columns && { columns }), ...given }
      scope.sources.push(source)
      reading.others.push({ within, scope, source })
      break
    }
    case 'SelectSelectTable':
      scope.sources.push(derived(readQuery(reading, table.select, scope.outer, scope.frame), given))
      break
    case 'SubSelectTable': {
      if (given === undefined) {
        readFrom(reading, scope, table.from)
        break
      }
      const inner = reading.scope(scope.outer, scope.frame)
      readFrom(reading, inner, table.from)
      inner.outputs.push({ star: {} })
      scope.sources.push(derived(reading.finish(inner), given))
    }
  }
}

function derived(query: Scope, given: { alias: string; aliasToken: number } | undefined): Source {
  return { kind: 'query', query, ...given }
}
