import type { ErrorCode } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'

/** What a text is embedded for. Some models tell documents and queries apart. */
export type EmbeddingKind = 'document' | 'query'

/** What the front keeps to when it calls a driver. */
export type EmbeddingLimits = {
  /** Texts per call. */
  batch: number
  /** Calls at a time. */
  concurrency: number
  /** Further attempts after a failure that may pass. */
  retries: number
  /** Longest text in UTF-16 units. */
  maxChars: number
  /** What happens to longer ones: cut at the end, or refused. */
  truncate: 'end' | 'error'
}

/**
 * What an embedding provider implements. Applications use `Embedding` in embedding.ts, which has already removed
 * empty texts and cut long ones, and which checks and normalises what comes back. Calls may run concurrently.
 */
export interface EmbeddingDriver {
  readonly provider: string
  /** The model's name, '' when there is only one. */
  readonly model: string
  /** The length of every vector where it is known without asking. */
  readonly dims: number | undefined
  /** `semantic`: vectors carry meaning; without it they carry words only. `remote`: texts leave the process. */
  readonly features: ReadonlySet<string>
  readonly limits: EmbeddingLimits
  /**
   * One vector per text, in the order of the texts: 1…`limits.batch` texts, none of them blank. One attempt; the
   * front retries what is retryable, after `details.retryAfterMs` when an `AppError` carries it.
   */
  embed(texts: readonly string[], kind: EmbeddingKind, signal: AbortSignal): Promise<readonly ArrayLike<number>[]>
  /** Asks the engine whether it would answer, without costs. Throws when it cannot be reached. */
  health(signal: AbortSignal): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  /** The code for a raw error that this driver threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
  /** Releases every resource. Called once; running calls have been aborted before. */
  close(): Promise<void>
}
