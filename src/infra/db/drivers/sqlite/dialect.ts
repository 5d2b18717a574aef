import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Dialect as KyselyDialect,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { AppError } from '../../../../base/errors.ts'
import { Turns } from '../../../../base/turns.ts'
import type { SqlValue } from '../../driver.ts'
import type { SqliteHandle } from './handle.ts'
import type { WriterQueue } from './writer-queue.ts'

export type SqliteStore = {
  /** The one connection that writes. */
  writer: SqliteHandle
  /** Reads what is committed while the writer has a transaction open; absent for `:memory:`. */
  reader: SqliteHandle | undefined
  /** A read-only connection for one stream, to be closed by it; absent for `:memory:`. */
  openReader: (() => SqliteHandle) | undefined
  queue: WriterQueue
}

class Adapter extends SqliteAdapter {
  // Transactions wait in our own queue, so that reads needn't wait for them.
  override get supportsMultipleConnections(): boolean {
    return true
  }
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class Compiler extends SqliteQueryCompiler {
  /** A transaction has the database for itself here, so FOR UPDATE and its kin have nothing to lock. */
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (!/^For|^SkipLocked|^NoWait/.test(node.modifier ?? '')) super.visitSelectModifier(node)
  }
}

const isRead = ({ query, sql }: CompiledQuery): boolean =>
  query.kind === 'SelectQueryNode' || (query.kind === 'RawNode' && /^\s*(select|explain)\b/i.test(sql))

/** What Kysely takes for a connection: one use, either a single statement or a transaction. */
class SqliteConnection implements DatabaseConnection {
  readonly #store: SqliteStore
  readonly #turns: Turns
  #state: 'outside' | 'inside' | 'ended' = 'outside'

  constructor(store: SqliteStore, turns: Turns) {
    this.#store = store
    this.#turns = turns
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    await this.#turns.give()
    const { writer, reader, queue } = this.#store
    const parameters = query.parameters as readonly SqlValue[]
    if (this.#state !== 'outside') return this.#inside().run(query.sql, parameters)
    if (!queue.held) return writer.run(query.sql, parameters)
    if (reader !== undefined && isRead(query)) return reader.run(query.sql, parameters)
    await queue.acquire()
    try {
      return writer.run(query.sql, parameters)
    } finally {
      queue.release()
    }
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    const outside = this.#state === 'outside'
    const own = outside ? this.#store.openReader?.() : undefined
    const handle = own ?? (outside ? this.#store.writer : this.#inside())
    try {
      let rows: R[] = []
      for (const row of handle.iterate<R>(query.sql, query.parameters as readonly SqlValue[])) {
        if (rows.push(row) < chunkSize) continue
        yield { rows }
        rows = []
        await this.#turns.give()
      }
      if (rows.length > 0) yield { rows }
    } finally {
      own?.close()
    }
  }

  async begin(): Promise<void> {
    const { queue, writer } = this.#store
    await queue.acquire()
    try {
      writer.exec('BEGIN IMMEDIATE')
      this.#state = 'inside'
    } catch (err) {
      queue.release()
      throw err
    }
  }

  commit(): void {
    this.#inside().exec('COMMIT')
    this.#end()
  }

  rollback(): void {
    if (this.#state !== 'inside') return
    try {
      // after a full disk or an I/O error SQLite has rolled back by itself
      if (this.#store.writer.inTransaction) this.#store.writer.exec('ROLLBACK')
    } finally {
      this.#end()
    }
  }

  #inside(): SqliteHandle {
    const { writer } = this.#store
    // the transaction may have ended while this call gave way to others; it must not run outside of it
    if (this.#state === 'ended') throw new AppError('closed', 'the transaction has ended')
    if (writer.inTransaction) return writer
    throw new AppError('failed_precondition', 'the database has rolled this transaction back after an error')
  }

  #end(): void {
    this.#state = 'ended'
    this.#store.queue.release()
  }
}

class SqliteDriver implements Driver {
  readonly #store: SqliteStore
  readonly #turns = new Turns()

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<SqliteConnection> {
    return new SqliteConnection(this.#store, this.#turns)
  }
  beginTransaction(connection: SqliteConnection): Promise<void> {
    return connection.begin()
  }
  async commitTransaction(connection: SqliteConnection): Promise<void> {
    connection.commit()
  }
  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    connection.rollback()
  }
  async releaseConnection(connection: SqliteConnection): Promise<void> {
    connection.rollback()
  }
  async destroy(): Promise<void> {}
}

/** Kysely over node:sqlite: one writer with a queue, committed reads beside it. */
export const sqliteDialect = (store: SqliteStore): KyselyDialect => ({
  createAdapter: () => new Adapter(),
  createDriver: () => new SqliteDriver(store),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new Compiler(),
})
