import { AppError } from '../../../../../base/errors.ts'
import type { GuardedResult, GuardedStatement } from '../../../driver.ts'
import { GuardChild, type GuardChildOptions } from './child.ts'

export type GuardPoolOptions = GuardChildOptions & {
  /** Statements that run at the same time. */
  processes: number
  /** A process without work ends after this time. */
  idleMs: number
}

/** More callers than this wait nowhere useful. */
const MAX_WAITING = 500

type Waiting = { grant(): void; refuse(err: AppError): void }

/** Hands guarded statements to child processes, which start when they are needed and end when idle. */
export class GuardPool {
  readonly #options: GuardPoolOptions
  readonly #idle: { child: GuardChild; timer: NodeJS.Timeout }[] = []
  readonly #all = new Set<GuardChild>()
  readonly #waiting: Waiting[] = []
  #running = 0
  #closed = false

  constructor(options: GuardPoolOptions) {
    this.#options = options
  }

  /** Processes alive, statements running and waiting. */
  get load(): { processes: number; running: number; waiting: number } {
    return { processes: this.#all.size, running: this.#running, waiting: this.#waiting.length }
  }

  async run(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    await this.#turn(signal)
    const child = this.#take()
    try {
      return await child.run(statement, signal)
    } finally {
      this.#giveBack(child)
      this.#running--
      this.#waiting.shift()?.grant()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#idle) clearTimeout(timer)
    for (const { refuse } of this.#waiting.splice(0)) refuse(new AppError('closed', 'the database is closed'))
    await Promise.all([...this.#all].map((child) => child.end()))
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed) return Promise.reject(new AppError('closed', 'the database is closed'))
    if (this.#running < this.#options.processes) {
      this.#running++
      return Promise.resolve()
    }
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new AppError('busy', 'too many statements are waiting; try again later'))
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
      }
      const waiting: Waiting = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort)
          this.#running++
          resolve()
        },
        refuse: reject,
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiting)
    })
  }

  #take(): GuardChild {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer)
      if (!idle.child.isSpent) return idle.child
      this.#all.delete(idle.child)
    }
    const { path, busyTimeoutMs, maxMemoryBytes } = this.#options
    const child = new GuardChild({ path, busyTimeoutMs, maxMemoryBytes })
    this.#all.add(child)
    return child
  }

  #giveBack(child: GuardChild): void {
    if (child.isSpent || this.#closed) {
      void child.end().then(() => this.#all.delete(child))
      return
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.child === child),
        1,
      )
      void child.end().then(() => this.#all.delete(child))
    }, this.#options.idleMs)
    this.#idle.push({ child, timer: timer.unref() })
  }
}
