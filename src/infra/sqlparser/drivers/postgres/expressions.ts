import type {
  A_Indirection,
  ColumnRef,
  FuncCall,
  MultiAssignRef,
  SelectStmt,
  SQLValueFunction,
  SubLink,
  TypeCast,
  WindowDef,
} from 'libpg-query'
import type { Ref, Scope, Source } from '../../driver.ts'
import { setRef } from './labels.ts'
import { namesIn, type Reading } from './reading.ts'

/** Where an expression stands. */
export type Place = {
  readonly scope: Scope
  /** Whether names may mean labels of the select list (`Ref.alias`). */
  readonly alias?: 'first' | 'last'
  /** The sources that ON sees. */
  readonly within?: readonly Source[]
  /** Whether an aggregate here makes the query an aggregate one. */
  readonly aggregates?: boolean
}

export type ReadQuery = (select: SelectStmt, outer: Scope) => Scope

const AGGREGATES: ReadonlySet<string> = new Set(
  (
    'any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist ' +
    'dense_rank every json_agg json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique ' +
    'json_object_agg_unique_strict jsonb_agg jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict ' +
    'jsonb_object_agg_unique jsonb_object_agg_unique_strict max min mode percent_rank percentile_cont ' +
    'percentile_disc range_agg range_intersect_agg rank regr_avgx regr_avgy regr_count regr_intercept regr_r2 ' +
    'regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg'
  ).split(' '),
)

/**
 * Reads the names in expressions, whatever nodes they are made of: nodes without a rule of their own are looked through
 * for those that have one. A loop over a list of what is left, as trees are as deep as chains of operators are long.
 */
export function readExpressions(reading: Reading, place: Place, first: readonly unknown[], readQuery: ReadQuery): void {
  const open: unknown[] = []
  pushAll(open, first)
  while (open.length > 0) {
    const value = open.pop()
    if (Array.isArray(value)) pushAll(open, value)
    else if (typeof value === 'object' && value !== null) readNode(reading, place, value, open, readQuery)
  }
}

function pushAll(open: unknown[], values: readonly unknown[]): void {
  for (let index = values.length - 1; index >= 0; index -= 1) open.push(values[index])
}

function readNode(reading: Reading, place: Place, node: object, open: unknown[], readQuery: ReadQuery): void {
  for (const kind in node) {
    const value = (node as Record<string, unknown>)[kind]
    if (!readKind(reading, place, kind, value, open, readQuery)) pushAll(open, Object.values(node))
    return
  }
}

/** Reads a node that has a rule; by a switch, as statements may have many thousand nodes. */
function readKind(
  reading: Reading,
  place: Place,
  kind: string,
  value: unknown,
  open: unknown[],
  readQuery: ReadQuery,
): boolean {
  switch (kind) {
    case 'ColumnRef':
      readColumn(reading, place, value as ColumnRef)
      return true
    case 'A_Const':
      return true
    case 'A_Indirection':
      readIndirection(reading, place, value as A_Indirection, open)
      return true
    case 'FuncCall':
      readCall(reading, place, value as FuncCall, open)
      return true
    case 'SubLink':
      readSubLink(place, value as SubLink, open, readQuery)
      return true
    case 'TypeCast': {
      const { arg, typeName } = value as TypeCast
      open.push(arg)
      reading.type(typeName)
      return true
    }
    case 'SelectStmt':
      readQuery(value as SelectStmt, place.scope)
      return true
    case 'MultiAssignRef': {
      // The tree repeats the source for every column that is set from it.
      const { colno, source } = value as MultiAssignRef
      if (colno === 1) open.push(source)
      return true
    }
    case 'RangeVar':
      throw reading.refuse('a table stands where none is understood', 0)
    case 'SQLValueFunction': {
      const token = reading.at((value as SQLValueFunction).location)
      reading.call(token, reading.tokens[token]?.text ?? '')
      return true
    }
    case 'JsonObjectAgg':
    case 'JsonArrayAgg':
      if (place.aggregates === true) place.scope.aggregate = true
      return false
    default:
      if (CALLS.has(kind)) readSyntaxCall(reading, value)
      return false
  }
}

/** Nodes that are calls with a syntax of their own: `COALESCE (…)`, `JSON_OBJECT (…)`. */
const CALLS: ReadonlySet<string> = new Set(
  (
    'CoalesceExpr MinMaxExpr GroupingFunc XmlExpr XmlSerialize JsonFuncExpr JsonObjectConstructor JsonArrayConstructor ' +
    'JsonArrayQueryConstructor JsonParseExpr JsonScalarExpr JsonSerializeExpr A_Expr'
  ).split(' '),
)

/** An operator is a call when it is written like one: NULLIF. */
function readSyntaxCall(reading: Reading, node: unknown): void {
  const location = typeof node === 'object' && node !== null && 'location' in node ? node.location : undefined
  if (typeof location !== 'number' || location < 0) return
  const index = reading.at(location)
  const token = reading.tokens[index]
  if (token?.kind !== 'word' || !reading.is(index + 1, '(') || !/^[a-z_]+$/i.test(token.text)) return
  if (NOT_CALLS.has(token.text.toUpperCase())) return
  token.role = 'call'
  reading.call(index, token.text)
}

