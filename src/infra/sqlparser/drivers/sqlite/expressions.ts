import type { Expr, FunctionTail, Select, SortedColumn, Window } from 'sqlite3-parser'
import type { Ref, Scope, Source } from '../../driver.ts'
import type { Reading } from './reader.ts'

/** Where an expression stands. */
export type Place = {
  readonly scope: Scope
  /** Whether names may mean labels of the select list (`Ref.alias`). */
  readonly alias?: 'first' | 'last'
  /** The sources that the arguments of a table function see. */
  readonly within?: readonly Source[]
  /** Whether an aggregate here makes the query an aggregate one. */
  readonly aggregates?: boolean
}

const AGGREGATES: ReadonlySet<string> = new Set([
  'avg',
  'count',
  'group_concat',
  'json_group_array',
  'json_group_object',
  'jsonb_group_array',
  'jsonb_group_object',
  'max',
  'median',
  'min',
  'percentile',
  'percentile_cont',
  'percentile_disc',
  'string_agg',
  'sum',
  'total',
])

/**
 * Reads the names in an expression. Long chains of operators are as deep as they are long in the tree, so this is a loop
 * over a list of what is left; only sub-queries recurse, and those nest no deeper than brackets.
 */
export function readExpressions(
  reading: Reading,
  place: Place,
  first: readonly (Expr | undefined)[],
  readQuery: (select: Select, outer: Scope) => Scope,
): void {
  const open = [...first].reverse()
  while (open.length > 0) {
    const node = open.pop()
    if (node !== undefined) readOne(reading, place, node, open, readQuery)
  }
}

function readOne(
  reading: Reading,
  place: Place,
  node: Expr,
  open: (Expr | undefined)[],
  readQuery: (select: Select, outer: Scope) => Scope,
): void {
  const { scope } = place
  switch (node.type) {
    case 'Id':
      readName(reading, place, node)
      break
    case 'QualifiedExpr': {
      const { schema, table, column } = node
      const schemaToken = schema && reading.mark(schema, 'schema')
      const qualifier = { name: table.text, token: reading.mark(table, 'qualifier') }
      const full = schemaToken === undefined ? qualifier : { ...qualifier, schemaToken }
      scope.refs.push({ token: reading.mark(column, 'column'), column: column.text, qualifier: full })
      break
    }
    case 'BinaryExpr':
      open.push(node.right, node.left)
      break
    case 'UnaryExpr':
    case 'IsNullExpr':
    case 'NotNullExpr':
    case 'CollateExpr':
    case 'CastExpr':
      open.push(node.expr)
      break
    case 'BetweenExpr':
      open.push(node.end, node.start, node.lhs)
      break
    case 'CaseExpr':
      open.push(node.elseExpr)
      for (const { when, then } of node.whenThenPairs) open.push(then, when)
      open.push(node.base)
      break
    case 'ParenthesizedExpr':
      pushAll(open, node.exprs)
      break
    case 'LikeExpr':
      open.push(node.escape, node.rhs, node.lhs)
      break
    case 'InListExpr':
      pushAll(open, node.rhs)
      open.push(node.lhs)
      break
    case 'InSelectExpr':
      readQuery(node.rhs, scope)
      open.push(node.lhs)
      break
    case 'InTableExpr': {
      readInTable(reading, scope, node)
      pushAll(open, node.args)
      open.push(node.lhs)
      break
    }
    case 'ExistsExpr':
    case 'SubqueryExpr':
      readQuery(node.select, scope)
      break
    case 'FunctionCallExpr':
      readCall(reading, place, node, node.args?.length ?? 0)
      pushAll(open, node.args)
      if (node.orderBy?.type === 'SortListFunctionCallOrder') pushAll(open, terms(node.orderBy.columns))
      else open.push(node.orderBy?.expr)
      pushTail(reading, open, node.filterOver)
      break
    case 'FunctionCallStarExpr':
      readCall(reading, place, node, 1)
      pushTail(reading, open, node.filterOver)
      break
    case 'RaiseExpr':
      throw reading.refuse('RAISE is only for triggers', node.span.offset)
    default:
      break
  }
}

/** TRUE and FALSE are plain names to the grammar; they are values here. */
function readName(reading: Reading, { scope, alias, within }: Place, node: Extract<Expr, { type: 'Id' }>): void {
  const token = reading.tokens[reading.at(node)]
  const isValue = token?.kind === 'word' && /^(true|false)$/i.test(node.name)
  if (isValue) return
  const ref: Ref = { token: reading.mark(node, 'column'), column: node.name }
  scope.refs.push({ ...ref, ...(alias !== undefined && { alias }), ...(within !== undefined && { within }) })
}

function readCall(
  reading: Reading,
  place: Place,
  { name, filterOver }: { name: { name: string; span: { offset: number } }; filterOver: FunctionTail | undefined },
  count: number,
): void {
  reading.call(name, name.name)
  const called = name.name.toLowerCase()
  const isScalar = (called === 'min' || called === 'max') && count > 1
  if (place.aggregates !== true || isScalar || filterOver?.overClause !== undefined || !AGGREGATES.has(called)) return
  place.scope.aggregate = true
}

/** `x IN t`: a query of its own, on all columns of one table. */
function readInTable(reading: Reading, outer: Scope, node: Extract<Expr, { type: 'InTableExpr' }>): void {
  const inner = reading.scope(outer, outer.frame)
  if (node.args === undefined) inner.sources.push(reading.table(node.rhs, undefined, false))
  else reading.call(node.rhs.objName, node.rhs.objName.text)
  inner.outputs.push({ star: {} })
  reading.finish(inner)
}

function pushTail(reading: Reading, open: (Expr | undefined)[], tail: FunctionTail | undefined): void {
  open.push(tail?.filterClause)
  if (tail?.overClause?.type === 'WindowOver') pushAll(open, windowTerms(reading, tail.overClause.window))
  else if (tail?.overClause !== undefined) reading.mark(tail.overClause.name, 'name')
}

/** The expressions of a window definition. */
export function windowTerms(reading: Reading, window: Window): readonly (Expr | undefined)[] {
  if (window.base !== undefined) reading.mark(window.base, 'name')
  const bounds = [window.frameClause?.start, window.frameClause?.end].map((bound) =>
    bound !== undefined && 'expr' in bound ? bound.expr : undefined,
  )
  return [...(window.partitionBy ?? []), ...terms(window.orderBy), ...bounds]
}

export const terms = (columns: readonly SortedColumn[] | undefined): readonly Expr[] =>
  (columns ?? []).map(({ expr }) => expr)

function pushAll(open: (Expr | undefined)[], nodes: readonly (Expr | undefined)[] | undefined): void {
  for (let index = (nodes?.length ?? 0) - 1; index >= 0; index -= 1) open.push(nodes?.[index])
}
