import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../db/db.ts'
import type { SqlValue } from '../db/driver.ts'
import { columnOf, primaryOf, refused } from './definition.ts'
import { jsonText } from './json.ts'
import { physicalTable } from './names.ts'
import { insertRows, namedColumns, rowReader } from './rows.ts'
import { labelOf, type StatementContext } from './statements.ts'
import type { RowInput, TableColumn } from './types.ts'
import { fromStored, toStored } from './values.ts'
import { columnRef } from './where.ts'

export type UpsertResult = { inserted: number; updated: number; unchanged: number }

/** A row of the call: its key, and what it sets. */
type Wanted = { key: string; position: number; row: RowInput; keys: SqlValue[]; set: Map<TableColumn, SqlValue> }

const KEYS_PER_QUERY = 200

/** Objects do not keep the order of their keys in every database. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** Values of one column are equal when these texts are, however they were given or read. */
function plain({ type }: TableColumn, value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null
  const cell = fromStored(type, value)
  return type === 'json' ? jsonText(sorted(cell)) : String(cell)
}

/** One text for several: their lengths keep them apart. */
const joined = (texts: readonly (string | null)[]): string =>
  texts.map((text) => (text === null ? 'n' : `${text.length}:${text}`)).join('|')

function keyColumns(keys: readonly string[] | undefined, { definition }: StatementContext): TableColumn[] {
  const ids = primaryOf(definition)?.columnIds
  const columns =
    keys?.map((name) => columnOf(definition, name)) ?? definition.columns.filter(({ id }) => ids?.includes(id))
  if (columns.length === 0) throw refused('the table has no primary key: say which columns tell its rows apart')
  if (columns.some(({ type }) => type === 'json')) throw refused('a column that holds JSON tells no rows apart')
  return columns
}

/**
 * Writes each row: changes the one with the same key where there is one, adds it otherwise. Columns that a row leaves
 * out stay as they are, or get their defaults in a new row. Reads first, in the same transaction, so the counts are
 * exact; of rows with the same key the last one counts.
 */
export async function upsertRows(
  tx: Tx,
  rows: readonly RowInput[],
  options: { keys: readonly string[] | undefined; nowMs: number },
  context: StatementContext,
): Promise<UpsertResult> {
  const keys = keyColumns(options.keys, context)
  const columns = namedColumns(rows, context)
  const wanted = lastOfEach(rows.map((row, position) => wantedOf(row, position, keys, columns)))
  const found = await existing(tx, wanted, keys, columns, context)
  const fresh = wanted.filter(({ key }) => !found.has(key))
  let updated = 0
  for (const one of wanted) {
    const present = found.get(one.key)
    if (present !== undefined && (await changeRow(tx, one, present, keys, context))) updated++
  }
  const read = rowReader(columns, rows, options.nowMs)
  const stored = fresh.map(({ row, position }) => read(row, position))
  if (stored.length > 0) await insertRows(tx, columns, stored, context)
  return { inserted: fresh.length, updated, unchanged: wanted.length - fresh.length - updated }
}

function wantedOf(row: RowInput, position: number, keys: TableColumn[], columns: TableColumn[]): Wanted {
  const set = new Map<TableColumn, SqlValue>()
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined) continue
    const column = columnOf({ columns }, name)
    set.set(column, toStored(column, value, position))
  }
  const values = keys.map((column) => set.get(column) ?? null)
  const isNew = values.includes(null)
  if (isNew && !keys.some(({ autoIncrement }) => autoIncrement))
    throw refused(`row ${position + 1} has no value in a column that tells rows apart`, { row: position })
  return {
    key: isNew ? `new:${position}` : joined(keys.map((column, i) => plain(column, values[i]))),
    position,
    row,
    keys: values,
    set,
  }
}

const lastOfEach = (all: readonly Wanted[]): Wanted[] => [...new Map(all.map((one) => [one.key, one])).values()]

type Present = ReadonlyMap<TableColumn, string | null>

/** The rows that are there, by key: their values in the named columns. Only keys that are not unique have several. */
async function existing(
  tx: Tx,
  wanted: readonly Wanted[],
  keys: readonly TableColumn[],
  columns: readonly TableColumn[],
  context: StatementContext,
): Promise<Map<string, Present[]>> {
  const table = sql.table(physicalTable(context.definition.id))
  const all = [...new Set([...keys, ...columns])]
  const list = sql.join(all.map((column, i) => sql`${columnRef(column)} as ${sql.ref(labelOf(i))}`))
  const found = new Map<string, Present[]>()
  const known = wanted.filter(({ keys: values }) => !values.includes(null))
  for (let start = 0; start < known.length; start += KEYS_PER_QUERY) {
    const part = known.slice(start, start + KEYS_PER_QUERY)
    const query = sql<Record<string, SqlValue>>`select ${list} from ${table} where ${anyKey(part, keys, context)}`
    const { rows } = await query.execute(tx)
    for (const row of rows) {
      const values = new Map(all.map((column, i) => [column, plain(column, row[labelOf(i)])]))
      const key = joined(keys.map((column) => values.get(column) ?? null))
      found.set(key, [...(found.get(key) ?? []), values])
    }
  }
  return found
}

function anyKey(
  part: readonly Wanted[],
  keys: readonly TableColumn[],
  { dialect }: StatementContext,
): RawBuilder<unknown> {
  const [first] = keys
  if (first !== undefined && keys.length === 1)
    return dialect.isIn(
      columnRef(first),
      part.map((one) => one.keys[0] ?? null),
    )
  return sql.join(
    part.map((one) => sql`(${hasKey(one, keys)})`),
    sql.raw(' or '),
  )
}

const hasKey = (one: Wanted, keys: readonly TableColumn[]): RawBuilder<unknown> =>
  sql.join(
    keys.map((column, i) => sql`${columnRef(column)} = ${one.keys[i]}`),
    sql.raw(' and '),
  )

/** Whether there was something to change. With keys that are not unique, all rows with the key are changed. */
async function changeRow(
  tx: Tx,
  one: Wanted,
  present: readonly Present[],
  keys: readonly TableColumn[],
  { definition }: StatementContext,
): Promise<boolean> {
  const changes = [...one.set].filter(([column, value]) =>
    present.some((row) => plain(column, value) !== (row.get(column) ?? null)),
  )
  if (changes.length === 0) return false
  for (const [column, value] of changes)
    if (value === null && column.required)
      throw refused(`the column "${column.name}" must have a value`, { column: column.name })
  const set = sql.join(changes.map(([column, value]) => sql`${columnRef(column)} = ${value}`))
  await sql`update ${sql.table(physicalTable(definition.id))} set ${set} where ${hasKey(one, keys)}`.execute(tx)
  return true
}
