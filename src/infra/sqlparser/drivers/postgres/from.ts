import type { Alias, JoinExpr, Node, RangeFunction, RangeVar } from 'libpg-query'
import type { Ref, Scope, Source } from '../../driver.ts'
import type { Place } from './expressions.ts'
import { namesIn, type Reading } from './reading.ts'

export type FromReader = {
  readonly reading: Reading
  readExpressions(place: Place, nodes: readonly unknown[]): void
  /** Reads a query; `outer` is where it looks for columns that it does not have. */
  readQuery(node: Node | undefined, outer: Scope | undefined, frame: Scope['frame']): Scope
}

/** Reads the items of FROM into the scope; gives the sources that they add. */
export function readFrom(reader: FromReader, scope: Scope, items: readonly Node[] | undefined): void {
  for (const item of items ?? []) readItem(reader, scope, item)
}

/** More than any server joins. */
const MAX_SOURCES = 1_000

/** Reads one item; gives the sources that it adds. */
function readItem(reader: FromReader, scope: Scope, item: Node | undefined): readonly Source[] {
  const { reading } = reader
  const first = scope.sources.length
  if (item === undefined) return []
  if (first >= MAX_SOURCES) throw reading.refuse('FROM has too many items', reading.touched)
  if ('RangeVar' in item) scope.sources.push(tableOf(reading, item.RangeVar, false))
  else if ('JoinExpr' in item) readJoin(reader, scope, item.JoinExpr)
  else if ('RangeSubselect' in item) {
    const { subquery, lateral, alias } = item.RangeSubselect
    const outer = lateral === true ? scope : scope.outer
    const query = reader.readQuery(subquery, outer, scope.frame)
    scope.sources.push({ kind: 'query', query, ...named(reading, alias, startOf(reading, query)) })
  } else if ('RangeFunction' in item) readFunction(reader, scope, item.RangeFunction)
  else if ('RangeTableSample' in item) {
    const { relation, args, repeatable } = item.RangeTableSample
    readItem(reader, scope, relation)
    reader.readExpressions({ scope }, [args, repeatable])
  } else if ('JsonTable' in item || 'RangeTableFunc' in item) {
    const { alias, location, ...parts } = 'JsonTable' in item ? item.JsonTable : item.RangeTableFunc
    const token = reading.at(location)
    reading.call(token, reading.tokens[token]?.text ?? '')
    reader.readExpressions({ scope, within: [...scope.sources] }, Object.values(parts))
    scope.sources.push({ kind: 'function', ...named(reading, alias, token + 2) })
  } else throw reading.refuse('an item of FROM is not understood')
  return scope.sources.slice(first)
}

function readJoin(reader: FromReader, around: Scope, join: JoinExpr): void {
  const { reading } = reader
  if (join.join_using_alias !== undefined) throw reading.refuse('aliases of USING are not supported', reading.touched)
  const scope = join.alias === undefined ? around : reading.scope(around.outer, around.frame)
  const left = readItem(reader, scope, join.larg)
  const before = reading.touched
  reading.touched = -1
  const right = readItem(reader, scope, join.rarg)
  const rightEnd = reading.touched
  reading.touched = Math.max(before, rightEnd)
  if (join.isNatural === true)
    scope.natural ??= reading.tokens.findIndex((token) => token.role === 'keyword' && /^natural$/i.test(token.text))
  if (join.usingClause !== undefined)
    scope.refs.push(...readUsing(reading, namesIn(join.usingClause), rightEnd, { left, right }))
  if (join.quals !== undefined) reader.readExpressions({ scope, within: [...left, ...right] }, [join.quals])
  if (scope === around) return
  scope.outputs.push({ star: {} })
  around.sources.push({ kind: 'query', query: reading.finish(scope), ...named(reading, join.alias, rightEnd) })
}

/** The tree does not say where the columns of USING stand: they follow the right side, innermost join first. */
function readUsing(reading: Reading, names: readonly string[], after: number, using: NonNullable<Ref['using']>): Ref[] {
  let at = after + 1
  const isList = (index: number) => reading.is(index, 'USING') && reading.is(index + 1, '(')
  while (at < reading.tokens.length && !(isList(at) && !reading.usings.has(at))) at += 1
  reading.usings.add(at)
  const items = after === -1 ? [] : reading.items(at + 1)
  if (items.length !== names.length) throw reading.refuse('the columns of USING are not understood', at)
  reading.touched = Math.max(reading.touched, at)
  return names.map((column, index) => ({ token: reading.mark(items[index] ?? -1, column, 'column'), column, using }))
}

function readFunction(reader: FromReader, scope: Scope, { functions, alias, coldeflist }: RangeFunction): void {
  const { reading } = reader
  reader.readExpressions({ scope, within: [...scope.sources] }, [functions, coldeflist])
  const [item] = functions?.[0] !== undefined && 'List' in functions[0] ? (functions[0].List.items ?? []) : []
  const call = item !== undefined && 'FuncCall' in item ? item.FuncCall : undefined
  const name = namesIn(call?.funcname).at(-1)
  const defined = (coldeflist ?? []).flatMap((node) => ('ColumnDef' in node ? [node.ColumnDef.colname ?? ''] : []))
  scope.sources.push({
    kind: 'function',
    ...(name !== undefined && { name }),
    ...(defined.length > 0 && { columns: defined }),
    ...named(reading, alias, call === undefined ? undefined : reading.at(call.location) + 2),
  })
}

/** The token that begins a query; of a set operation, its first query. */
function startOf({ starts }: Reading, query: Scope): number | undefined {
  let core = query
  while (core.arms?.[0] !== undefined) core = core.arms[0]
  return starts.get(core)
}

/** The alias of an item of FROM, which follows a bracket around a token of it, and the names of its columns. */
function named(reading: Reading, alias: Alias | undefined, inside: number | undefined): Partial<Source> {
  if (alias?.aliasname === undefined) return {}
  const columns = namesIn(alias.colnames)
  const aliasToken = inside === undefined ? undefined : reading.aliasAround(inside, alias.aliasname)
  return {
    alias: alias.aliasname,
    ...(aliasToken !== undefined && { aliasToken }),
    ...(columns.length > 0 && { columns }),
  }
}

/** A table as it is named in FROM or as a target. */
export function tableOf(reading: Reading, table: RangeVar, target: boolean): Source {
  const first = reading.at(table.location)
  if (table.catalogname !== undefined) throw reading.refuse('a table of another database is named', first)
  const { schemaname: schema, relname: name = '', alias } = table
  const token = schema === undefined ? first : first + 2
  reading.mark(token, name, 'table')
  if (schema !== undefined) reading.mark(first, schema, 'schema')
  reading.touched = Math.max(reading.touched, token)
  const given = alias?.aliasname
  const aliasToken = given === undefined ? undefined : reading.aliasBehind(token + 1, given)
  if (aliasToken !== undefined) reading.touched = Math.max(reading.touched, aliasToken)
  const columns = namesIn(alias?.colnames)
  return {
    kind: 'table',
    name,
    token,
    ...(schema !== undefined && { schema, schemaToken: first }),
    ...(given !== undefined && { alias: given }),
    ...(aliasToken !== undefined && { aliasToken }),
    ...(columns.length > 0 && { columns }),
    ...(target && { target }),
  }
}
