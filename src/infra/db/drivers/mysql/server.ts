import { readFileSync } from 'node:fs'
import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2'
import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import { durationParam } from '../../../../base/params.ts'
import { parseParams, type Uri } from '../../../../base/uri.ts'
import { MysqlHandle } from './handle.ts'
import { castOf } from './text.ts'

export const Params = z.strictObject({
  pool: z.coerce.number().int().min(3).max(1_000).default(20),
  connect_timeout: durationParam.default(10_000),
  statement_timeout: durationParam.default(60_000),
  lock_timeout: durationParam.default(10_000),
  idle_timeout: durationParam.default(60_000),
  tls: z.enum(['off', 'on', 'unverified']).default('off'),
  ca: z.string().min(1).optional(),
  socket: z.string().min(1).optional(),
})

/** What runs behind the scheme; they differ in a few words. */
export type Flavour = 'mysql' | 'mariadb'
export type MysqlSettings = z.infer<typeof Params> & { database: string; address: string; options: PoolOptions }

const bad = (text: string) => new AppError('invalid_argument', `mysql: ${text}`)

/** Reads `mysql://user:password@host:3306/database?…`. Throws `invalid_argument`, never with the password. */
export function readSettings(uri: Uri): MysqlSettings {
  const params = parseParams(uri, Params)
  const database = uri.path.replace(/^\//, '')
  if (database === '') throw bad('the URI names no database, as in "mysql://user:password@host:3306/snug"')
  if (database.includes('/') || database.length > 64) throw bad('the name of the database is not one')
  if (uri.hosts.length > 1) throw bad('the URI takes one host')
  if (params.ca !== undefined && params.tls !== 'on') throw bad('parameter "ca" goes with tls=on')
  const { host = 'localhost', port = 3306 } = uri.hosts[0] ?? {}
  const plainHost = host === '' ? 'localhost' : host.replace(/^\[(.*)\]$/, '$1')
  const address = params.socket ?? `${plainHost}:${port}`
  const where = params.socket === undefined ? { host: plainHost, port } : { socketPath: params.socket }
  const options: PoolOptions = {
    ...where,
    ...(params.tls === 'off' ? {} : { ssl: tlsOf(params) }),
    user: uri.user,
    password: uri.password,
    database,
    connectTimeout: params.connect_timeout,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    // the statements that users write are checked for a server that reads spaces as the standard does
    flags: ['-IGNORE_SPACE', '-LOCAL_FILES'],
    multipleStatements: false,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    typeCast: castOf,
    disableEval: true,
    enableKeepAlive: true,
  }
  return { ...params, database, address, options }
}

function tlsOf({ tls, ca }: z.infer<typeof Params>) {
  if (tls === 'unverified') return { rejectUnauthorized: false }
  if (ca === undefined) return { rejectUnauthorized: true }
  try {
    return { rejectUnauthorized: true, ca: readFileSync(ca) }
  } catch (err) {
    throw new AppError('invalid_argument', 'mysql: the file of parameter "ca" cannot be read', { cause: err })
  }
}

const SQL_MODE = [
  'ONLY_FULL_GROUP_BY',
  'STRICT_TRANS_TABLES',
  'STRICT_ALL_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
].join(',')

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))

/** What every connection is set to, whatever the server's defaults are. */
function sessionSql(flavour: Flavour, { lock_timeout, statement_timeout }: MysqlSettings): string[] {
  const isMaria = flavour === 'mariadb'
  const collation = isMaria ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
  const limit = isMaria
    ? `max_statement_time = ${statement_timeout / 1000}, optimizer_switch = 'derived_merge=off'`
    : `max_execution_time = ${statement_timeout}`
  return [
    `SET NAMES utf8mb4 COLLATE ${collation}`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    `SET sql_mode = '${SQL_MODE}', time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = ${seconds(lock_timeout)},
      lock_wait_timeout = ${seconds(lock_timeout)}, group_concat_max_len = 1048576, ${limit}`,
  ]
}

const CLOSE_WAIT_MS = 5_000

/** Connections to one server, each set up before its first use. */
export class Connections {
  readonly pool: Pool
  readonly settings: MysqlSettings
  readonly #ready = new WeakSet<PoolConnection>()
  readonly #open = new Set<PoolConnection>()
  #flavour: Flavour | undefined

  constructor(settings: MysqlSettings, size: number) {
    const { idle_timeout } = settings
    this.settings = settings
    this.pool = createPool({
      ...settings.options,
      connectionLimit: size,
      maxIdle: Math.min(size, 4),
      idleTimeout: idle_timeout,
    })
    this.pool.on('connection', (raw) => {
      this.#open.add(raw)
      raw.once('end', () => this.#open.delete(raw))
    })
  }

  /** What the server is; known once a connection has been made. */
  get flavour(): Flavour {
    return this.#flavour ?? 'mysql'
  }

  async take(): Promise<MysqlHandle> {
    const raw = await new Promise<PoolConnection>((resolve, reject) =>
      this.pool.getConnection((err, found) => (err === null ? resolve(found) : reject(err))),
    )
    const handle = new MysqlHandle(raw, { statementTimeoutMs: this.settings.statement_timeout })
    if (this.#ready.has(raw)) return handle
    try {
      this.#flavour ??= await flavourOf(handle)
      for (const text of sessionSql(this.#flavour, this.settings)) await handle.ask(text)
    } catch (err) {
      handle.spoil()
      handle.release()
      throw err
    }
    this.#ready.add(raw)
    return handle
  }

  /** One piece of work on a connection of its own. */
  async with<T>(work: (handle: MysqlHandle) => Promise<T>): Promise<T> {
    const handle = await this.take()
    try {
      return await work(handle)
    } finally {
      handle.release()
    }
  }

  /** Ends all connections; those that do not take leave in time are cut. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const raw of this.#open) raw.destroy()
        resolve()
      }, CLOSE_WAIT_MS)
      this.pool.end(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

/** Oldest versions with all that is used here: CHECK, invisible columns, window functions, atomic DDL. */
const OLDEST: Readonly<Record<Flavour, readonly [major: number, minor: number, patch: number]>> = {
  mysql: [8, 0, 23],
  mariadb: [10, 6, 0],
}
const NAMES: Readonly<Record<Flavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' }

async function flavourOf(handle: MysqlHandle): Promise<Flavour> {
  const version = await versionOf(handle)
  const flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  const found =
    /(\d+)\.(\d+)\.(\d+)/
      .exec(version.replace(/^5\.5\.5-/, ''))
      ?.slice(1)
      .map(Number) ?? []
  const oldest = OLDEST[flavour]
  const at = oldest.findIndex((part, i) => part !== found[i])
  if (at < 0 || (found[at] ?? 0) > (oldest[at] ?? 0)) return flavour
  throw new AppError(
    'failed_precondition',
    `the server is ${NAMES[flavour]} ${version}; Snug needs MySQL ${OLDEST.mysql.join('.')} or MariaDB ${OLDEST.mariadb.join('.')} at least`,
  )
}

export async function versionOf(handle: MysqlHandle): Promise<string> {
  return String((await handle.ask('SELECT version()')).rows[0]?.[0])
}
