import { setTimeout as sleep } from 'node:timers/promises'

export type RetryOptions = {
  /** How often to try again after the first failure. */
  retries: number
  isRetryable(err: unknown): boolean
  /** The wait that the other side asked for, in milliseconds, if it did. */
  askedMs?(err: unknown): number | undefined
  /** The wait before the first retry; it doubles each time. */
  baseMs?: number
  /** No wait is longer; when the other side asks for more, its error is passed on instead. */
  maxMs?: number
  signal?: AbortSignal
}

/**
 * Calls until it succeeds, with growing waits between. Half of each wait is random, so that many callers that
 * failed together don't come back together. Rejects with the last error, or with the abort reason while waiting.
 */
export async function retry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retries, isRetryable, askedMs, baseMs = 250, maxMs = 20_000, signal } = options
  for (let attempt = 0; ; attempt++) {
    try {
      return await call()
    } catch (err) {
      if (attempt >= retries || signal?.aborted || !isRetryable(err)) throw err
      const asked = askedMs?.(err) ?? 0
      if (asked > maxMs) throw err
      const backoff = Math.min(maxMs, baseMs * 2 ** attempt) * (0.5 + Math.random() / 2)
      await sleep(Math.max(asked, backoff), undefined, signal === undefined ? {} : { signal })
    }
  }
}
