import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseMetadataOptions,
  type Driver,
  type Kysely,
  type Dialect as KyselyDialect,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryResult,
  type TableMetadata,
} from 'kysely'
import { AppError } from '../../../../base/errors.ts'
import { QueryCompiler } from './compiler.ts'
import { isLost } from './errors.ts'
import { type Connection, type Pools, single } from './pools.ts'

const FETCH = 'fetch forward'

/** What a migration says first; then this process has as much patience as the server. */
export const NO_TIMEOUT = 'set local statement_timeout = 0'
const PATIENT = { query_timeout: 2 ** 31 - 1 }

async function run<R>(client: Connection, query: CompiledQuery, isPatient = false): Promise<QueryResult<R>> {
  const options = isPatient ? PATIENT : {}
  const { rows, rowCount } = await single<R & object>(client, query.sql, query.parameters, options)
  return { rows, numAffectedRows: BigInt(rowCount ?? 0) }
}

/** What Kysely takes for a connection: one use, either a single statement or a transaction. */
class PostgresConnection implements DatabaseConnection {
  readonly #pools: Pools
  #client: Connection | undefined
  #state: 'outside' | 'inside' | 'ended' = 'outside'
  #isLost = false
  #isPatient = false

  constructor(pools: Pools) {
    this.#pools = pools
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#state === 'outside') return this.#pools.use('statements', (client) => run<R>(client, query))
    this.#isPatient ||= query.sql === NO_TIMEOUT
    return this.#inside((client) => run<R>(client, query, this.#isPatient))
  }

  /** By a cursor, which lives in a transaction. */
  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    const own = this.#state === 'outside'
    if (own) await this.begin(true)
    const name = `stream_${Math.random().toString(36).slice(2)}`
    try {
      const open = CompiledQuery.raw(`declare ${name} no scroll cursor for ${query.sql}`, [...query.parameters])
      await this.#inside((client) => run(client, open))
      const next = CompiledQuery.raw(`${FETCH} ${chunkSize} from ${name}`)
      for (;;) {
        const { rows } = await this.#inside((client) => run<R>(client, next))
        if (rows.length > 0) yield { rows }
        if (rows.length < chunkSize) break
      }
      if (!own) await this.#inside((client) => run(client, CompiledQuery.raw(`close ${name}`)))
    } finally {
      if (own) await this.rollback()
    }
  }

  async begin(isReadOnly = false): Promise<void> {
    const client = await this.#pools.take('transactions')
    try {
      await client.query(isReadOnly ? 'begin read only' : 'begin')
    } catch (err) {
      client.release(true)
      throw err
    }
    this.#client = client
    this.#state = 'inside'
  }

  async commit(): Promise<void> {
    try {
      const { command } = await this.#inside((client) => client.query('commit'))
      // the server answers so when a statement had failed, whoever has caught its error
      if (command === 'ROLLBACK')
        throw new AppError('failed_precondition', 'a statement of the transaction had failed; all of it was undone')
    } finally {
      this.#end()
    }
  }

  async rollback(): Promise<void> {
    if (this.#state !== 'inside') return
    try {
      if (!this.#isLost) await this.#client?.query('rollback')
    } catch {
      this.#isLost = true // without its connection the server undoes it as well
    } finally {
      this.#end()
    }
  }

  async #inside<T>(work: (client: Connection) => Promise<T>): Promise<T> {
    if (this.#state === 'ended' || this.#client === undefined) throw new AppError('closed', 'the transaction has ended')
    try {
      return await work(this.#client)
    } catch (err) {
      if (isLost(err)) this.#isLost = true
      throw err
    }
  }

  #end(): void {
    this.#state = 'ended'
    this.#client?.release(this.#isLost)
    this.#client = undefined
  }
}

class PostgresDriver implements Driver {
  readonly #pools: Pools

  constructor(pools: Pools) {
    this.#pools = pools
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<PostgresConnection> {
    return new PostgresConnection(this.#pools)
  }
  beginTransaction(connection: PostgresConnection): Promise<void> {
    return connection.begin()
  }
  commitTransaction(connection: PostgresConnection): Promise<void> {
    return connection.commit()
  }
  rollbackTransaction(connection: PostgresConnection): Promise<void> {
    return connection.rollback()
  }
  releaseConnection(connection: PostgresConnection): Promise<void> {
    return connection.rollback()
  }
  async destroy(): Promise<void> {}
}

/** Sees the tables of one schema: others belong to other programs, or to another Snug. */
class Introspector extends PostgresIntrospector {
  readonly #schema: string

  constructor(db: Kysely<unknown>, schema: string) {
    super(db)
    this.#schema = schema
  }

  override async getTables(options?: DatabaseMetadataOptions): Promise<TableMetadata[]> {
    return (await super.getTables(options)).filter((table) => table.schema === this.#schema)
  }
}

/** Kysely over pg. */
export const postgresDialect = (pools: Pools, schema: string): KyselyDialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new PostgresDriver(pools),
  createIntrospector: (db) => new Introspector(db, schema),
  createQueryCompiler: () => new QueryCompiler(),
})
