import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../driver.ts'

/** What a column holds; each dialect has its own word for it. `varchar` may be indexed everywhere. */
export type ColumnKind = 'id' | 'integer' | 'boolean' | 'varchar' | 'text' | 'json'

const TYPES: Readonly<Record<Dialect, Readonly<Record<ColumnKind, string>>>> = {
  sqlite: { id: 'INTEGER', integer: 'INTEGER', boolean: 'INTEGER', varchar: 'TEXT', text: 'TEXT', json: 'TEXT' },
  mysql: {
    id: 'BIGINT',
    integer: 'BIGINT',
    boolean: 'TINYINT(1)',
    varchar: 'VARCHAR(512) COLLATE utf8mb4_bin',
    text: 'MEDIUMTEXT',
    json: 'JSON',
  },
  postgres: { id: 'BIGINT', integer: 'BIGINT', boolean: 'BOOLEAN', varchar: 'TEXT', text: 'TEXT', json: 'JSONB' },
}

const SERIAL: Readonly<Record<Dialect, string>> = {
  sqlite: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  mysql: 'BIGINT AUTO_INCREMENT PRIMARY KEY',
  postgres: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
}

/** A table as data: `name: kind`, with "?" after the kind for a column that may be NULL, or `serial` for a counter. */
export type TableSpec = {
  columns: Readonly<Record<string, ColumnKind | `${ColumnKind}?` | 'serial'>>
  primaryKey?: readonly string[]
  unique?: readonly (readonly string[])[]
  indexes?: readonly (readonly string[])[]
}

function column(dialect: Dialect, name: string, kind: string): RawBuilder<unknown> {
  if (kind === 'serial') return sql`${sql.ref(name)} ${sql.raw(SERIAL[dialect])}`
  const optional = kind.endsWith('?')
  const type = TYPES[dialect][kind.replace('?', '') as ColumnKind]
  return sql`${sql.ref(name)} ${sql.raw(type)} ${sql.raw(optional ? 'NULL' : 'NOT NULL')}`
}

/** Creates one table with its indexes, named `<table>__<columns>` because index names are global in some dialects. */
export async function createTable(db: Kysely<unknown>, dialect: Dialect, name: string, spec: TableSpec): Promise<void> {
  const parts = Object.entries(spec.columns).map(([col, kind]) => column(dialect, col, kind))
  if (spec.primaryKey) parts.push(sql`PRIMARY KEY (${sql.join(spec.primaryKey.map((col) => sql.ref(col)))})`)
  const end = dialect === 'sqlite' ? sql` STRICT` : sql``
  await sql`CREATE TABLE ${sql.table(name)} (${sql.join(parts)})${end}`.execute(db)
  for (const columns of spec.unique ?? []) await createIndex(db, name, columns, true)
  for (const columns of spec.indexes ?? []) await createIndex(db, name, columns)
}

/** Adds a column that is never NULL; rows that are there get `initial`. */
export async function addColumn(
  db: Kysely<unknown>,
  dialect: Dialect,
  table: string,
  { name, kind, initial }: { name: string; kind: 'id' | 'integer'; initial: number },
): Promise<void> {
  const definition = sql`${column(dialect, name, kind)} DEFAULT ${sql.raw(String(initial))}`
  await sql`ALTER TABLE ${sql.table(table)} ADD COLUMN ${definition}`.execute(db)
}

export async function createIndex(db: Kysely<unknown>, table: string, columns: readonly string[], unique = false) {
  const name = `${table}__${columns.join('_')}`
  const build = db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
  await (unique ? build.unique() : build).execute()
}
