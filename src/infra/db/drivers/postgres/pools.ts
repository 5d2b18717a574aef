import type { Duplex } from 'node:stream'
import {
  Client,
  type ClientConfig,
  Pool,
  type PoolClient,
  type QueryArrayConfig,
  type QueryResult,
  type QueryResultRow,
} from 'pg'
import { AppError } from '../../../../base/errors.ts'
import { isLost } from './errors.ts'
import { types } from './types.ts'

/** How long a caller waits for a connection that others use. */
const WAIT_MS = 30_000
/** The server's own limit comes first; this is for one that does not answer any more. */
const READ_GRACE_MS = 5_000

export type PoolOptions = {
  config: ClientConfig
  schema: string
  /** Connections at most, of all kinds together; at least 3. */
  size: number
  idleMs: number
  lifetimeMs: number
  statementTimeoutMs: number
  idleInTransactionMs: number
}

/** Single statements, transactions, and statements from outside: each kind has connections of its own. */
export type PoolKind = 'statements' | 'transactions' | 'guarded'

export type Connection = PoolClient

/** What lies below a connection. */
export const streamOf = (client: Connection): Duplex & { bytesRead: number } =>
  (client as unknown as { connection: { stream: Duplex & { bytesRead: number } } }).connection.stream

/** Runs a text that must be one statement: the extended protocol takes no more. */
export function single<R extends QueryResultRow>(
  client: Connection,
  text: string,
  values: readonly unknown[] = [],
  options: Partial<QueryArrayConfig> = {},
): Promise<QueryResult<R>> {
  const sent = { text, values: [...values], queryMode: 'extended', ...options }
  return client.query<R>(sent)
}

/**
 * Connections by what they are for. A transaction may read past itself, so were all of them in one pool, transactions
 * that hold every connection would wait for one more each.
 */
export class Pools {
  readonly #options: PoolOptions
  readonly #pools: Readonly<Record<PoolKind, Pool>>
  readonly #taken = new Set<Connection>()

  constructor(options: PoolOptions) {
    this.#options = options
    const guarded = Math.max(1, Math.floor(options.size / 5))
    const statements = Math.max(1, Math.floor((options.size - guarded) / 2))
    this.#pools = {
      guarded: this.#pool(guarded),
      statements: this.#pool(statements),
      transactions: this.#pool(Math.max(1, options.size - guarded - statements)),
    }
  }

  /** Numbers for an operator. */
  get load(): { connections: number; idle: number; waiting: number } {
    const pools = Object.values(this.#pools)
    const sum = (of: (pool: Pool) => number) => pools.reduce((total, pool) => total + of(pool), 0)
    return {
      connections: sum((pool) => pool.totalCount),
      idle: sum((pool) => pool.idleCount),
      waiting: sum((pool) => pool.waitingCount),
    }
  }

  /** Gives a connection that has to be handed back by `release`. Rejects with `busy` when all stay in use. */
  async take(kind: PoolKind): Promise<Connection> {
    const taking = this.#pools[kind].connect()
    const { promise: late, reject } = Promise.withResolvers<never>()
    const busy = () => reject(new AppError('busy', 'all connections to the database stayed in use'))
    const timer = setTimeout(busy, WAIT_MS)
    try {
      return await Promise.race([taking, late])
    } catch (err) {
      // whoever has given up has no use for a connection that comes later
      taking.then(
        (client) => client.release(),
        () => undefined,
      )
      throw err
    } finally {
      clearTimeout(timer)
    }
  }

  /** One use of a connection; one that was lost is not used again. */
  async use<T>(kind: PoolKind, work: (client: Connection) => Promise<T>): Promise<T> {
    const client = await this.take(kind)
    let err: unknown
    try {
      return await work(client)
    } catch (thrown) {
      err = thrown
      throw thrown
    } finally {
      client.release(isLost(err) || streamOf(client).destroyed)
    }
  }

  /** A connection beside the pools, for one statement. */
  async once<T>(work: (client: Client) => Promise<T>, config: ClientConfig = {}): Promise<T> {
    const client = new Client({ ...this.#config(), ...config })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await work(client)
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** Waits for what is under way; a transaction that never ends must not keep the process alive. */
  async close(): Promise<void> {
    const ended = Promise.all(Object.values(this.#pools).map((pool) => pool.end()))
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      for (const client of this.#taken) streamOf(client).destroy()
      resolve()
    }, WAIT_MS)
    await Promise.race([ended, late])
    clearTimeout(timer)
  }

  #config(): ClientConfig {
    const { config, schema, statementTimeoutMs, idleInTransactionMs } = this.#options
    const settings = {
      TimeZone: 'UTC',
      DateStyle: 'ISO,YMD',
      IntervalStyle: 'postgres',
      standard_conforming_strings: 'on',
      bytea_output: 'hex',
      extra_float_digits: '1',
      default_transaction_isolation: String.raw`read\ committed`,
      default_transaction_read_only: 'off',
      search_path: `"${schema}",pg_temp`,
      // ends what nobody waits for any more, when the connection is gone
      client_connection_check_interval: '1s',
    }
    return {
      ...config,
      types,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + READ_GRACE_MS,
      idle_in_transaction_session_timeout: idleInTransactionMs,
      options: Object.entries(settings)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
    } as ClientConfig
  }

  #pool(max: number): Pool {
    const { idleMs, lifetimeMs } = this.#options
    const pool = new Pool({
      ...this.#config(),
      max,
      idleTimeoutMillis: idleMs,
      maxLifetimeSeconds: lifetimeMs / 1000,
      connectionTimeoutMillis: 0,
      Client: clientWith(this.#options.config),
    } as ConstructorParameters<typeof Pool>[0])
    // without listeners a lost connection would end the process
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    pool.on('acquire', (client) => this.#taken.add(client))
    pool.on('release', (_err, client) => this.#taken.delete(client))
    return pool
  }
}

/** The pool takes the time limit of connecting for that of waiting in its queue, so it is told apart here. */
function clientWith({ connectionTimeoutMillis }: ClientConfig): typeof Client {
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, ...(connectionTimeoutMillis === undefined ? {} : { connectionTimeoutMillis }) })
    }
  } as typeof Client
}
