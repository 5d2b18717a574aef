import type { Kysely, Transaction } from 'kysely'
import type { Database } from '../db.ts'
import { createTable } from '../migrations/ddl.ts'

/** One case gets an empty database: nothing migrated. */
export type DbHarness = { database: Database }

/** The table most cases work on. */
export type ItemTable = {
  id: string
  owner_id: string | null
  name: string
  hits: number | null
  is_open: boolean | null
  meta_json: unknown
}
export type CounterTable = { id: string; topic: string }
export type TestSchema = { item: ItemTable; counter: CounterTable }
export type TestDb = Kysely<TestSchema>
export type TestTx = Transaction<TestSchema>

/** Creates the tables of the suite and returns the handle typed for them. */
export async function withItems({ database }: DbHarness): Promise<TestDb> {
  const db = database.db as unknown as Kysely<unknown>
  await createTable(db, database.dialect, 'item', {
    columns: { id: 'id', owner_id: 'id?', name: 'varchar', hits: 'integer?', is_open: 'boolean?', meta_json: 'json?' },
    primaryKey: ['id'],
    unique: [['name']],
  })
  await createTable(db, database.dialect, 'counter', { columns: { id: 'serial', topic: 'varchar' } })
  return db as unknown as TestDb
}

/** A row of `item`, with whatever the case is about. */
export const item = (id: string | number, extra: Partial<ItemTable> = {}): ItemTable => ({
  id: String(id),
  owner_id: null,
  name: `item ${id}`,
  hits: 0,
  is_open: false,
  meta_json: null,
  ...extra,
})
