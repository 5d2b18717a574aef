/** Waits `baseMs` before the second attempt, `factor` times longer before each further one, at most `maxMs`. */
export type Backoff = { baseMs: number; factor: number; maxMs: number }
export const DEFAULT_BACKOFF: Backoff = { baseMs: 1_000, factor: 2, maxMs: 90_000 }

/**
 * Milliseconds to wait after attempt number `attempt` has failed. `random` (0…1) spreads it by 20 % either way,
 * so that what failed together does not come back together.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  const exact = Math.min(backoff.maxMs, backoff.baseMs * backoff.factor ** (attempt - 1))
  return Math.round(exact * (0.8 + 0.4 * random))
}
