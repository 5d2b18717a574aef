import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Keeps work that answers at once (an embedded engine) from starving the event loop: a chain of awaited promises
 * that are already settled never lets timers and sockets have a turn. Ask before each piece of work.
 */
export class Turns {
  readonly #maxTurnMs: number
  #sinceMs: number | undefined

  /** @param maxTurnMs How long pieces of work may follow each other before others get a turn. */
  constructor(maxTurnMs = 10) {
    this.#maxTurnMs = maxTurnMs
  }

  /** Whether others are due: work has followed work for too long. */
  isDue(): boolean {
    const nowMs = performance.now()
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs
      setImmediate(() => {
        this.#sinceMs = undefined
      })
    }
    return nowMs - this.#sinceMs > this.#maxTurnMs
  }

  /** A promise to await when others are due, `undefined` when the work may go on at once. */
  give(): Promise<void> | undefined {
    return this.isDue() ? nextTurn() : undefined
  }
}
