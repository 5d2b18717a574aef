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
   * usable); `readers` (reads go on while a transaction writes); `backup`.
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

  /** The code for an error this driver threw; `unknown` when it can't tell. */
  codeOf(err: unknown): ErrorCode

  /** The columns or the name of the unique constraint that an error speaks of, such as `account.email`. */
  constraintOf(err: unknown): string | undefined

  /** Lets transactions that are open finish, then releases everything. Called once. */
  close(): Promise<void>
}
