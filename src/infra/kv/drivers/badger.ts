import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { backup } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { AppError, type ErrorCode } from '../../../base/errors.ts'
import { durationParam } from '../../../base/params.ts'
import { Turns } from '../../../base/turns.ts'
import { parseParams, resolveDataPath, type Uri } from '../../../base/uri.ts'
import { claimFolder } from '../../data-folder.ts'
import type { Command, KvDriver, KvProbe, Outcome } from '../driver.ts'
import { execute, isRead } from './badger/execute.ts'
import { Store } from './badger/store.ts'
import { sweepPortion, unsweptKeys } from './badger/sweep.ts'

/** How long one commit may go on collecting work before others get a turn. */
const MAX_BATCH_MS = 10

export type BadgerOptions = {
  /** `normal`: a write survives the death of the process; `full`: also the loss of power. */
  sync?: 'normal' | 'full'
  /** How often the space of expired keys is reclaimed; they are invisible at once. */
  sweepMs?: number
}

const Params = z.strictObject({
  sync: z.enum(['normal', 'full']).default('normal'),
  sweep: durationParam.pipe(z.number().min(10).max(60_000)).default(60_000),
})

/**
 * `badger://<folder>?sync=normal|full&sweep=60s`. The engine behind the name is SQLite, in the file `kv.db`; a backup
 * under that name in an empty folder is a store.
 */
export async function open(uri: Uri, options: { home: string }): Promise<KvDriver> {
  const { sync, sweep } = parseParams(uri, Params)
  return openBadger(resolveDataPath(options.home, uri), { sync, sweepMs: sweep })
}

/** Opens (and creates) the store in a folder, which belongs to this process until `close`. */
export async function openBadger(folder: string, options: BadgerOptions = {}): Promise<KvDriver> {
  const claim = claimFolder(folder)
  const file = join(folder, 'kv.db')
  const sync = options.sync ?? 'normal'
  try {
    return new Badger(new Store(file, sync), { file, sync, sweepMs: options.sweepMs ?? 60_000, release: claim.release })
  } catch (err) {
    claim.release()
    if (err instanceof AppError) throw err
    const code = sqliteCodeOf(err)
    const text = code === 'corrupt' ? 'is not a KV file or is damaged' : 'cannot be opened as a KV file'
    throw new AppError(code, `${file} ${text}`, { cause: err })
  }
}

const BY_PRIMARY: Readonly<Record<number, ErrorCode>> = {
  5: 'busy',
  7: 'resource_exhausted',
  8: 'permission_denied',
  10: 'unavailable',
  11: 'corrupt',
  13: 'resource_exhausted',
  14: 'permission_denied',
  18: 'resource_exhausted',
  26: 'corrupt',
}

function sqliteCodeOf(err: unknown): ErrorCode {
  if (!(err instanceof Error) || !('errcode' in err) || typeof err.errcode !== 'number') return 'unknown'
  return BY_PRIMARY[err.errcode & 255] ?? 'internal'
}

type Unit = { commands: readonly Command[]; resolve: (outcomes: Outcome[]) => void }
type BadgerContext = Required<BadgerOptions> & { file: string; release: () => void }

/**
 * Reads are answered at once. Writes, and reads behind them, are collected until the event loop's next turn and
 * committed together; nobody is answered before the commit.
 */
class Badger implements KvDriver {
  readonly provider = 'badger'
  readonly features: ReadonlySet<string> = new Set(['reopen', 'backup'])
  readonly #store: Store
  readonly #context: BadgerContext
  readonly #turns = new Turns()
  readonly #sweeper: NodeJS.Timeout
  #pending: Unit[] = []
  #closed = false
  #sweeping = false

  constructor(store: Store, context: BadgerContext) {
    this.#store = store
    this.#context = context
    this.#sweeper = setInterval(() => void this.#sweep(), context.sweepMs).unref()
  }

