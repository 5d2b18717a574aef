import { AppError } from '../../base/errors.ts'
import { parseInt64 } from '../../base/int64.ts'
import type { Tx } from '../../infra/db/db.ts'
import type { Row, Condition as TableCondition, Tables, Where } from '../../infra/tables/tables.ts'
import type { Actor } from '../actor.ts'
import {
  type Condition,
  type DatabaseRecord,
  type Environment,
  type Field,
  type RecordChange,
  type RecordFilter,
  type RecordQuery,
  SYSTEM_COLUMNS,
  type UserDatabase,
} from './types.ts'
import { readRecord, readValue, valueText } from './values.ts'

const COMPARISONS = { '=': '=', '!=': '!=', '>': '>', '<': '<', '>=': '>=', '<=': '<=' } as const
const MAX_LIST_VALUES = 1_000

const tableId = (database: UserDatabase, environment: Environment): string =>
  environment === 'draft' ? database.id : database.onlineId

const toRecord = (row: Row): DatabaseRecord =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, valueText(value)]))

/** The rows of one half. Throws `invalid_argument` for a name that is no field. */
export async function listRecords(
  tables: Tables,
  database: UserDatabase,
  actor: Actor,
  query: RecordQuery,
): Promise<{ records: DatabaseRecord[]; total: number }> {
  const own: TableCondition[] = []
  if (database.access === 'limited' && !query.allUsers)
    own.push({ column: SYSTEM_COLUMNS.owner, op: '=', value: actor.accountId })
  if (database.access === 'limited' && !query.allUsers && !query.allConnectors)
    own.push({ column: SYSTEM_COLUMNS.connector, op: '=', value: actor.connectorId })
  const asked = query.filter === undefined ? [] : [whereOf(database.fields, query.filter)].filter((one) => one !== null)
  const where: Where = own.length + asked.length === 0 ? 'all_rows' : { conditions: own, groups: asked }
  const { rows, total } = await tables.select(tableId(database, query.environment), {
    where,
    limit: query.limit,
    offset: query.offset,
    orderBy: (query.orderBy ?? []).map(({ field, descending }) => ({
      column: columnOf(database.fields, field).name,
      direction: descending ? 'desc' : 'asc',
    })),
  })
  return { records: rows.map(toRecord), total }
}

/** A field or a system column, as a field. */
function columnOf(fields: readonly Field[], name: string): Pick<Field, 'name' | 'type' | 'isRequired'> {
  const field = fields.find((one) => one.name === name)
  if (field !== undefined) return { ...field, isRequired: false }
  const system: readonly string[] = Object.values(SYSTEM_COLUMNS)
  if (!system.includes(name)) throw new AppError('invalid_argument', `there is no field ${JSON.stringify(name)}`)
  const type = name === SYSTEM_COLUMNS.id ? 'integer' : name === SYSTEM_COLUMNS.createdAt ? 'date' : 'text'
  return { name, type, isRequired: false }
}

function whereOf(fields: readonly Field[], { any, conditions }: RecordFilter): Exclude<Where, 'all_rows'> | null {
  if (conditions.length === 0) return null
  return { logic: any ? 'or' : 'and', conditions: conditions.map((one) => conditionOf(fields, one)) }
}

function conditionOf(fields: readonly Field[], { field, operator, value }: Condition): TableCondition {
  const column = columnOf(fields, field)
  const { name } = column
  switch (operator) {
    case 'IN':
    case 'NOT IN': {
      const values = listOf(value).map((text) => readValue(column, text))
      return { column: name, op: operator === 'IN' ? 'in' : 'not_in', values }
    }
    case 'IS NULL':
      return { column: name, op: 'is_null' }
    case 'IS NOT NULL':
      return { column: name, op: 'is_not_null' }
    case 'LIKE':
      return { column: name, op: 'like', value }
    case 'NOT LIKE':
      return { column: name, op: 'not_like', value }
    default: {
      const compared = readValue(column, value)
      if (compared === null && operator === '=') return { column: name, op: 'is_null' }
      if (compared === null && operator === '!=') return { column: name, op: 'is_not_null' }
      if (compared === null)
        throw new AppError('invalid_argument', `filter_criterion: ${name} is compared with nothing`)
      return { column: name, op: COMPARISONS[operator], value: compared }
    }
  }
}

/** "a,b" or a JSON list. */
function listOf(text: string): string[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = text.split(',').map((part) => part.trim())
  }
  const values = (Array.isArray(list) ? list : [list]).map(String)
  if (values.length > MAX_LIST_VALUES)
    throw new AppError('invalid_argument', `filter_criterion: at most ${MAX_LIST_VALUES} values in a list`)
  return values
}

/**
 * Adds, changes and deletes rows of one half, in this order. Returns the changed rows. Throws `not_found` for a row that is not there.
 */
export async function changeRecords(
  { tables, tx }: { tables: Tables; tx: Tx },
  database: UserDatabase,
  actor: Actor,
  change: RecordChange,
): Promise<DatabaseRecord[]> {
  const id = tableId(database, change.environment)
  const owner = { [SYSTEM_COLUMNS.owner]: actor.accountId, [SYSTEM_COLUMNS.connector]: actor.connectorId }
  const added = change.add.map((record) => ({ ...owner, ...readRecord(database.fields, record, { whole: true }) }))
  const altered = change.alter.map((record) => ({
    id: rowId(record[SYSTEM_COLUMNS.id] ?? ''),
    set: readRecord(database.fields, record, { whole: false }),
  }))
  const deleted = change.deleteIds.map(rowId)
  const named = [...altered.map((row) => row.id), ...deleted]
  if (named.length > 0) await requireRows({ tables, tx }, id, named)
  if (added.length > 0) await tables.insert(id, added, { tx })
  for (const row of altered)
    if (Object.keys(row.set).length > 0)
      await tables.update(id, row.set, { conditions: [{ column: SYSTEM_COLUMNS.id, op: '=', value: row.id }] }, { tx })
  if (deleted.length > 0)
    await tables.delete(id, { conditions: [{ column: SYSTEM_COLUMNS.id, op: 'in', values: deleted }] }, { tx })
  if (altered.length === 0) return []
  const values = altered.map((row) => row.id)
  const { rows } = await tables.select(
    id,
    { where: { conditions: [{ column: SYSTEM_COLUMNS.id, op: 'in', values }] } },
    { tx },
  )
  return rows.map(toRecord)
}

function rowId(text: string): bigint {
  const id = parseInt64(text)
  if (id === undefined) throw new AppError('invalid_argument', `${SYSTEM_COLUMNS.id}: must be the id of a row`)
  return id
}

async function requireRows(
  { tables, tx }: { tables: Tables; tx: Tx },
  id: string,
  ids: readonly bigint[],
): Promise<void> {
  const where: Where = { conditions: [{ column: SYSTEM_COLUMNS.id, op: 'in', values: ids }] }
  const { total } = await tables.select(id, { where, columns: [SYSTEM_COLUMNS.id], limit: 0 }, { tx })
  if (total !== new Set(ids).size)
    throw new AppError('not_found', 'a row that is to be changed is not there', {
      details: { field: SYSTEM_COLUMNS.id },
    })
}
