import type { Insertable, Selectable } from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Database, Db, Tx } from '../db/db.ts'
import type { Json, UserColumnTable, UserTableTable } from '../db/schema.ts'
import type { Definition, StoredIndex } from './definition.ts'
import { physicalTable } from './names.ts'
import type { Cell, ColumnType, TableColumn } from './types.ts'
import { defaultValue, fromStored } from './values.ts'

/** Defaults as JSON has room for them: 64-bit integers as text. */
function storedDefault(column: TableColumn): Json | null {
  const { default: given } = column
  if (given === null || 'now' in given) return given
  const value = defaultValue(column)
  return { value: typeof value === 'bigint' ? String(value) : value }
}

function readDefault(column: TableColumn, stored: Json | null): TableColumn['default'] {
  if (stored === null || !('value' in stored)) return stored === null ? null : { now: true }
  return { value: fromStored(column.type, stored.value as string) as Cell }
}

function toColumn(row: Selectable<UserColumnTable>): TableColumn {
  const column: TableColumn = {
    id: row.id,
    name: row.name,
    type: row.type as ColumnType,
    length: row.length,
    required: row.is_required,
    autoIncrement: row.is_auto_increment,
    default: null,
    description: row.description,
  }
  return { ...column, default: readDefault(column, row.default_json) }
}

/** `lock`: nobody else changes the definition until the transaction ends. */
type FindOptions = { lock?: boolean }

export async function findDefinition(
  db: Db | Tx,
  id: string,
  { lock = false }: FindOptions = {},
): Promise<Definition | undefined> {
  physicalTable(id)
  const query = db.selectFrom('user_table').selectAll().where('id', '=', id)
  const table = await (lock ? query.forUpdate() : query).executeTakeFirst()
  if (table === undefined) return undefined
  const rows = await db.selectFrom('user_column').selectAll().where('table_id', '=', id).orderBy('position').execute()
  return {
    id,
    name: table.name,
    description: table.description,
    version: table.version,
    columns: rows.map(toColumn),
    indexes: table.indexes_json as unknown as StoredIndex[],
    createdAtMs: table.created_at_ms,
    updatedAtMs: table.updated_at_ms,
  }
}

/** Throws `not_found`. */
export async function getDefinition(db: Db | Tx, id: string, options: FindOptions = {}): Promise<Definition> {
  const found = await findDefinition(db, id, options)
  if (found === undefined) throw new AppError('not_found', 'the table does not exist', { details: { table: id } })
  return found
}

/** A new id, held by a row that `saveDefinition` fills. */
export async function newColumnId(tx: Tx, database: Database, tableId: string): Promise<string> {
  const insert = tx.insertInto('user_column').values({
    table_id: tableId,
    position: 0,
    name: '',
    type: '',
    length: null,
    is_required: false,
    is_auto_increment: false,
    default_json: null,
    description: '',
  })
  if (database.features.has('returning')) return (await insert.returning('id').executeTakeFirstOrThrow()).id
  return String((await insert.executeTakeFirstOrThrow()).insertId)
}

/** Writes a definition whose columns have their rows already. */
export async function saveDefinition(tx: Tx, definition: Definition): Promise<void> {
  const { id, name, description, version, columns, indexes, createdAtMs, updatedAtMs } = definition
  const values = { name, description, version, indexes_json: indexes, updated_at_ms: updatedAtMs }
  const { numUpdatedRows } = await tx.updateTable('user_table').set(values).where('id', '=', id).executeTakeFirst()
  if (numUpdatedRows === 0n)
    await tx
      .insertInto('user_table')
      .values({ ...values, id, created_at_ms: createdAtMs })
      .execute()
  const ids = columns.map((column) => column.id)
  await tx.deleteFrom('user_column').where('table_id', '=', id).where('id', 'not in', ids).execute()
  for (const [position, column] of columns.entries()) {
    const row = {
      position,
      name: column.name,
      type: column.type,
      length: column.length,
      is_required: column.required,
      is_auto_increment: column.autoIncrement,
      default_json: storedDefault(column),
      description: column.description,
    }
    await tx.updateTable('user_column').set(row).where('id', '=', column.id).execute()
  }
}

export async function removeDefinition(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('user_column').where('table_id', '=', id).execute()
  await tx.deleteFrom('user_table').where('id', '=', id).execute()
}

/** The rows of the catalogue about a table, as they are. */
export type CatalogueRows = { table: Record<string, unknown>; columns: Record<string, unknown>[] }

export async function readRows(tx: Tx, id: string): Promise<CatalogueRows> {
  const table = await tx.selectFrom('user_table').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const columns = await tx.selectFrom('user_column').selectAll().where('table_id', '=', id).execute()
  // those that a change has just added have no name yet
  return { table, columns: columns.filter(({ name }) => name !== '') }
}

/** Puts the rows of the catalogue back; the version grows, so that nobody goes on with the one between. */
export async function restoreRows(tx: Tx, id: string, { table, columns }: CatalogueRows): Promise<void> {
  const { name, description, indexes_json } = table as Selectable<UserTableTable>
  const set = { name, description, indexes_json }
  await tx
    .updateTable('user_table')
    .set((eb) => ({ ...set, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
  await tx.deleteFrom('user_column').where('table_id', '=', id).execute()
  for (const column of columns)
    await tx
      .insertInto('user_column')
      .values(column as Insertable<UserColumnTable>)
      .execute()
}
