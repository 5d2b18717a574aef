import type { Database } from '../../db/db.ts'
import type { ColumnSpec, ExecuteRequest, ExecuteResult, Row, Table, TableSpec, Tables, Where } from '../tables.ts'

/** One case gets a migrated database without user-defined tables. */
export type TablesHarness = {
  database: Database
  tables: Tables
  /** The statement in the engine's names, as the SQL parser makes it from the owner's. */
  rewrite(sql: string, tables: readonly Table[]): string
}

export const ALL_TYPES: readonly ColumnSpec[] = [
  { name: 'id', type: 'bigint', autoIncrement: true, description: 'the key' },
  { name: 'i', type: 'int', default: 5 },
  { name: 'b', type: 'bigint', default: '9223372036854775807' },
  { name: 'v', type: 'varchar', length: 10, default: "o'k" },
  { name: 't', type: 'text', default: '' },
  { name: 'f', type: 'boolean', default: true },
  { name: 'j', type: 'json', default: { a: [1, 'x'] } },
  { name: 's', type: 'timestamp', default: { now: true } },
  { name: 'r', type: 'float', default: 0.5 },
  { name: 'd', type: 'double', default: '1e300' },
]

export const PRIMARY_ID = { kind: 'primary', columns: ['id'] } as const

export const allTypes: TableSpec = { name: 'everything', columns: ALL_TYPES, indexes: [PRIMARY_ID] }

/** People with an owner: what most queries are about. */
export const people: TableSpec = {
  name: 'people',
  columns: [
    { name: 'id', type: 'bigint', autoIncrement: true },
    { name: 'owner', type: 'varchar' },
    { name: 'name', type: 'varchar' },
    { name: 'age', type: 'int' },
    { name: 'active', type: 'boolean' },
    { name: 'joined', type: 'timestamp' },
    { name: 'score', type: 'double' },
  ],
  indexes: [PRIMARY_ID, { name: 'idx_uid', kind: 'normal', columns: ['owner'] }],
}

export const PEOPLE: readonly Record<string, string | number | boolean | null>[] = [
  { owner: 'a', name: 'Ann', age: 30, active: true, joined: '2024-01-01 00:00:00', score: 1.5 },
  { owner: 'a', name: 'Bob', age: 40, active: false, joined: '2024-02-01 00:00:00', score: null },
  { owner: 'b', name: 'Ärzte', age: null, active: true, joined: null, score: -2 },
  { owner: 'b', name: '100%', age: 20, active: null, joined: '2023-01-01 00:00:00', score: 0.25 },
  { owner: 'b', name: null, age: 30, active: true, joined: '2024-01-01 00:00:00', score: 3 },
]

/** The table of people with its five rows, ids 1 to 5. */
export async function withPeople(h: TablesHarness) {
  const table = await h.tables.create(people)
  await h.tables.insert(table.id, PEOPLE)
  const ids = async (where: Where): Promise<number[]> => {
    const { rows } = await h.tables.select(table.id, { where, columns: ['id'] })
    return rows.map(({ id }) => Number(id))
  }
  const execute = (sql: string, extra: Partial<ExecuteRequest> = {}): Promise<ExecuteResult> =>
    h.tables.execute({ sql: h.rewrite(sql, [table]), tables: [table.id], ...extra })
  return { ...h, table, id: table.id, ids, execute }
}

export async function allRows({ tables }: TablesHarness, id: string, columns?: string[]): Promise<Row[]> {
  return (await tables.select(id, columns === undefined ? {} : { columns })).rows
}

/** A table of one column besides its key. */
export const single = (column: ColumnSpec): TableSpec => ({
  columns: [{ name: 'id', type: 'bigint', autoIncrement: true }, column],
  indexes: [PRIMARY_ID],
})

/** What a call rejects with. */
export async function failure(
  call: Promise<unknown> | (() => Promise<unknown>),
): Promise<Error & { code: string; details: object }> {
  try {
    await (typeof call === 'function' ? call() : call)
  } catch (err) {
    return err as Error & { code: string; details: object }
  }
  throw new Error('it should have failed')
}
