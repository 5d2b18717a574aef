import { rmSync, statSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { durationParam, sizeParam } from '../../../base/params.ts'
import { parseParams, resolveDataPath, type Uri } from '../../../base/uri.ts'
import { claimFile } from '../../data-folder.ts'
import type { BackupOptions, DbDriver, DbProbe, GuardedResult, GuardedStatement } from '../driver.ts'
import { type SqliteStore, sqliteDialect } from './sqlite/dialect.ts'
import { sqliteCodeOf, sqliteConstraintOf } from './sqlite/errors.ts'
import { SqliteGuard } from './sqlite/guard/guard.ts'
import { SqliteHandle } from './sqlite/handle.ts'
import { WriterQueue } from './sqlite/writer-queue.ts'

/** "SNUG" in ASCII, in the header of every database file of ours. */
const APPLICATION_ID = 0x534e5547
const FEATURES = new Set([
  'returning',
  'upsert.target',
  'json_extract',
  'fts5',
  'ddl.transactional',
  'statement.rollback',
  'exclusive',
  'guarded',
])
/** What takes a file that several connections can have open. */
const FILE_FEATURES = ['readers', 'backup', 'guarded.timeout']
/** How long a write waits for another caller's transaction. */
const WRITER_WAIT_MS = 30_000

const Params = z.strictObject({
  sync: z.enum(['normal', 'full']).default('normal'),
  cache: sizeParam.default(32 * 1024 ** 2),
  busy_timeout: durationParam.default(5_000),
})

/**
 * `sqlite://<path>?sync=normal|full&cache=32mb&busy_timeout=5s`, or `sqlite://:memory:` in tests. With
 * `sync=normal` a commit survives the death of the process, with `full` also the loss of power.
 */
export async function open(uri: Uri, options: { home: string }): Promise<DbDriver> {
  const { sync, cache, busy_timeout } = parseParams(uri, Params)
  const path = resolveDataPath(options.home, uri)
  const inMemory = path === ':memory:'
  const shared = `PRAGMA temp_store=MEMORY; PRAGMA cache_size=-${Math.ceil(cache / 1024)};`
  const connect = (readOnly: boolean) =>
    new SqliteHandle(path, { readOnly, pragmas: shared, busyTimeoutMs: busy_timeout })
  const claim = inMemory ? undefined : claimFile(path)
  let writer: SqliteHandle | undefined
  try {
    writer = connect(false)
    const isNew = checkOwner(writer)
    writer.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${sync}; PRAGMA journal_size_limit=${64 * 1024 ** 2}`)
    if (isNew) writer.exec(`PRAGMA application_id=${APPLICATION_ID}`)
    const openReader = inMemory ? undefined : () => connect(true)
    const store: SqliteStore = { writer, reader: openReader?.(), openReader, queue: new WriterQueue(WRITER_WAIT_MS) }
    const guard = new SqliteGuard(store, { path, busyTimeoutMs: busy_timeout })
    return new Sqlite(store, guard, path, () => claim?.release())
  } catch (err) {
    writer?.close()
    claim?.release()
    if (err instanceof AppError) throw err
    const code = sqliteCodeOf(err)
    const text = code === 'corrupt' ? 'is not a SQLite database or is damaged' : 'cannot be opened as a SQLite database'
    throw new AppError(code, `${path} ${text}`, { cause: err })
  }
}

/** Whether the file is new; refuses one that holds the tables of another program. */
function checkOwner(handle: SqliteHandle): boolean {
  const first = (text: string) => Number(Object.values(handle.run<object>(text, []).rows[0] ?? {})[0] ?? 0)
  const owner = first('PRAGMA application_id')
  if (owner === APPLICATION_ID) return false
  if (owner !== 0 || first('SELECT count(*) FROM sqlite_schema') > 0)
    throw new AppError('failed_precondition', 'the SQLite file belongs to another program; choose another in DB_URI')
  return true
}

class Sqlite implements DbDriver {
  readonly dialect = 'sqlite'
  readonly provider = 'sqlite'
  readonly features: ReadonlySet<string>
  readonly #store: SqliteStore
  readonly #guard: SqliteGuard
  readonly #path: string
  readonly #release: () => void

  constructor(store: SqliteStore, guard: SqliteGuard, path: string, release: () => void) {
    this.features = store.reader === undefined ? FEATURES : new Set([...FEATURES, ...FILE_FEATURES])
    this.#store = store
    this.#guard = guard
    this.#path = path
    this.#release = release
  }

  kyselyDialect() {
    return sqliteDialect(this.#store)
  }

  withMigrationLock: DbDriver['withMigrationLock'] = (db, migrate) => db.transaction().execute(migrate)

  async probe(): Promise<DbProbe> {
    const { writer, queue } = this.#store
    const pragma = (name: string) => Object.values(writer.run<object>(`PRAGMA ${name}`, []).rows[0] ?? {})[0]
    const [row] = writer.run<{ version: string }>('SELECT sqlite_version() AS version', []).rows
    const checks = {
      version: String(row?.version),
      journalMode: String(pragma('journal_mode')),
      sync: pragma('synchronous') === 2n ? 'full' : 'normal',
      sizeBytes: Number(pragma('page_count')) * Number(pragma('page_size')),
      walBytes: statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      waitingWrites: queue.length,
      guardedStatements: this.#guard.running,
    }
    return { engine: 'sqlite', checks }
  }

  /** Copies one snapshot: an own connection holds it, so writes meanwhile neither wait nor restart the copy. */
  async backup(path: string, options: BackupOptions): Promise<void> {
    const { signal, onProgress } = options
    if (statSync(path, { throwIfNoEntry: false }) !== undefined)
      throw new AppError('already_exists', 'the backup file exists already; choose a new name')
    const source = new DatabaseSync(this.#path, { readOnly: true })
    try {
      source.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
      await backup(source, path, {
        rate: 256,
        progress: ({ totalPages, remainingPages }) => {
          signal?.throwIfAborted()
          onProgress?.(totalPages === 0 ? 1 : (totalPages - remainingPages) / totalPages)
        },
      })
    } catch (err) {
      rmSync(path, { force: true })
      throw err
    } finally {
      source.close()
    }
  }

  guarded(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    return this.#guard.run(statement, signal)
  }

  codeOf(err: unknown) {
    return sqliteCodeOf(err)
  }

  constraintOf(err: unknown) {
    return sqliteConstraintOf(err)
  }

  async close(): Promise<void> {
    const { writer, reader, queue } = this.#store
    await this.#guard.close()
    await queue.acquire().catch(() => undefined) // a transaction that never ends must not keep the process alive
    try {
      reader?.close()
      if (!writer.inTransaction) writer.exec('PRAGMA analysis_limit=400; PRAGMA optimize')
    } catch {
      // statistics are a nicety, and a full disk is no reason to end badly
    } finally {
      writer.close()
      this.#release()
    }
  }
}
