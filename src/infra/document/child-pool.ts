import { availableParallelism } from 'node:os'
import { AppError } from '../../base/errors.ts'
import type { Job } from './child-protocol.ts'
import { ChildRun, type Outcome } from './child-run.ts'

export type ChildPoolOptions = {
  /** Documents read at the same time (default: half of the cores, at least one). */
  workers?: number
  /** A process without work ends after this time (default 10,000). */
  idleMs?: number
}

type Waiting = { start(run: ChildRun): void; refuse(err: AppError): void; memoryBytes: number }

/** Hands jobs to child processes, starts them when needed and ends them when idle, tainted or worn out. */
export class ChildPool {
  readonly #max: number
  readonly #idleMs: number
  readonly #idle: { run: ChildRun; timer: NodeJS.Timeout }[] = []
  readonly #all = new Set<ChildRun>()
  readonly #waiting: Waiting[] = []
  #closed = false

  constructor(options: ChildPoolOptions = {}) {
    this.#max = Math.max(1, options.workers ?? Math.floor(availableParallelism() / 2))
    this.#idleMs = options.idleMs ?? 10_000
  }

  /** Processes alive, documents that wait for one. */
  get load(): { workers: number; waiting: number } {
    return { workers: this.#all.size, waiting: this.#waiting.length }
  }

  /** Runs a job in a process of its own. Rejects with the parser's error, `canceled`, or a limit's code. */
  async run(job: Job, signal: AbortSignal | undefined): Promise<Outcome> {
    const run = await this.#acquire(job.limits.memoryBytes, signal)
    try {
      return await run.parse(job, signal)
    } finally {
      this.#release(run)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#idle) clearTimeout(timer)
    for (const { refuse } of this.#waiting.splice(0)) refuse(new AppError('closed', 'the document parser was closed'))
    await Promise.all([...this.#all].map((run) => run.end()))
  }

  #acquire(memoryBytes: number, signal: AbortSignal | undefined): Promise<ChildRun> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiting)
        if (at >= 0) this.#waiting.splice(at, 1)
        reject(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
      }
      const start = (run: ChildRun) => {
        signal?.removeEventListener('abort', onAbort)
        resolve(run)
      }
      const waiting = { start, refuse: reject, memoryBytes }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiting)
      this.#next()
    })
  }

  #release(run: ChildRun): void {
    if (run.isSpent || this.#closed) void run.end().then(() => this.#forget(run))
    else {
      const timer = setTimeout(() => this.#retire(run), this.#idleMs).unref()
      this.#idle.push({ run, timer })
    }
    this.#next()
  }

  #next(): void {
    const [waiting] = this.#waiting
    if (waiting === undefined) return
    for (const { run } of this.#idle.filter((idle) => idle.run.isSpent)) this.#retire(run)
    const fitting = this.#idle.findIndex(({ run }) => run.memoryBytes === waiting.memoryBytes)
    const [idle] = fitting < 0 ? [] : this.#idle.splice(fitting, 1)
    if (idle !== undefined) clearTimeout(idle.timer)
    else if (this.#all.size >= this.#max) {
      const other = this.#idle[0]
      if (other !== undefined) this.#retire(other.run)
      return
    }
    const run = idle?.run ?? new ChildRun(waiting.memoryBytes)
    this.#all.add(run)
    this.#waiting.shift()
    waiting.start(run)
  }

  #retire(run: ChildRun): void {
    const at = this.#idle.findIndex((idle) => idle.run === run)
    const [idle] = at < 0 ? [] : this.#idle.splice(at, 1)
    clearTimeout(idle?.timer)
    void run.end().then(() => this.#forget(run))
  }

  #forget(run: ChildRun): void {
    this.#all.delete(run)
    this.#next()
  }
}
