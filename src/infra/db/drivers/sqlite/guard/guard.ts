import { AppError } from '../../../../../base/errors.ts'
import type { GuardedResult, GuardedStatement } from '../../../driver.ts'
import type { SqliteStore } from '../dialect.ts'
import type { WriterQueue } from '../writer-queue.ts'
import { GuardPool } from './pool.ts'
import { isWrite, runGuarded } from './run.ts'
import { addUserFunctions } from './sql-functions.ts'

const PROCESSES = 2
const IDLE_MS = 30_000
const MAX_MEMORY_BYTES = 512 * 1024 ** 2

/**
 * Statements from outside: in a process of their own, which can be killed; a write keeps its place in the queue of
 * writers meanwhile. `:memory:` has nothing that a second process could open, so there they run in this one, under
 * the same rules but without a time limit.
 */
export class SqliteGuard {
  readonly #store: SqliteStore
  readonly #pool: GuardPool
  #hasFunctions = false

  constructor(store: SqliteStore, options: { path: string; busyTimeoutMs: number }) {
    this.#store = store
    this.#pool = new GuardPool({
      ...options,
      processes: PROCESSES,
      idleMs: IDLE_MS,
      maxMemoryBytes: MAX_MEMORY_BYTES,
    })
  }

  get running(): number {
    return this.#pool.load.running
  }

  async run(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    const { queue, reader } = this.#store
    if (reader === undefined) return this.#alone(queue, signal, async () => this.#runHere(statement))
    if (!isWrite(statement)) return this.#pool.run(statement, signal)
    return this.#alone(queue, signal, () => this.#pool.run(statement, signal))
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  #runHere(statement: GuardedStatement): GuardedResult {
    const db = this.#store.writer.raw
    if (!this.#hasFunctions) addUserFunctions(db)
    this.#hasFunctions = true
    return runGuarded(db, statement)
  }

  async #alone<T>(queue: WriterQueue, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await turnOf(queue, signal)
    try {
      return await work()
    } finally {
      queue.release()
    }
  }
}

/** Waits in the queue; a caller who leaves meanwhile hands the turn on when it comes. */
function turnOf(queue: WriterQueue, signal: AbortSignal | undefined): Promise<void> {
  const turn = queue.acquire()
  if (signal === undefined) return turn
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      turn.then(
        () => queue.release(),
        () => undefined,
      )
      reject(new AppError('canceled', 'the call was canceled', { cause: signal.reason }))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    turn.then(
      () => {
        signal.removeEventListener('abort', onAbort)
        if (!signal.aborted) resolve()
      },
      (err: unknown) => {
        signal.removeEventListener('abort', onAbort)
        reject(err)
      },
    )
  })
}