/** Operators that are words, and may stand before a bracket. */
const NOT_CALLS: ReadonlySet<string> = new Set(
  'IN LIKE ILIKE BETWEEN NOT AND OR IS SIMILAR OPERATOR ANY ALL SOME OVERLAPS AT COLLATE'.split(' '),
)

function readColumn(reading: Reading, { scope, alias, within }: Place, column: ColumnRef): void {
  const { fields = [], location } = column
  const names = namesIn(fields)
  const hasStar = names.length < fields.length
  if (names.length === 0) return
  const first = reading.at(location)
  const last = names.length - 1
  const tokenOf = (index: number) => first + 2 * index
  if (names.length > (hasStar ? 2 : 3)) throw reading.refuse('a column of another database is named', first)
  const nameAt = (index: number): string => names[index] ?? ''
  if (hasStar) {
    if (last > 0) reading.mark(first, nameAt(0), 'schema')
    const token = reading.mark(tokenOf(last), nameAt(last), 'qualifier')
    scope.mentions.push({ token, name: nameAt(last), isRow: true })
    return
  }
  const token = reading.mark(tokenOf(last), nameAt(last), 'column')
  const ref: Ref = {
    token,
    column: nameAt(last),
    ...(last > 0 && { qualifier: qualifierAt(reading, nameAt(last - 1), tokenOf(last - 1), last > 1) }),
    ...(alias !== undefined && { alias }),
    ...(within !== undefined && { within }),
  }
  if (last > 1) reading.mark(first, nameAt(0), 'schema')
  scope.refs.push(ref)
  setRef(column, ref)
}

function qualifierAt(reading: Reading, name: string, token: number, hasSchema: boolean) {
  reading.mark(token, name, 'qualifier')
  return hasSchema ? { name, token, schemaToken: token - 2 } : { name, token }
}

/** `(u).name`: a column of `u` where `u` is a table, else a field of a value, which no mapping names. */
function readIndirection(reading: Reading, place: Place, { arg, indirection }: A_Indirection, open: unknown[]): void {
  const [name, ...more] = arg !== undefined && 'ColumnRef' in arg ? namesIn(arg.ColumnRef.fields) : []
  const [field] = indirection ?? []
  const isRow = name !== undefined && more.length === 0 && isExposed(place.scope, name)
  if (isRow && arg !== undefined && 'ColumnRef' in arg && field !== undefined && 'String' in field) {
    const token = reading.at(arg.ColumnRef.location)
    let at = token + 1
    while (reading.is(at, ')')) at += 1
    const column = field.String.sval ?? ''
    reading.mark(token, name, 'qualifier')
    const qualifier = { name, token }
    place.scope.refs.push({ token: reading.mark(at + 1, column, 'column'), column, qualifier })
    open.push(...(indirection ?? []).slice(1))
  } else open.push(indirection, arg)
}

function isExposed(scope: Scope, name: string): boolean {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer)
    if (level.sources.some((source) => (source.alias ?? source.name) === name)) return true
  return false
}

/** Functions behind a syntax of their own (`EXTRACT`, `AT TIME ZONE`, `LIKE … ESCAPE`) stand in the tree by names that
 * the text does not have. */
function readCall(reading: Reading, place: Place, call: FuncCall, open: unknown[]): void {
  const names = namesIn(call.funcname)
  const name = names.at(-1) ?? ''
  const token = reading.at(call.location)
  const isSyntax = call.funcformat === 'COERCE_SQL_SYNTAX' || !reading.isName(token, names[0] ?? '')
  const last = token + 2 * (names.length - 1)
  if (!isSyntax) {
    for (const [index, part] of names.entries()) reading.mark(token + 2 * index, part, 'schema')
    reading.mark(last, name, 'call')
  } else if (reading.is(token + 1, '(')) readSyntaxCall(reading, call)
  if (!isSyntax || !reading.is(token + 1, '(')) reading.call(token, isSyntax ? name : names.join('.'))
  const isAggregate = call.agg_within_group === true || call.agg_filter !== undefined || AGGREGATES.has(name)
  if (place.aggregates === true && isAggregate && call.over === undefined) place.scope.aggregate = true
  const over = call.over === undefined ? [] : windowParts(call.over)
  pushAll(open, [call.args, call.agg_order, call.agg_filter, over])
}

/** The expressions of a window definition. */
export const windowParts = (window: WindowDef): unknown[] => [
  window.partitionClause,
  window.orderClause,
  window.startOffset,
  window.endOffset,
]

function readSubLink({ scope }: Place, { subselect, testexpr }: SubLink, open: unknown[], readQuery: ReadQuery): void {
  if (subselect !== undefined && 'SelectStmt' in subselect) readQuery(subselect.SelectStmt, scope)
  open.push(testexpr)
}
