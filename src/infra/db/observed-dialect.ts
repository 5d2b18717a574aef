import type { AsyncLocalStorage } from 'node:async_hooks'
import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  Dialect as KyselyDialect,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Observer } from '../../base/observe.ts'
import type { DbDriver } from './driver.ts'
import { fromSql, toSql } from './values.ts'

/** Marks the code that runs inside `Database.transaction`, so that a slip to the outer handle is caught. */
export type TransactionScope = { open: boolean }

export type DialectContext = {
  driver: DbDriver
  observer: Observer
  scopes: AsyncLocalStorage<TransactionScope>
}

const TRANSACTION_CONTROL = /^\s*(begin|commit|end|rollback(?!\s+to)|start\s+transaction)\b/i

/** What a metric calls a query: `select`, `insert`, `update`, `delete`, `raw`, `create_table`, … */
function operationOf(query: CompiledQuery): string {
  const name = query.query.kind.replace(/(Query)?Node$/, '')
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()
}

/** Wraps a driver's Kysely dialect: maps values, classifies errors once, publishes every query, guards use. */
export function observedDialect(inner: KyselyDialect, context: DialectContext): KyselyDialect {
  return {
    createAdapter: () => inner.createAdapter(),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createIntrospector: (db) => inner.createIntrospector(db),
    createDriver: () => new ObservedDriver(inner.createDriver(), context),
  }
}

class ObservedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection
  inTransaction = false
  released = false
  readonly #context: DialectContext

  constructor(inner: DatabaseConnection, context: DialectContext) {
    this.inner = inner
    this.#context = context
  }

  /** Refuses what would deadlock or lose its transaction: see `Database.transaction`. */
  checkOutside(): void {
    if (this.inTransaction || this.#context.scopes.getStore()?.open !== true) return
    const text = 'inside a transaction, write through its own handle; a transaction in a transaction is a savepoint'
    throw new AppError('failed_precondition', text)
  }

  #prepare(query: CompiledQuery): CompiledQuery {
    if (this.released) throw new AppError('closed', 'the transaction has ended; its handle cannot be used any more')
    const { kind } = query.query
    if (kind !== 'SelectQueryNode' && !(kind === 'RawNode' && /^\s*select\b/i.test(query.sql))) this.checkOutside()
    if (kind === 'RawNode' && TRANSACTION_CONTROL.test(query.sql))
      throw new AppError('failed_precondition', 'transactions are opened and ended by Database.transaction only')
    return { ...query, parameters: query.parameters.map(toSql) }
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { observer } = this.#context
    const op = operationOf(query)
    const startedMs = performance.now()
    try {
      const result = await this.inner.executeQuery<R>(this.#prepare(query))
      const rows = fromSql(result.rows) as R[]
      observer.publish(op, 'ok', startedMs)
      return { ...result, rows }
    } catch (err) {
      const wrapped = this.wrap(op, err)
      observer.publish(op, wrapped.code, startedMs)
      throw wrapped
    }
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    const { observer } = this.#context
    const startedMs = performance.now()
    try {
      for await (const chunk of this.inner.streamQuery<R>(this.#prepare(query), chunkSize))
        yield { ...chunk, rows: fromSql(chunk.rows) as R[] }
      observer.publish('stream', 'ok', startedMs)
    } catch (err) {
      const wrapped = this.wrap('stream', err)
      observer.publish('stream', wrapped.code, startedMs)
      throw wrapped
    }
  }

  wrap(op: string, err: unknown): AppError {
    const { driver, observer } = this.#context
    const constraint = err instanceof AppError ? undefined : driver.constraintOf(err)
    const what = op === 'raw' ? 'run a statement' : op.replaceAll('_', ' ')
    if (constraint === undefined) return observer.wrap(what, err)
    const { code, message } = observer.wrap(what, err)
    return new AppError(code, message, { cause: err, details: { constraint } })
  }
}

class ObservedDriver implements Driver {
  readonly #inner: Driver
  readonly #context: DialectContext

  constructor(inner: Driver, context: DialectContext) {
    this.#inner = inner
    this.#context = context
  }

  init(): Promise<void> {
    return this.#inner.init()
  }

  async acquireConnection(): Promise<ObservedConnection> {
    this.#context.observer.check()
    return new ObservedConnection(await this.#inner.acquireConnection(), this.#context)
  }

  async beginTransaction(connection: ObservedConnection, settings: TransactionSettings): Promise<void> {
    connection.checkOutside()
    await this.#control('begin', connection, () => this.#inner.beginTransaction(connection.inner, settings))
    connection.inTransaction = true
  }

  commitTransaction(connection: ObservedConnection): Promise<void> {
    return this.#control('commit', connection, () => this.#inner.commitTransaction(connection.inner))
  }

  rollbackTransaction(connection: ObservedConnection): Promise<void> {
    return this.#control('rollback', connection, () => this.#inner.rollbackTransaction(connection.inner))
  }

  async releaseConnection(connection: ObservedConnection): Promise<void> {
    connection.released = true
    await this.#inner.releaseConnection(connection.inner)
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }

  async #control(op: string, connection: ObservedConnection, call: () => Promise<void>): Promise<void> {
    const startedMs = performance.now()
    try {
      await call()
      this.#context.observer.publish(op, 'ok', startedMs)
    } catch (err) {
      const wrapped = connection.wrap(op, err)
      this.#context.observer.publish(op, wrapped.code, startedMs)
      throw wrapped
    }
  }
}
