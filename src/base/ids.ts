import type { Clock } from './clock.ts'
import { AppError } from './errors.ts'

/** Bits, high to low: 31 seconds since 1970, 10 milliseconds, 8 counter, 14 server number. Positive until 2038. */
const COUNTERS_PER_MS = 256
export const MAX_SERVER_NUMBER = 2 ** 14 - 1
/** How far the clock may fall back before ids would have to run away from it. */
const MAX_CLOCK_STEP_BACK_MS = 5_000

/** What one id says about its birth. */
export type IdParts = { atMs: number; counter: number; server: number }

/** Makes ids: decimal strings, unique per server number, ascending within one process. */
export type NewId = () => string

function compose(ms: number, counter: number, server: number): string {
  const seconds = BigInt(Math.floor(ms / 1000))
  return String((seconds << 32n) | (BigInt(ms % 1000) << 22n) | (BigInt(counter) << 14n) | BigInt(server))
}

/**
 * The id generator of one process. `serverNumber` (0…16383) must be unique among the processes that share a
 * database; it is leased through KV at start, a fresh one each time, so an id can't come back after a crash.
 * More than 256 ids in a millisecond borrow from the next one. Throws `unavailable` when the clock is set
 * back by more than 5 s or is out of range.
 */
export function idGenerator(clock: Clock, serverNumber: number): NewId {
  if (!Number.isInteger(serverNumber) || serverNumber < 0 || serverNumber > MAX_SERVER_NUMBER)
    throw new AppError('invalid_argument', `the server number must be between 0 and ${MAX_SERVER_NUMBER}`)
  let lastMs = 0
  let clockMs = 0
  let counter = 0
  return () => {
    const now = clock()
    if (now < Date.UTC(2020) || now >= 2 ** 31 * 1000)
      throw new AppError('unavailable', 'the system clock is outside 2020…2038; set it and try again')
    if (now < clockMs - MAX_CLOCK_STEP_BACK_MS)
      throw new AppError('unavailable', 'the system clock was set back by more than 5 s; restart the server')
    clockMs = Math.max(clockMs, now)
    if (now > lastMs) {
      lastMs = now
      counter = 0
    } else if (++counter === COUNTERS_PER_MS) {
      lastMs++
      counter = 0
    }
    return compose(lastMs, counter, serverNumber)
  }
}

/** Takes an id apart. */
export function decodeId(id: string): IdParts {
  const bits = BigInt(id)
  return {
    atMs: Number(bits >> 32n) * 1000 + Number((bits >> 22n) & 1023n),
    counter: Number((bits >> 14n) & 255n),
    server: Number(bits & 16383n),
  }
}

/** Whether a text is an id: a positive decimal of at most 63 bits, without leading zeros. */
export const isId = (text: string): boolean => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) < 2n ** 63n
