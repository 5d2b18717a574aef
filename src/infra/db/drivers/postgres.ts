import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { ClientConfig } from 'pg'
import { z } from 'zod'
import { AppError, codeOf, messageOf } from '../../../base/errors.ts'
import { durationParam } from '../../../base/params.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { DbDriver, DbProbe, GuardedResult, GuardedStatement } from '../driver.ts'
import { NO_TIMEOUT, postgresDialect } from './postgres/dialect.ts'
import { isServerError, postgresCodeOf, postgresConstraintOf } from './postgres/errors.ts'
import { PostgresGuard } from './postgres/guard/guard.ts'
import { Pools } from './postgres/pools.ts'

const FEATURES = new Set(['returning', 'upsert.target', 'ddl.transactional', 'readers', 'guarded', 'guarded.timeout'])
const MIN_VERSION = 140_000
/** "SNUG" in ASCII: the first half of the lock that migrations hold. */
const LOCK = 0x534e5547

const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

const Params = z.strictObject({
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'takes small letters, digits and "_"')
    .default('public'),
  pool: count(3, 1000).default(20),
  idle: durationParam.default(60_000),
  lifetime: durationParam.default(3_600_000),
  connect_timeout: durationParam.default(10_000),
  statement_timeout: durationParam.default(60_000),
  idle_in_transaction_timeout: durationParam.default(60_000),
  sslmode: z.enum(['disable', 'require', 'verify-full']).default('disable'),
  sslrootcert: z.string().optional(),
  socket: z.string().startsWith('/', 'is the absolute path of a folder').optional(),
  application_name: z.string().max(60).default('snug'),
})
type Params = z.infer<typeof Params>

/** `postgres://user:password@host:5432/database?…`; the parameters are told in docs/providers.md. */
export async function open(uri: Uri): Promise<DbDriver> {
  const params = parseParams(uri, Params)
  const config = configOf(uri, params)
  const pools = new Pools({
    config,
    schema: params.schema,
    size: params.pool,
    idleMs: params.idle,
    lifetimeMs: params.lifetime,
    statementTimeoutMs: params.statement_timeout,
    idleInTransactionMs: params.idle_in_transaction_timeout,
  })
  try {
    await reach(pools, params.connect_timeout)
    return new Postgres(pools, params.schema)
  } catch (err) {
    await pools.close()
    throw err
  }
}

function configOf(uri: Uri, params: Params): ClientConfig {
  const [host, ...more] = uri.hosts
  const database = uri.path.slice(1)
  const bad = (text: string) => new AppError('invalid_argument', `${uri.scheme}: ${text}`)
  if (database === '' || database.includes('/'))
    throw bad('the URI names one database, as in "postgres://user:password@host:5432/database"')
  if (more.length > 0) throw bad('the URI names one host')
  if (host === undefined && params.socket === undefined) throw bad('the URI names no host')
  if (uri.user === '') throw bad('the URI names no user')
  return {
    host: params.socket ?? host?.host ?? '',
    port: host?.port ?? 5432,
    user: uri.user,
    database,
    application_name: params.application_name,
    connectionTimeoutMillis: params.connect_timeout,
    keepAlive: true,
    ssl: sslOf(params),
    ...(uri.password === '' ? {} : { password: uri.password }),
  }
}

function sslOf({ sslmode, sslrootcert }: Params): ClientConfig['ssl'] {
  if (sslmode === 'disable') return false
  if (sslmode === 'require') return { rejectUnauthorized: false }
  try {
    return sslrootcert === undefined ? true : { ca: readFileSync(sslrootcert, 'utf8') }
  } catch (err) {
    throw new AppError('invalid_argument', 'postgres: the file of "sslrootcert" cannot be read', { cause: err })
  }
}

