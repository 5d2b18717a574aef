import { createHash } from 'node:crypto'
import {
  DummyDriver,
  Kysely,
  type Dialect as KyselyDialect,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { AppError, codeOf, messageOf } from '../../base/errors.ts'
import type { Database } from './db.ts'
import type { Dialect } from './driver.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'

type AppliedTable = { name: string; checksum: string; applied_at_ms: number; duration_ms: number }
type History = Kysely<{ schema_migrations: AppliedTable }>

export type MigrationStatus = {
  /** Names of the migrations this database has, oldest first. */
  applied: string[]
  /** Names of those that `migrate` would run. */
  pending: string[]
}

const silent = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createDriver: () => new DummyDriver(),
  },
  mysql: {
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
    createDriver: () => new DummyDriver(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => new DummyDriver(),
  },
} satisfies Record<Dialect, KyselyDialect>

/**
 * The checksum of a migration: over the SQL it issues against a database without rows, so that it follows what
 * the step does and not how its source is written.
 */
export async function checksumOf(migration: Migration, dialect: Dialect): Promise<string> {
  const hash = createHash('sha256')
  const recorder = new Kysely<unknown>({
    dialect: silent[dialect],
    log: ({ query }) => void hash.update(`${query.sql}\n${JSON.stringify(query.parameters.map(String))}\n`),
  })
  await migration.up(recorder, dialect)
  return hash.digest('hex')
}

const historyOf = (db: Kysely<unknown>): History => db as unknown as History

async function createHistory(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const [text, integer, end] = dialect === 'sqlite' ? ['TEXT', 'INTEGER', 'STRICT'] : ['VARCHAR(255)', 'BIGINT', '']
  await sql`CREATE TABLE IF NOT EXISTS schema_migrations (name ${sql.raw(text)} NOT NULL PRIMARY KEY,
    checksum ${sql.raw(text)} NOT NULL, applied_at_ms ${sql.raw(integer)} NOT NULL,
    duration_ms ${sql.raw(integer)} NOT NULL) ${sql.raw(end)}`.execute(db)
}

const refuse = (what: string): AppError => new AppError('failed_precondition', what)

/** What is still to run; throws `failed_precondition` when the database has another past than this program. */
async function pendingOf(rows: readonly AppliedTable[], migrations: readonly Migration[], dialect: Dialect) {
  const known = new Set(migrations.map(({ name }) => name))
  const newer = rows.find(({ name }) => !known.has(name))
  if (newer !== undefined)
    throw refuse(`the database was migrated by a newer Snug ("${newer.name}" is unknown here); start that version`)
  for (const [position, migration] of migrations.slice(0, rows.length).entries()) {
    const row = rows.find(({ name }) => name === migration.name)
    if (row === undefined)
      throw refuse(`the database lacks the migration "${migration.name}" before "${rows[position]?.name}"`)
    if (row.checksum !== (await checksumOf(migration, dialect)))
      throw refuse(`the migration "${migration.name}" was changed after the database ran it; restore its text`)
  }
  return migrations.slice(rows.length)
}

const readHistory = (db: Kysely<unknown>): Promise<AppliedTable[]> =>
  historyOf(db).selectFrom('schema_migrations').selectAll().orderBy('name').execute()

/**
 * Brings the schema up to date, oldest step first; does nothing when it is. Callers and processes that start
 * together run it one after the other. Throws `failed_precondition` when a step that ran is missing here or was
 * changed. On SQLite and PostgreSQL a failing step undoes the whole call.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<{ applied: string[] }> {
  const { dialect } = database
  return database.withMigrationLock(async (db) => {
    await createHistory(db, dialect)
    const pending = await pendingOf(await readHistory(db), migrations, dialect)
    for (const migration of pending) {
      const startedMs = Date.now()
      await run(migration, db, dialect)
      const checksum = await checksumOf(migration, dialect)
      const row = { name: migration.name, checksum, applied_at_ms: startedMs, duration_ms: Date.now() - startedMs }
      await historyOf(db).insertInto('schema_migrations').values(row).execute()
    }
    return { applied: pending.map(({ name }) => name) }
  })
}

async function run(migration: Migration, db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  try {
    await migration.up(db, dialect)
  } catch (err) {
    throw new AppError(codeOf(err), `the migration "${migration.name}" failed: ${messageOf(err)}`, { cause: err })
  }
}

/** What ran and what is to run, without changing anything. Throws as `migrate` does on a foreign past. */
export async function migrationStatus(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<MigrationStatus> {
  const db = database.db as unknown as Kysely<unknown>
  const tables = await db.introspection.getTables()
  const rows = tables.some(({ name }) => name === 'schema_migrations') ? await readHistory(db) : []
  const pending = await pendingOf(rows, migrations, database.dialect)
  return { applied: rows.map(({ name }) => name), pending: pending.map(({ name }) => name) }
}
