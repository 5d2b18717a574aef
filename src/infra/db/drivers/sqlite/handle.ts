import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { QueryResult } from 'kysely'
import type { SqlValue } from '../../driver.ts'
import { addTextLike } from './guard/sql-functions.ts'

const MAX_STATEMENTS = 500
/** Longer texts are one-off batches; keeping them would only hold memory. */
const MAX_CACHED_LENGTH = 20_000
const SCHEMA_CHANGE = /^\s*(create|drop|alter|attach|detach|pragma|vacuum|reindex)\b/i

type Prepared = { statement: StatementSync; returnsRows: boolean }

/** A JS number is bound as REAL by default; integers must arrive as INTEGER, but for those beyond 64 bits. */
export const bind = (value: SqlValue): SQLInputValue =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value

/** One connection of node:sqlite with its cache of prepared statements (least recently used goes first). */
export class SqliteHandle {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, Prepared>()

  constructor(path: string, options: { readOnly: boolean; pragmas: string; busyTimeoutMs: number }) {
    const { readOnly, pragmas, busyTimeoutMs } = options
    this.#db = new DatabaseSync(path, {
      readOnly,
      readBigInts: true,
      timeout: busyTimeoutMs,
      enableForeignKeyConstraints: true,
    })
    try {
      this.#db.exec(pragmas)
      addTextLike(this.#db)
    } catch (err) {
      this.#db.close()
      throw err
    }
  }

  /** The raw connection, for what only it can do. */
  get raw(): DatabaseSync {
    return this.#db
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction
  }

  /** Statements without parameters and results: pragmas, BEGIN, COMMIT. */
  exec(text: string): void {
    this.#db.exec(text)
  }

  run<R>(text: string, parameters: readonly SqlValue[]): QueryResult<R> {
    if (SCHEMA_CHANGE.test(text)) this.#statements.clear()
    const { statement, returnsRows } = this.#prepare(text)
    const values = parameters.map(bind)
    if (returnsRows) {
      const rows = statement.all(...values) as R[]
      return { rows, numAffectedRows: BigInt(rows.length) }
    }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  /** Rows one by one, by a statement of its own: a cached one could be started again meanwhile. */
  *iterate<R>(text: string, parameters: readonly SqlValue[]): Generator<R> {
    for (const row of this.#db.prepare(text).iterate(...parameters.map(bind))) yield row as R
  }

  close(): void {
    this.#statements.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  #prepare(text: string): Prepared {
    const found = this.#statements.get(text)
    if (found !== undefined) {
      this.#statements.delete(text)
      this.#statements.set(text, found)
      return found
    }
    const statement = this.#db.prepare(text)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    if (text.length > MAX_CACHED_LENGTH) return prepared
    this.#statements.set(text, prepared)
    const oldest = this.#statements.keys().next()
    if (this.#statements.size > MAX_STATEMENTS && oldest.done !== true) this.#statements.delete(oldest.value)
    return prepared
  }
}