type Server = { version: number; encoding: string }
const SERVER = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`

/** Waits for a server that is starting, as long as connecting may take, and checks that it is one for us. */
async function reach(pools: Pools, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    try {
      const { rows } = await pools.once((client) => client.query<Server>(SERVER))
      return checkServer(rows[0])
    } catch (err) {
      const isStarting = isServerError(err) ? err.code === '57P03' : codeOf(err) === 'unavailable'
      if (!isStarting || performance.now() + 250 > endMs) throw told(err)
    }
    await sleep(250)
  }
}

function checkServer(server: Server | undefined): void {
  if (Number(server?.version) < MIN_VERSION)
    throw new AppError('failed_precondition', 'PostgreSQL 14 or newer is needed; upgrade the server of DB_URI')
  if (server?.encoding !== 'UTF8')
    throw new AppError('failed_precondition', "the database of DB_URI is not in UTF8; create it with ENCODING 'UTF8'")
}

function told(err: unknown): unknown {
  if (err instanceof AppError) return err
  const text = 'the PostgreSQL server of DB_URI'
  const state = isServerError(err) ? err.code : ''
  if (state.startsWith('28'))
    return new AppError('unauthenticated', `${text} refuses the user or the password`, { cause: err })
  if (state === '3D000')
    return new AppError('failed_precondition', `${text} has no such database; create it first`, { cause: err })
  const own = postgresCodeOf(err)
  const code = own === 'unknown' ? codeOf(err) : own
  const isDown = ['unavailable', 'deadline_exceeded', 'unknown', 'not_found', 'permission_denied'].includes(code)
  const reason = isServerError(err) || err instanceof AggregateError ? '' : ` (${messageOf(err)})`
  const advice = 'is it running, and are host, port and sslmode right?'
  return new AppError(isDown ? 'unavailable' : code, `${text} cannot be reached: ${advice}${reason}`, { cause: err })
}

class Postgres implements DbDriver {
  readonly dialect = 'postgres'
  readonly provider = 'postgres'
  readonly features: ReadonlySet<string> = FEATURES
  readonly #pools: Pools
  readonly #guard: PostgresGuard
  readonly #schema: string

  constructor(pools: Pools, schema: string) {
    this.#pools = pools
    this.#guard = new PostgresGuard(pools, schema)
    this.#schema = schema
  }

  kyselyDialect() {
    return postgresDialect(this.#pools, this.#schema)
  }

  /** One transaction under a lock of the database; the second process finds the work of the first. */
  withMigrationLock<T>(db: Kysely<unknown>, migrate: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
    return db.transaction().execute(async (tx) => {
      await sql.raw(NO_TIMEOUT).execute(tx)
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)}, hashtext(${this.#schema}))`.execute(tx)
      await this.#prepare(tx)
      return migrate(tx)
    })
  }

  /** The schema, and a collation that knows the case of all letters: `ilike` of user tables compares by it. */
  async #prepare(tx: Kysely<unknown>): Promise<void> {
    const run = (text: string) => sql.raw(text).execute(tx)
    const found = await sql`select 1 from pg_namespace where nspname = ${this.#schema}`.execute(tx)
    if (found.rows.length === 0) await run(`create schema "${this.#schema}"`)
    const icu = await sql`select 1 from pg_collation where collname = 'und-x-icu'`.execute(tx)
    const how = icu.rows.length > 0 ? `(provider = icu, locale = 'und')` : `(provider = libc, locale = 'C.UTF-8')`
    await run(`create collation if not exists "${this.#schema}".any_case ${how}`)
  }

  async probe(): Promise<DbProbe> {
    const { rows } = await this.#pools.use('statements', (client) => client.query(PROBE))
    const [row] = rows as [{ version: string; superuser: bigint; replica: bigint; size: bigint }]
    const { connections, idle, waiting } = this.#pools.load
    const checks = {
      version: row.version,
      sizeBytes: Number(row.size),
      connections,
      idleConnections: idle,
      waitingForConnections: waiting,
      guardedStatements: this.#guard.running,
      isReplica: row.replica === 1n,
      isSuperuser: row.superuser === 1n,
      ...(row.superuser === 1n ? { warning: SUPERUSER } : {}),
    }
    return { engine: 'postgres', checks }
  }

  guarded(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    return this.#guard.run(statement, signal)
  }

  codeOf(err: unknown) {
    return postgresCodeOf(err)
  }

  constraintOf(err: unknown) {
    return postgresConstraintOf(err)
  }

  close(): Promise<void> {
    return this.#pools.close()
  }
}

const SUPERUSER = 'DB_URI names a superuser; give Snug a role of its own that owns its database and no more'
const PROBE = `select current_setting('server_version') as version, pg_is_in_recovery() as replica,
  pg_database_size(current_database()) as size,
  (select rolsuper from pg_roles where rolname = current_user) as superuser`