  run(commands: readonly Command[]): Promise<Outcome[]> {
    if (this.#pending.length === 0 && commands.every(isRead) && !this.#turns.isDue())
      return Promise.resolve(commands.map((command) => this.#attempt(command)))
    return new Promise((resolve) => {
      if (this.#pending.push({ commands, resolve }) === 1) setImmediate(() => this.#flush(MAX_BATCH_MS))
    })
  }

  /** Runs a command; any error is its outcome. */
  #attempt(command: Command): Outcome {
    try {
      return { ok: true, value: execute(this.#store, command, Date.now()) }
    } catch (error) {
      return { ok: false, error }
    }
  }

  /** The same inside of a batch: an error of SQLite may have left a part behind, so it is thrown. */
  #step(command: Command): Outcome {
    const outcome = this.#attempt(command)
    if (!outcome.ok && !(outcome.error instanceof AppError)) throw outcome.error
    return outcome
  }

  #flush(maxMs: number): void {
    if (this.#pending.length === 0) return
    const deadlineMs = performance.now() + maxMs
    const taken: Unit[] = []
    let outcomes: Outcome[][] = []
    try {
      this.#store.run('BEGIN IMMEDIATE')
      for (const unit of this.#pending) {
        if (taken.length > 0 && performance.now() > deadlineMs) break
        taken.push(unit)
        outcomes.push(unit.commands.map((command) => this.#step(command)))
      }
      this.#store.run('COMMIT')
    } catch {
      this.#rollback()
      if (taken.length === 0) taken.push(...this.#pending)
      outcomes = taken.map((unit) => this.#alone(unit))
    }
    this.#pending = this.#pending.slice(taken.length)
    if (this.#pending.length > 0) setImmediate(() => this.#flush(MAX_BATCH_MS))
    for (const [position, unit] of taken.entries()) unit.resolve(outcomes[position] ?? [])
  }

  /** After a batch failed as a whole: each unit by itself, each command behind a savepoint, so one spoils no other. */
  #alone({ commands }: Unit): Outcome[] {
    try {
      this.#store.run('BEGIN IMMEDIATE')
      const outcomes = commands.map((command) => this.#guarded(command))
      this.#store.run('COMMIT')
      return outcomes
    } catch (error) {
      this.#rollback()
      return commands.map(() => ({ ok: false, error }))
    }
  }

  #guarded(command: Command): Outcome {
    this.#store.run('SAVEPOINT command')
    const outcome = this.#attempt(command)
    if (!outcome.ok) this.#store.run('ROLLBACK TO command')
    this.#store.run('RELEASE command')
    return outcome
  }

  #rollback(): void {
    // after a full disk or an I/O error SQLite has rolled back by itself
    if (this.#store.raw.isTransaction) this.#store.run('ROLLBACK')
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return
    this.#sweeping = true
    try {
      while (!this.#closed && this.#sweepOnce()) await nextTurn()
    } catch {
      // the next sweep tries again; commands meet the same error and report it
    } finally {
      this.#sweeping = false
    }
  }

  #sweepOnce(): boolean {
    try {
      this.#store.run('BEGIN IMMEDIATE')
      const more = sweepPortion(this.#store, Date.now())
      this.#store.run('COMMIT')
      return more
    } catch (err) {
      this.#rollback()
      throw err
    }
  }

  async probe(): Promise<KvProbe> {
    const number = (text: string) => Number(Object.values(this.#store.get<object>(text) ?? {})[0] ?? 0)
    const { version } = this.#store.get<{ version: string }>('SELECT sqlite_version() AS version') ?? {}
    const checks = {
      version: String(version),
      sync: this.#context.sync,
      sizeBytes: number('PRAGMA page_count') * number('PRAGMA page_size'),
      walBytes: statSync(`${this.#context.file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      waitingCommands: this.#pending.length,
      unsweptKeys: unsweptKeys(this.#store, Date.now()),
    }
    return { engine: 'sqlite', checks }
  }

  async backup(path: string, options: { signal?: AbortSignal }): Promise<void> {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined)
      throw new AppError('already_exists', 'the backup file exists already; choose a new name')
    try {
      await backup(this.#store.raw, path, { rate: 256, progress: () => options.signal?.throwIfAborted() })
    } catch (err) {
      rmSync(path, { force: true })
      throw err
    }
  }

  codeOf(err: unknown): ErrorCode {
    return sqliteCodeOf(err)
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    while (this.#pending.length > 0) this.#flush(Number.POSITIVE_INFINITY)
    this.#closed = true
    this.#store.close()
    this.#context.release()
  }
}
