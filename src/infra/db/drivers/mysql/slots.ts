import { AppError } from '../../../../base/errors.ts'

/**
 * How many may hold a connection for long: transactions and streams. Some connections of the pool always stay for
 * single statements, so that a transaction which reads past itself never waits for other transactions.
 */
export class Slots {
  readonly #waitMs: number
  readonly #waiting: { grant: () => void; timer: NodeJS.Timeout }[] = []
  #free: number
  #held = 0
  #idle: (() => void) | undefined

  constructor(size: number, waitMs: number) {
    this.#free = size
    this.#waitMs = waitMs
  }

  get held(): number {
    return this.#held
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      this.#held++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(new AppError('deadline_exceeded', `waited ${this.#waitMs} ms for a connection to the database`))
      }, this.#waitMs)
      const waiter = { grant: resolve, timer }
      this.#waiting.push(waiter)
    })
    this.#held++
  }

  give(): void {
    this.#held--
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else {
      clearTimeout(next.timer)
      next.grant()
    }
    if (this.#held === 0 && this.#waiting.length === 0) this.#idle?.()
  }

  /** Resolves when nobody holds or wants a slot, or the time is over. */
  async drained(): Promise<void> {
    if (this.#held === 0 && this.#waiting.length === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#waitMs)
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
