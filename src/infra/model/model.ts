import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import type { DriverEvent, ModelDriver, ModelEvent, ModelInfo, ModelRequest } from './driver.ts'
import { checkRequest, fitRequest } from './prompt.ts'
import { estimatePromptTokens, estimateTokens } from './tokens.ts'

export type {
  ContentPart,
  FinishReason,
  ModelEvent,
  ModelInfo,
  ModelMessage,
  ModelParams,
  ModelRequest,
  Passage,
  Usage,
} from './driver.ts'

/**
 * The model that answers. One instance serves all chats of a process, concurrently.
 *
 * Errors of every call: `closed`, `canceled`, and what the provider's own failure is classified as:
 * `unauthenticated`, `permission_denied`, `rate_limited` (`details.retryAfterMs` when known), `invalid_argument`
 * (a prompt that is too long, a parameter it does not take), `unavailable`, `deadline_exceeded`.
 */
export class Model {
  readonly provider: string
  readonly features: ReadonlySet<string>
  readonly info: ModelInfo
  readonly #driver: ModelDriver
  readonly #observer: Observer
  readonly #closing = new AbortController()

  constructor(driver: ModelDriver) {
    this.provider = driver.info.provider
    this.features = driver.features
    this.info = driver.info
    this.#driver = driver
    this.#observer = new Observer({
      capability: 'model',
      provider: this.provider,
      codeOf: (err) => driver.codeOf(err),
    })
  }

  /**
   * Streams an answer: text and reasoning pieces in order, none of them empty, then one `finish`. The provider is
   * called when the first event is asked for. Aborting the signal ends the stream with `canceled` at once, and
   * leaving the loop early stops the provider; an answer that breaks off throws after the pieces that arrived.
   * Usage is the provider's, or an estimate where it gives none.
   */
  async *stream(request: ModelRequest, options: { signal?: AbortSignal } = {}): AsyncGenerator<ModelEvent, void, void> {
    const startedMs = performance.now()
    const stop = new AbortController()
    const signals = [stop.signal, this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])]
    const signal = AbortSignal.any(signals)
    let code: Parameters<Observer['publish']>[1] = 'canceled'
    try {
      this.#observer.check(options.signal)
      checkRequest(request)
      const fitted = fitRequest(request, this.features)
      yield* this.#events(fitted, signal)
      code = 'ok'
    } catch (err) {
      const wrapped = this.#wrap(err, options.signal)
      code = wrapped.code
      throw wrapped
    } finally {
      stop.abort()
      this.#observer.publish('stream', code, startedMs)
    }
  }

  /** Whether the model would answer. Never throws and costs no tokens. */
  health(): Promise<Health> {
    return this.#observer.health((signal) => this.#driver.health(signal))
  }

  /** Aborts running streams and releases the provider. Later calls are refused with `closed`. */
  async close(): Promise<void> {
    await this.#observer.close(async () => {
      this.#closing.abort()
      await this.#driver.close()
    })
  }

  async *#events(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    let written = ''
    for await (const event of abortable(this.#driver.stream(request, signal), signal)) {
      if (event.type === 'finish') {
        const usage = event.usage ?? this.#estimate(request, written)
        yield { type: 'finish', reason: event.reason, usage }
        return
      }
      if (event.text === '') continue
      written += event.text
      yield event
    }
    throw new AppError('unavailable', 'the model stopped before its answer was complete')
  }

  #estimate(request: ModelRequest, written: string) {
    const passages = this.features.has('passages') ? (request.passages ?? []) : []
    const recalled = passages.reduce((sum, passage) => sum + estimateTokens(passage.content), 0)
    const inputTokens = estimatePromptTokens(request.messages) + recalled
    const outputTokens = estimateTokens(written)
    return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
  }

  #wrap(err: unknown, signal: AbortSignal | undefined): AppError {
    if (signal?.aborted) return new AppError('canceled', 'the answer was canceled', { cause: err })
    if (this.#closing.signal.aborted) return new AppError('closed', 'model is closed', { cause: err })
    return this.#observer.wrap('answer', err)
  }
}

/** The events of a driver, given up as soon as the signal is aborted, however deaf the driver is. */
async function* abortable(source: AsyncIterable<DriverEvent>, signal: AbortSignal): AsyncGenerator<DriverEvent> {
  const events = source[Symbol.asyncIterator]()
  let give: (reason: unknown) => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    give = () => reject(signal.reason)
  })
  aborted.catch(() => undefined)
  signal.addEventListener('abort', give, { once: true })
  let open = true
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = await Promise.race([events.next(), aborted])
      if (next.done) {
        open = false
        return
      }
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', give)
    // A generator that waits cannot return before its wait is over, so nobody waits for it here.
    if (open) events.return?.().catch(() => undefined)
  }
}
