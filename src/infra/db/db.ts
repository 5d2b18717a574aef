import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import type { BackupOptions, DbDriver, Dialect, GuardedResult, GuardedStatement } from './driver.ts'
import { observedDialect, type TransactionScope } from './observed-dialect.ts'
import type { Schema } from './schema.ts'

/** The handle of the database; the first argument of every store function, which also takes a `Tx`. */
export type Db = Kysely<Schema>
/** The handle inside `Database.transaction`; it is dead once the transaction has ended. */
export type Tx = Transaction<Schema>

const MAX_RETRIES = 3

/** Work that waits for the end of a transaction. */
export type EndWork = {
  /** Runs behind the commit, in order; what it rejects with, `transaction` rejects with. */
  committed?: () => Promise<void>
  /** Runs behind a rollback, last one first; an error of its own is lost. After a lost connection it may run all the same. */
  undone?: () => Promise<void>
}

/** The application's own relational store, over whichever provider the URI named. */
export class Database {
  readonly db: Db
  readonly dialect: Dialect
  readonly provider: string
  readonly features: ReadonlySet<string>
  readonly #driver: DbDriver
  readonly #observer: Observer
  readonly #ends = new WeakMap<Tx, EndWork[]>()
  readonly #scopes = new AsyncLocalStorage<TransactionScope>()

  constructor(driver: DbDriver) {
    const { dialect, provider, features } = driver
    this.dialect = dialect
    this.provider = provider
    this.features = features
    this.#driver = driver
    this.#observer = new Observer({ capability: 'db', provider, codeOf: (err) => driver.codeOf(err) })
    const context = { driver, observer: this.#observer, scopes: this.#scopes }
    this.db = new Kysely<Schema>({ dialect: observedDialect(driver.kyselyDialect(), context) })
  }

  /**
   * Runs `fn` in one transaction: committed when it resolves, rolled back when it rejects or the signal aborts.
   * A `busy` database runs `fn` again from its start, at most three times, so `fn` has no effect but through
   * `tx`. Writes in `fn` through any other handle are refused with `failed_precondition`, as is a transaction
   * inside it (use `savepoint`); reads through the outer handle see committed rows only. Keep it short: on
   * SQLite everyone else's writes wait, so no network inside.
   */
  async transaction<T>(fn: (tx: Tx) => Promise<T>, options: { signal?: AbortSignal } = {}): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#transactionOnce(fn, options.signal)
      } catch (err) {
        if (attempt >= MAX_RETRIES || !(err instanceof AppError) || err.code !== 'busy') throw err
        await sleep(10 * 2 ** attempt * (0.5 + Math.random()))
      }
    }
  }

  async #transactionOnce<T>(fn: (tx: Tx) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#observer.check(signal)
    const ends: EndWork[] = []
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    aborted.catch(() => undefined) // nobody may be waiting when the signal fires
    const abort = () => reject(new AppError('canceled', 'the transaction was canceled', { cause: signal?.reason }))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const result = await this.db.transaction().execute(async (tx) => {
        this.#ends.set(tx, ends)
        const scope: TransactionScope = { open: true }
        try {
          this.#observer.check(signal)
          const work = this.#scopes.run(scope, () => fn(tx))
          return signal === undefined ? await work : await Promise.race([work, aborted])
        } finally {
          scope.open = false
        }
      })
      for (const { committed } of ends.splice(0)) await committed?.()
      return result
    } catch (err) {
      for (const { undone } of ends.reverse()) await undone?.().catch(() => undefined)
      throw err
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Lets work wait for the end of a transaction of `transaction`. */
  onEnd(tx: Tx, work: EndWork): void {
    const ends = this.#ends.get(tx)
    if (ends === undefined) throw new AppError('closed', 'the transaction is not one of this database')
    ends.push(work)
  }

  /** Takes back what was said by `onEnd` since the mark that this gives, when a part of the transaction is undone. */
  endMark(tx: Tx): () => void {
    const ends = this.#ends.get(tx) ?? []
    const { length } = ends
    return () => {
      for (const { undone } of ends.splice(length).reverse())
        if (undone !== undefined) ends.push({ undone, committed: () => undone().catch(() => undefined) })
    }
  }

  /** Runs `fn` beside the transaction that it is called in, for changes of the schema that cannot be part of one. */
  beside<T>(fn: (db: Db) => Promise<T>): Promise<T> {
    return this.#scopes.run({ open: false }, () => fn(this.db))
  }

  /**
   * Runs `migrate` alone: other callers and other processes wait or are refused. For migrate.ts; on dialects
   * with transactional DDL all of it is one transaction.
   */
  withMigrationLock<T>(migrate: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
    return this.#observer.run('migrate', () =>
      this.#driver.withMigrationLock(this.db as unknown as Kysely<unknown>, migrate),
    )
  }

  /** Writes a consistent copy to `path`, which must not exist. Throws `unimplemented` without feature `backup`. */
  async backup(path: string, options: BackupOptions = {}): Promise<void> {
    const { backup } = this.#driver
    if (backup === undefined)
      throw new AppError('unimplemented', `${this.provider} is backed up with its own tools, not by Snug`)
    await this.#observer.run('backup', () => backup.call(this.#driver, path, options), options.signal)
  }

  /**
   * Runs one statement from outside under guard: see `DbDriver.guarded`. It never joins a transaction, and one that
   * writes is refused inside `transaction` with `failed_precondition`. Throws `unimplemented` without `guarded`,
   * `permission_denied` for what is not granted, `deadline_exceeded`, `canceled`, `resource_exhausted`.
   */
  async guarded(statement: GuardedStatement, options: { signal?: AbortSignal } = {}): Promise<GuardedResult> {
    const { guarded } = this.#driver
    if (guarded === undefined) throw new AppError('unimplemented', `${this.provider} cannot run statements under guard`)
    const writes = Object.values(statement.tables).some((grants) => grants.length > 0)
    if (writes && this.#scopes.getStore()?.open === true)
      throw new AppError('failed_precondition', 'a guarded statement that writes cannot run inside a transaction')
    return this.#observer.run('guarded', () => guarded.call(this.#driver, statement, options.signal), options.signal)
  }

  health(): Promise<Health> {
    return this.#observer.health(async (signal) => ({ status: 'up', ...(await this.#driver.probe(signal)) }))
  }

  /** Lets open transactions finish, then closes. */
  close(): Promise<void> {
    return this.#observer.close(() => this.#driver.close())
  }
}

