import { AppError } from '../../../../base/errors.ts'

type Waiter = { grant: () => void; timer: NodeJS.Timeout }

/** Who may write: one at a time, first come, first served. */
export class WriterQueue {
  readonly #waitMs: number
  readonly #waiting: Waiter[] = []
  #held = false

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** Whether someone is writing across event-loop turns, that is, has a transaction open. */
  get held(): boolean {
    return this.#held
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Resolves when it is the caller's turn. Throws `deadline_exceeded` when that takes too long. */
  acquire(): Promise<void> {
    if (!this.#held) {
      this.#held = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        const text = `waited ${this.#waitMs} ms for another transaction to end`
        reject(new AppError('deadline_exceeded', text))
      }, this.#waitMs)
      const waiter: Waiter = { grant: resolve, timer }
      this.#waiting.push(waiter)
    })
  }

  release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) {
      this.#held = false
      return
    }
    clearTimeout(next.timer)
    next.grant()
  }
}
