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
    varchar: 'VARCHAR(512)',
    text: 'MEDIUMTEXT',
    json: 'JSON',
  },
  postgres: {
    id: 'BIGINT',
    integer: 'BIGINT',
    boolean: 'BOOLEAN',
    varchar: 'TEXT COLLATE "C"',
    text: 'TEXT COLLATE "C"',
    json: 'JSONB',
  },
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

/** Text is compared by its characters, as in the other dialects; the two servers have different words for it. */
const MYSQL_OPTIONS =
  ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 /*M! COLLATE utf8mb4_nopad_bin */ /*!80017 COLLATE utf8mb4_0900_bin */'
const ENDS: Readonly<Record<Dialect, string>> = { sqlite: ' STRICT', mysql: MYSQL_OPTIONS, postgres: '' }

const indexName = (table: string, columns: readonly string[]): string => `${table}__${columns.join('_')}`

/**
 * Creates one table with its indexes, named `<table>__<columns>` because index names are global in some dialects. On
 * MySQL it is one statement that can be repeated, for nothing undoes a migration that was cut off there.
 */
export async function createTable(db: Kysely<unknown>, dialect: Dialect, name: string, spec: TableSpec): Promise<void> {
  const parts = Object.entries(spec.columns).map(([col, kind]) => column(dialect, col, kind))
  const listed = (columns: readonly string[]) => sql.join(columns.map((col) => sql.ref(col)))
  if (spec.primaryKey) parts.push(sql`PRIMARY KEY (${listed(spec.primaryKey)})`)
  const indexes = [
    ...(spec.unique ?? []).map((columns) => ({ columns, isUnique: true })),
    ...(spec.indexes ?? []).map((columns) => ({ columns, isUnique: false })),
  ]
  const isMysql = dialect === 'mysql'
  if (isMysql)
    for (const { columns, isUnique } of indexes)
      parts.push(
        sql`${sql.raw(isUnique ? 'UNIQUE KEY' : 'KEY')} ${sql.ref(indexName(name, columns))} (${listed(columns)})`,
      )
  const create = sql.raw(isMysql ? 'CREATE TABLE IF NOT EXISTS' : 'CREATE TABLE')
  await sql`${create} ${sql.table(name)} (${sql.join(parts)})${sql.raw(ENDS[dialect])}`.execute(db)
  if (isMysql) return
  for (const { columns, isUnique } of indexes) await createIndex(db, dialect, name, columns, isUnique)
}

/** Whether MySQL has it already, from a run that was cut off; a dry run sees an empty database. */
async function isThere(db: Kysely<unknown>, kind: 'column' | 'index', table: string, name: string): Promise<boolean> {
  const list = sql.raw(`information_schema.${kind === 'column' ? 'columns' : 'statistics'}`)
  const { rows } = await sql`select 1 as found from ${list} where table_schema = database() and table_name = ${table}
    and ${sql.raw(`${kind}_name`)} = ${name}`.execute(db)
  return rows.length > 0
}

/** Adds a column that is never NULL; rows that are there get `initial`. */
export async function addColumn(
  db: Kysely<unknown>,
  dialect: Dialect,
  table: string,
  { name, kind, initial }: { name: string; kind: 'id' | 'integer'; initial: number },
): Promise<void> {
  if (dialect === 'mysql' && (await isThere(db, 'column', table, name))) return
  const definition = sql`${column(dialect, name, kind)} DEFAULT ${sql.raw(String(initial))}`
  await sql`ALTER TABLE ${sql.table(table)} ADD COLUMN ${definition}`.execute(db)
}

export async function createIndex(
  db: Kysely<unknown>,
  dialect: Dialect,
  table: string,
  columns: readonly string[],
  unique = false,
): Promise<void> {
  const name = indexName(table, columns)
  if (dialect === 'mysql' && (await isThere(db, 'index', table, name))) return
  const build = db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
  await (unique ? build.unique() : build).execute()
}