/**
 * A part of a transaction that can fail alone: when `fn` rejects, only its own changes are undone and the
 * error is thrown on. Run nothing else on `tx` meanwhile.
 */
export async function savepoint<T>(tx: Tx, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const name = sql.raw(`sp_${Math.random().toString(36).slice(2)}`)
  await sql`savepoint ${name}`.execute(tx)
  try {
    const result = await fn(tx)
    await sql`release savepoint ${name}`.execute(tx)
    return result
  } catch (err) {
    try {
      await sql`rollback to savepoint ${name}`.execute(tx)
      await sql`release savepoint ${name}`.execute(tx)
    } catch {
      // the database has ended the whole transaction; what it said first explains more
    }
    throw err
  }
}

/** User text for the inside of a LIKE pattern whose condition ends in `escape '!'`. */
export const escapeLike = (text: string): string => text.replace(/[!%_]/g, '!$&')

/** The condition that a column contains `text` literally, without regard to ASCII case. */
export const contains = (column: string, text: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`lower(${sql.ref(column)}) like lower(${`%${escapeLike(text)}%`}) escape '!'`

/** Characters of one insert: servers take packets of some megabytes, and JSON and bytes are not counted here. */
const MAX_CHARS = 1_000_000

/** Splits rows for inserts, so that no statement binds more than 30 000 values or some megabytes of text. */
export function* insertBatches<T extends object>(rows: readonly T[], maxVariables = 30_000): Generator<T[]> {
  const columns = Math.max(1, ...rows.slice(0, 1).map((row) => Object.keys(row).length))
  const size = Math.max(1, Math.floor(maxVariables / columns))
  let batch: T[] = []
  let chars = 0
  for (const row of rows) {
    for (const value of Object.values(row)) if (typeof value === 'string') chars += value.length
    batch.push(row)
    if (batch.length < size && chars < MAX_CHARS) continue
    yield batch
    batch = []
    chars = 0
  }
  if (batch.length > 0) yield batch
}
