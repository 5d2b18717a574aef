import { type RawBuilder, sql } from 'kysely'
import { columnOf, type Definition, primaryOf, refused } from './definition.ts'
import type { TableDialect } from './dialect.ts'
import type { TableLimits } from './limits.ts'
import { physicalTable } from './names.ts'
import type { RowInput, SelectQuery, TableColumn, Where } from './types.ts'
import { toStored } from './values.ts'
import { columnRef, whereSql } from './where.ts'

export type StatementContext = { definition: Definition; dialect: TableDialect; limits: TableLimits }

type Sql = RawBuilder<unknown>

const tableRef = ({ id }: Definition): Sql => sql.table(physicalTable(id))

/** `c0_id`, `c1_id` …: under such names the database hands out integers with all their digits. */
export const labelOf = (position: number): string => `c${position}_id`

const whereClause = (where: Where | undefined, { definition, dialect, limits }: StatementContext): Sql => {
  const condition = whereSql(where, definition, dialect, limits)
  return condition === undefined ? sql`` : sql` where ${condition}`
}

/** By the primary key, or as the rows were inserted. */
function defaultOrder({ definition, dialect }: StatementContext): Sql[] {
  const ids = primaryOf(definition)?.columnIds
  if (ids === undefined) return [sql`${dialect.rowKey(definition)}`]
  return definition.columns
    .filter(({ id }) => ids.includes(id))
    .sort((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id))
    .map(columnRef)
}

function orderClause(orderBy: SelectQuery['orderBy'], context: StatementContext): Sql {
  const wanted = (orderBy ?? []).map(({ column, direction = 'asc' }) => {
    if (direction !== 'asc' && direction !== 'desc') throw refused('rows are ordered "asc" or "desc"')
    const found = columnOf(context.definition, column)
    const nulls = found.required ? '' : context.dialect.nulls(direction)
    return sql`${columnRef(found)} ${sql.raw(direction + nulls)}`
  })
  return sql` order by ${sql.join([...wanted, ...defaultOrder(context)])}`
}

export function selectedColumns(names: SelectQuery['columns'], definition: Definition): TableColumn[] {
  if (names === undefined) return definition.columns
  if (names.length === 0) throw refused('a query asks for at least one column')
  return names.map((name) => columnOf(definition, name))
}

/** The page of a query. `limit` and `offset` have been checked. */
export function selectSql(
  columns: readonly TableColumn[],
  query: SelectQuery & { where: Where; limit: number; offset: number },
  context: StatementContext,
): Sql {
  const list = columns.map((column, i) => sql`${columnRef(column)} as ${sql.ref(labelOf(i))}`)
  return sql`select ${sql.join(list)} from ${tableRef(context.definition)}${whereClause(query.where, context)}${orderClause(query.orderBy, context)} limit ${query.limit} offset ${query.offset}`
}

export const countSql = (where: Where, context: StatementContext): Sql =>
  sql`select count(*) as ${sql.ref(labelOf(0))} from ${tableRef(context.definition)}${whereClause(where, context)}`

/** The rows that a write is about: those of `where`, and with a limit the first of them by primary key. */
function targetClause(where: Where, limit: number | undefined, context: StatementContext): Sql {
  const clause = whereClause(where, context)
  if (limit === undefined) return clause
  const { definition, dialect } = context
  const key = dialect.rowKey(definition)
  const first = sql`select ${key} from ${tableRef(definition)}${clause}${orderClause(undefined, context)} limit ${limit}`
  // a query around the query: MySQL neither limits the query of an IN nor reads there from the table it writes to
  return sql` where ${key} in (select * from (${first}) as targets)`
}

export function updateSql(set: RowInput, where: Where, limit: number | undefined, context: StatementContext): Sql {
  const { definition } = context
  const given = Object.entries(set).filter(([, value]) => value !== undefined)
  if (given.length === 0) throw refused('an update sets at least one column')
  const assignments = given.map(([name, value]) => {
    const column = columnOf(definition, name)
    const stored = toStored(column, value)
    if (stored === null && column.required) throw refused(`the column "${column.name}" must have a value`)
    return sql`${columnRef(column)} = ${stored}`
  })
  return sql`update ${tableRef(definition)} set ${sql.join(assignments)}${targetClause(where, limit, context)}`
}

export const deleteSql = (where: Where, limit: number | undefined, context: StatementContext): Sql =>
  sql`delete from ${tableRef(context.definition)}${targetClause(where, limit, context)}`
