import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { AppError } from '../../../base/errors.ts'
import type { Uri } from '../../../base/uri.ts'
import type { DbDriver, DbProbe, GuardedResult, GuardedStatement } from '../driver.ts'
import { mysqlDialect } from './mysql/dialect.ts'
import { mysqlCodeOf, mysqlConstraintOf } from './mysql/errors.ts'
import { MysqlGuard } from './mysql/guard/guard.ts'
import type { MysqlHandle } from './mysql/handle.ts'
import { Connections, readSettings, versionOf } from './mysql/server.ts'
import { Slots } from './mysql/slots.ts'

const FEATURES = new Set(['json_extract', 'statement.rollback', 'readers', 'guarded', 'guarded.timeout'])
/** Connections that transactions and streams never take. */
const SPARE = 2
/** How long a transaction waits for a connection. */
const SLOT_WAIT_MS = 30_000
const MIGRATION_WAIT_S = 60

/**
 * `mysql://user:password@host:3306/database?pool=20&connect_timeout=10s&statement_timeout=60s&lock_timeout=10s`, for
 * MySQL 8 and MariaDB. Rejects with `unavailable` when no server answers.
 */
export async function open(uri: Uri): Promise<DbDriver> {
  const settings = readSettings(uri)
  const connections = new Connections(settings, settings.pool)
  try {
    await connections.with(versionOf)
  } catch (err) {
    await connections.close()
    throw refusal(err, settings)
  }
  return new Mysql(connections)
}

function refusal(err: unknown, { address, database }: { address: string; database: string }): unknown {
  if (err instanceof AppError) return err
  const code = mysqlCodeOf(err)
  const say = (text: string) => new AppError(code === 'unknown' ? 'unavailable' : code, text, { cause: err })
  if (code === 'unauthenticated') return say(`the MySQL server at ${address} refuses the user or password of DB_URI`)
  if (code === 'permission_denied') return say(`the user of DB_URI may not use the database "${database}"; grant it`)
  if (code === 'failed_precondition')
    return say(`the MySQL server at ${address} has no database "${database}"; create it`)
  return say(`no MySQL server answers at ${address}; start it, or correct DB_URI`)
}

class Mysql implements DbDriver {
  readonly dialect = 'mysql'
  readonly provider = 'mysql'
  readonly features: ReadonlySet<string> = FEATURES
  readonly #connections: Connections
  readonly #slots: Slots
  readonly #guard: MysqlGuard

  constructor(connections: Connections) {
    this.#connections = connections
    this.#slots = new Slots(connections.settings.pool - SPARE, SLOT_WAIT_MS)
    this.#guard = new MysqlGuard(connections.settings, connections)
  }

  kyselyDialect() {
    return mysqlDialect({ connections: this.#connections, slots: this.#slots })
  }

  /** A named lock of the server, held by a connection that does nothing else. It goes with the connection. */
  async withMigrationLock<T>(db: Kysely<unknown>, migrate: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
    const { database } = this.#connections.settings
    const name = `'snug_migrate_${createHash('sha256').update(database).digest('hex').slice(0, 40)}'`
    return this.#connections.with(async (handle) => {
      if ((await first(handle, `SELECT GET_LOCK(${name}, ${MIGRATION_WAIT_S})`)) !== 1)
        throw new AppError('busy', 'another process is migrating the database; try again later')
      try {
        await checkOwner(handle)
        return await migrate(db)
      } finally {
        await handle.ask(`SELECT RELEASE_LOCK(${name})`).catch(() => handle.spoil())
      }
    })
  }

  async probe(): Promise<DbProbe> {
    const { flavour, settings } = this.#connections
    const checks = await this.#connections.with(async (handle) => ({
      version: await versionOf(handle),
      database: settings.database,
      isolation: String(await first(handle, `SELECT @@${flavour === 'mariadb' ? 'tx' : 'transaction'}_isolation`)),
      readOnly: Number(await first(handle, 'SELECT @@read_only')) === 1,
    }))
    const { held, waiting } = this.#slots
    return {
      engine: flavour,
      checks: { ...checks, pool: settings.pool, transactions: held, waiting, guarded: this.#guard.running },
    }
  }

  guarded(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    return this.#guard.run(statement, signal)
  }

  codeOf(err: unknown) {
    return mysqlCodeOf(err)
  }

  constraintOf(err: unknown) {
    return mysqlConstraintOf(err)
  }

  async close(): Promise<void> {
    await this.#slots.drained()
    await this.#guard.close()
    await this.#connections.close()
  }
}

const first = async (handle: MysqlHandle, text: string): Promise<unknown> => {
  const found = (await handle.ask(text)).rows[0]?.[0]
  return typeof found === 'string' && /^\d+$/.test(found) ? Number(found) : found
}

/** Refuses a database that holds the tables of another program. */
async function checkOwner(handle: MysqlHandle): Promise<void> {
  const { rows } = await handle.ask(
    'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() LIMIT 10000',
  )
  if (rows.length === 0 || rows.some(([name]) => name === 'schema_migrations')) return
  throw new AppError('failed_precondition', 'the database holds tables of another program; give Snug an empty one')
}
