import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import { retry } from '../../base/retry.ts'
import type { EmbeddingDriver, EmbeddingKind } from './driver.ts'
import { cutText, unitVector } from './vectors.ts'

export type { EmbeddingKind } from './driver.ts'

export type EmbedOptions = {
  /** What the texts are for; `document` by default. */
  kind?: EmbeddingKind
  signal?: AbortSignal
}

const PROBE = 'How long is a vector?'

/**
 * Turns texts into vectors. One instance serves a whole process, concurrently.
 *
 * Errors of every call: `closed`, `canceled`, `corrupt` (the provider answered with the wrong number or length of
 * vectors, or with something that is no number), `invalid_argument` (a text it refuses), `unauthenticated`,
 * `permission_denied`, `failed_precondition` (no such model), `rate_limited`, `resource_exhausted`, `unavailable`,
 * `deadline_exceeded`.
 */
export class Embedding {
  readonly provider: string
  readonly features: ReadonlySet<string>
  /**
   * Names what made a vector: provider, model and, where the setting gives it, the length (`hash:256`,
   * `openai:text-embedding-3-small:512`, `ollama:bge-m3`). Vectors of different ids cannot be compared.
   */
  readonly id: string
  readonly #driver: EmbeddingDriver
  readonly #observer: Observer
  readonly #closing = new AbortController()
  #dims: number | undefined
  #probe: Promise<number> | undefined

  constructor(driver: EmbeddingDriver) {
    this.provider = driver.provider
    this.features = driver.features
    this.id = [driver.provider, driver.model, driver.dims].filter((part) => part !== '' && part !== undefined).join(':')
    this.#driver = driver
    this.#dims = driver.dims
    this.#observer = new Observer({
      capability: 'embedding',
      provider: driver.provider,
      codeOf: (err) => driver.codeOf(err),
    })
  }

  /**
   * The length of every vector. Where the setting does not give it the provider is asked once, by embedding a short
   * text; callers meanwhile wait for the same answer, and a failure is not remembered.
   */
  dims(options: { signal?: AbortSignal } = {}): Promise<number> {
    return this.#observer.run('dims', async () => this.#dims ?? this.#probeDims(options.signal), options.signal)
  }

  /**
   * One vector of length 1 per text, in the order of the texts; `[]` asks nobody. A text without any word has the zero
   * vector. Texts over the provider's limit are cut, or refused under `truncate=error`. Either all come back or none.
   */
  embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const { kind = 'document', signal } = options
    return this.#observer.run('embed', () => this.#embedAll(texts, kind, signal), signal)
  }

  /** Whether texts would be embedded. Never throws and costs nothing. */
  health(): Promise<Health> {
    return this.#observer.health((signal) => this.#driver.health(signal))
  }

  /** Aborts running calls and releases the provider. Later calls are refused with `closed`. */
  async close(): Promise<void> {
    await this.#observer.close(async () => {
      this.#closing.abort()
      await this.#driver.close()
    })
  }

  async #embedAll(
    texts: readonly string[],
    kind: EmbeddingKind,
    caller: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    if (texts.length === 0) return []
    const { batch, concurrency, maxChars, truncate } = this.#driver.limits
    const fitted = texts.map((text, i) => {
      if (truncate === 'error' && text.length > maxChars)
        throw new AppError('invalid_argument', `text ${i} has more than ${maxChars} characters`, {
          details: { index: i },
        })
      return cutText(text, maxChars).toWellFormed()
    })
    const filled = fitted.flatMap((text, i) => (text.trim() === '' ? [] : [i]))
    const out = new Array<Float32Array>(texts.length)
    const batches: number[][] = []
    for (let at = 0; at < filled.length; at += batch) batches.push(filled.slice(at, at + batch))

    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, this.#closing.signal, ...(caller === undefined ? [] : [caller])])
    const worker = async () => {
      for (let places = batches.shift(); places !== undefined; places = batches.shift()) {
        const vectors = await this.#embedBatch(
          places.map((i) => fitted[i] ?? ''),
          kind,
          signal,
        )
        for (const [k, i] of places.entries()) out[i] = vectors[k] as Float32Array
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, batches.length) }, worker))
      if (filled.length < texts.length) {
        const dims = this.#dims ?? (await this.#probeDims(caller))
        for (let i = 0; i < out.length; i++) out[i] ??= new Float32Array(dims)
      }
      return out
    } catch (err) {
      throw this.#explain(err, caller)
    } finally {
      stop.abort()
    }
  }

  async #embedBatch(texts: string[], kind: EmbeddingKind, signal: AbortSignal): Promise<Float32Array[]> {
    const wrap = (err: unknown) => this.#observer.wrap('embed texts', err)
    const vectors = await retry(
      async () => {
        signal.throwIfAborted()
        try {
          return await this.#driver.embed(texts, kind, signal)
        } catch (err) {
          throw wrap(err)
        }
      },
      {
        retries: this.#driver.limits.retries,
        isRetryable: (err) => err instanceof AppError && err.retryable,
        askedMs: (err) => {
          const asked = err instanceof AppError ? err.details.retryAfterMs : undefined
          return typeof asked === 'number' ? asked : undefined
        },
        signal,
      },
    )
    if (vectors.length !== texts.length)
      throw new AppError('corrupt', `the embedding provider gave ${vectors.length} vectors for ${texts.length} texts`)
    return vectors.map((vector) => {
      this.#dims ??= vector.length
      return unitVector(vector, this.#dims)
    })
  }

  async #probeDims(caller: AbortSignal | undefined): Promise<number> {
    // The one probe serves every caller, so one who leaves must not stop it for the others.
    this.#probe ??= this.#embedBatch([PROBE], 'document', this.#closing.signal)
      .then(([vector]) => vector?.length ?? 0)
      .finally(() => {
        this.#probe = undefined
      })
    if (caller === undefined) return this.#probe
    let leave: () => void = () => undefined
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(caller.reason)
    })
    caller.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([this.#probe, left])
    } catch (err) {
      throw this.#explain(err, caller)
    } finally {
      caller.removeEventListener('abort', leave)
    }
  }

  /** What the caller is told: its own abort and our close come before whatever they made the provider throw. */
  #explain(err: unknown, caller: AbortSignal | undefined): unknown {
    if (caller?.aborted) return new AppError('canceled', 'the call was canceled', { cause: err })
    if (this.#closing.signal.aborted) return new AppError('closed', 'embedding is closed', { cause: err })
    return err
  }
}
