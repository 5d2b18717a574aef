import type { Kysely, Dialect as KyselyDialect } from 'kysely'
import type { ErrorCode } from '../../base/errors.ts'

/** The SQL dialects that Snug speaks. */
export type Dialect = 'sqlite' | 'mysql' | 'postgres'

/** A value as a driver receives it: booleans, JSON and ids have been turned into these by the front. */
export type SqlValue = null | string | number | bigint | Uint8Array

/** What a provider says about its state. */
export type DbProbe = {
  /** What really runs behind the scheme. */
  engine: string
  /** Facts for an operator: version, modes, sizes, queue lengths. Never secrets. */
  checks: Readonly<Record<string, string | number | boolean>>
}

/** Options of an online copy. */
export type BackupOptions = {
  /** Stops the copy; what was written so far is removed. */
  signal?: AbortSignal
  /** Called now and then with the part that is done, 0…1. */
  onProgress?: (part: number) => void
}

/** What a guarded statement may do to a table besides reading it. `replace` is REPLACE: existing rows may go. */
export type GuardedWrite = 'insert' | 'update' | 'delete' | 'replace'

/** A statement whose text comes from outside. Everything that is not granted here is refused. */
export type GuardedStatement = {
  /** One statement in this provider's dialect, with its placeholders. */
  sql: string
  parameters: readonly SqlValue[]
  /** The tables it may read, by their exact names, each with what else it may do to them. */
  tables: Readonly<Record<string, readonly GuardedWrite[]>>
  /** Rows beyond either limit are left out, and the result says so. */
  maxRows: number
  maxBytes: number
  /** When it is over, the statement is stopped and what it has written is undone: `deadline_exceeded`. */
  timeoutMs: number
}

/** What a guarded statement gave. */
export type GuardedResult = {
  /** In the order of the statement; `table` and `column` say where plain columns come from. */
  columns: readonly { name: string; table: string | null; column: string | null }[]
  /** Values as they are stored: integers are always `bigint`, reals always `number`. */
  rows: readonly (readonly SqlValue[])[]
  /** Rows written. */
  affected: number
  truncated: boolean
}

/**
 * What a database provider implements. Applications use `Database` in db.ts, which maps values, wraps errors
 * through `codeOf` and measures; a driver throws its SDK's own errors.
 */
export interface DbDriver {
  /** Which SQL this provider speaks. */
  readonly dialect: Dialect
  /** The name in metrics and health. */
  readonly provider: string
  /**
   * What only some providers can do: `returning` rows of a write; `upsert.target` (ON CONFLICT on named columns);
   * `json_extract`; `fts5`; `ddl.transactional`; `statement.rollback` (a failed statement leaves its transaction
   * usable); `exclusive` (no other process has the database open); `readers` (reads go on while a transaction writes); `backup`; `guarded` statements, and
   * `guarded.timeout` when their time limit holds.
   */
  readonly features: ReadonlySet<string>

  /**
   * The Kysely dialect over this provider's connections; called once. Its connections take parameters of the
   * type `SqlValue` and return 64-bit integers as `bigint`, JSON as text or parsed, all else as plain values.
   * A query outside a transaction must neither see nor join the open transaction of another caller.
   */
  kyselyDialect(): KyselyDialect

  /**
   * Runs `migrate` while no other process or caller can migrate the same database. Where DDL is transactional,
   * everything runs in one transaction, so that a failure leaves nothing behind.
   */
  withMigrationLock<T>(db: Kysely<unknown>, migrate: (db: Kysely<unknown>) => Promise<T>): Promise<T>

  /** Reaches the database and reports. Rejects when it can't be reached. */
  probe(signal: AbortSignal): Promise<DbProbe>

  /** Writes a consistent copy to a new file while the database goes on working. Absent without `backup`. */
  backup?(path: string, options: BackupOptions): Promise<void>

  /**
   * Runs one statement that a stranger wrote, apart from the application's own work: it reaches the granted tables
   * and harmless functions only – no files, settings, schemas or other statements –, cannot write without a grant,
   * and cannot keep the process from anything else. A write is committed when this resolves and undone when it
   * rejects (a lost answer leaves that open). Absent without `guarded`.
   */
  guarded?(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult>

  /** The code for an error this driver threw; `unknown` when it can't tell. */
  codeOf(err: unknown): ErrorCode

  /** The columns or the name of the unique constraint that an error speaks of, such as `account.email`. */
  constraintOf(err: unknown): string | undefined

  /** Lets transactions that are open finish, then releases everything. Called once. */
  close(): Promise<void>
}
