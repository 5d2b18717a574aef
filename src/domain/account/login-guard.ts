import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'

const FREE_FAILURES = 5
const FIRST_LOCK_MS = 60_000
const MAX_LOCK_MS = 15 * 60_000
/** After so long without a failure the count starts again. */
const FORGET_MS = 60 * 60_000
const MAX_KEYS = 10_000
const MAX_WAITING_PER_KEY = 20

type Failures = { failures: number; failedAtMs: number; lockedUntilMs: number }

/**
 * Slows down guessing at one account's password: after five failures it is locked for a minute, then twice as long
 * each time, up to a quarter of an hour. Addresses without an account are treated alike. Kept in this process.
 */
export class LoginGuard {
  readonly #clock: Clock
  readonly #records = new Map<string, Failures>()
  readonly #lanes = new Map<string, { tail: Promise<unknown>; length: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Runs one attempt, which resolves to null when it failed. Attempts at one key run one after the other, so that
   * a thousand at once get no more guesses than a thousand in a row. Throws `rate_limited` while locked.
   */
  async run<T>(key: string, attempt: () => Promise<T | null>): Promise<T | null> {
    const lane = this.#lanes.get(key) ?? { tail: Promise.resolve(), length: 0 }
    if (lane.length >= MAX_WAITING_PER_KEY) throw tooMany(1_000)
    this.#lanes.set(key, lane)
    lane.length++
    const turn = lane.tail.then(() => this.#attempt(key, attempt))
    lane.tail = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      if (--lane.length === 0) this.#lanes.delete(key)
    }
  }

  /** Forgets the failures of a key, because its owner has proved to be there. */
  clear(key: string): void {
    this.#records.delete(key)
  }

  async #attempt<T>(key: string, attempt: () => Promise<T | null>): Promise<T | null> {
    const waitMs = (this.#records.get(key)?.lockedUntilMs ?? 0) - this.#clock()
    if (waitMs > 0) throw tooMany(waitMs)
    const result = await attempt()
    if (result === null) this.#fail(key)
    else this.clear(key)
    return result
  }

  #fail(key: string): void {
    const nowMs = this.#clock()
    const before = this.#records.get(key)
    const failures = before === undefined || nowMs - before.failedAtMs > FORGET_MS ? 1 : before.failures + 1
    const lockMs = failures < FREE_FAILURES ? 0 : Math.min(MAX_LOCK_MS, FIRST_LOCK_MS * 2 ** (failures - FREE_FAILURES))
    this.#records.delete(key) // to the end: the oldest goes first when there are too many
    this.#records.set(key, { failures, failedAtMs: nowMs, lockedUntilMs: nowMs + lockMs })
    const [oldest] = this.#records.keys()
    if (this.#records.size > MAX_KEYS && oldest !== undefined) this.#records.delete(oldest)
  }
}

function tooMany(waitMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new AppError('rate_limited', `too many failed logins for this e-mail; try again in ${seconds} s`)
}
