import { AppError } from '../../../../base/errors.ts'
import type { IndexCache, Lease } from './index-cache.ts'
import { Plan } from './plan.ts'
import type { Store, StoredIndex } from './store.ts'

/** What one call changes, added to the plan of its transaction. Throws to change nothing. */
export type Change<T> = (plan: Plan) => T | Promise<T>

/** `joins` the transaction of the calls before it, is the `first` of a new one, or runs `alone`. */
type Turn = 'joins' | 'first' | 'alone'

type Task = {
  turn: Turn
  /** The documents it brings: what bounds a transaction. */
  size: number
  run(batch: Batch): Promise<void>
  fail(err: unknown): void
  done(): void
}

/** By table number. */
type Batch = Map<number, { plan: Plan; lease: Lease }>

/** Dead documents that an index keeps in memory at most, unless more are alive. */
const MAX_DEAD = 20_000
/** Documents in one transaction at most, unless a single call brings more. */
const MAX_BATCH = 2_000

/**
 * The one writer of a store. Calls that wait while a transaction runs share the next one, so that the price of a
 * commit is paid once for all of them; each is told of its own failure. Memory follows after the commit, before
 * any of the calls resolves.
 */
export class Writer {
  readonly #store: Store
  readonly #cache: IndexCache
  readonly #tasks: Task[] = []
  #running: Promise<void> | undefined
  #closed = false

  constructor(store: Store, cache: IndexCache) {
    this.#store = store
    this.#cache = cache
  }

  /** Calls that were accepted and have not resolved. */
  get waiting(): number {
    return this.#tasks.length
  }

  /**
   * Changes `size` documents of one index. `find` is asked when it is this call's turn; it throws `not_found`. As
   * the first of its transaction a call finds in memory all that was written before it.
   */
  change<T>(find: () => StoredIndex, size: number, change: Change<T>, turn: 'joins' | 'first' = 'joins'): Promise<T> {
    return this.#add(size, turn, async (batch) => {
      const index = find()
      const known = batch.get(index.num)
      if (known !== undefined) return change(known.plan)
      const lease = await this.#cache.lease(index)
      const plan = new Plan(index, lease.memory)
      batch.set(index.num, { plan, lease })
      return change(plan)
    })
  }

  /** Runs by itself between transactions: for changes of tables. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#add(0, 'alone', work)
  }

  /** Finishes what was accepted and refuses what comes later. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  #add<T>(size: number, turn: Turn, work: (batch: Batch) => Promise<T>): Promise<T> {
    if (this.#closed) throw new AppError('closed', 'search is closed')
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let result: { value: T } | undefined
    this.#tasks.push({
      size,
      turn,
      run: async (batch) => {
        result = { value: await work(batch) }
      },
      fail: reject,
      done: () => {
        if (result !== undefined) resolve(result.value)
      },
    })
    this.#running ??= this.#drain()
    return promise
  }

  async #drain(): Promise<void> {
    // One turn for calls of the same moment to gather.
    await Promise.resolve()
    for (let tasks = this.#take(); tasks.length > 0; tasks = this.#take()) await this.#transact(tasks)
    // In the same turn as the last look, so that no call can come in between and wait for nobody.
    this.#running = undefined
  }

  #take(): Task[] {
    let size = 0
    let count = 0
    for (const task of this.#tasks) {
      if (count > 0 && (task.turn !== 'joins' || size + task.size > MAX_BATCH)) break
      size += task.size
      count++
      if (task.turn === 'alone') break
    }
    return this.#tasks.splice(0, count)
  }

  async #transact(tasks: readonly Task[]): Promise<void> {
    const batch: Batch = new Map()
    const planned: Task[] = []
    for (const task of tasks) {
      try {
        await task.run(batch)
        planned.push(task)
      } catch (err) {
        task.fail(err)
      }
    }
    const plans = Array.from(batch.values(), ({ plan }) => plan)
    try {
      await this.#commit(plans)
      for (const task of planned) task.done()
    } catch (err) {
      // Whatever the store did, memory may not differ from it.
      for (const { index } of plans) this.#cache.forget(index)
      for (const task of planned) task.fail(err)
    } finally {
      for (const { lease } of batch.values()) lease.end()
    }
  }

  async #commit(plans: readonly Plan[]): Promise<void> {
    const writes = plans.map((plan) => plan.write())
    const changed = writes.filter(({ write }) => write.rows.length > 0 || write.dead.length > 0)
    if (changed.length === 0) return
    await this.#store.commit(changed.map(({ write }) => write))
    for (const { apply } of changed) apply()
    for (const { write } of changed) if (write.dead.length > 0) await this.#tidy(write.index)
  }

  /** The documents are written; a failure to tidy up is tried again after the next deletion. */
  async #tidy(index: StoredIndex): Promise<void> {
    const memory = this.#cache.peek(index)
    if (memory !== undefined && memory.deadCount > Math.max(MAX_DEAD, memory.liveCount)) this.#cache.forget(index)
    await this.#store.tidy(index).catch(() => {})
  }
}
