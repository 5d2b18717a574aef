import { AppError, codeOf, type ErrorCode, messageOf } from '../../base/errors.ts'
import { decodeJson } from './body.ts'
import type { Delivery } from './driver.ts'
import type { Handler, Message, Outcome } from './mq.ts'

/** What is to become of a message after one attempt. */
export type Verdict =
  | { action: 'ack' }
  | { action: 'release' }
  | { action: 'retry'; reason: string; code: ErrorCode; afterMs?: number }
  | { action: 'dead'; reason: string; code: ErrorCode }

const MAX_REASON_CHARS = 2_000
const failed = (err: unknown): Verdict => ({
  action: 'retry',
  reason: messageOf(err).slice(0, MAX_REASON_CHARS),
  code: codeOf(err),
})

function verdictOf(outcome: Outcome | undefined | null): Verdict {
  const action = outcome?.action ?? 'ack'
  if (action === 'ack') return { action }
  if (outcome?.action === 'dead')
    return { action: 'dead', reason: outcome.reason.slice(0, MAX_REASON_CHARS), code: 'failed_precondition' }
  if (outcome?.action === 'retry') {
    const { afterMs } = outcome
    const reason = 'the handler asked for another attempt'
    return { action: 'retry', reason, code: 'busy', ...(afterMs === undefined ? {} : { afterMs }) }
  }
  return failed(new AppError('internal', `a message handler returned the unknown action "${action}"`))
}

/**
 * One run of a handler. It ends when the handler settles, when its time is up, or when it is abandoned; whatever the
 * handler does after that counts no more.
 */
export class Flight {
  readonly delivery: Delivery
  /** Never rejects. */
  readonly verdict: Promise<Verdict>
  readonly #controller = new AbortController()
  readonly #decide: (verdict: Verdict) => void
  #stopping = false

  constructor(topic: string, group: string, delivery: Delivery, handler: Handler, maxHandlerMs: number) {
    this.delivery = delivery
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    this.#decide = resolve
    const timer = setTimeout(() => this.#timeOut(maxHandlerMs), maxHandlerMs).unref()
    this.verdict = promise.finally(() => clearTimeout(timer))
    const { id, body, key, headers, attempt, publishedAtMs } = delivery
    const json = <T>(): T => decodeJson<T>(body)
    const { signal } = this.#controller
    void this.#run(handler, { topic, group, id, body, json, key, headers, attempt, publishedAtMs, signal })
  }

  async #run(handler: Handler, message: Message): Promise<void> {
    try {
      this.#decide(verdictOf((await handler(message)) ?? undefined))
    } catch (err) {
      this.#decide(this.#stopping ? { action: 'release' } : failed(err))
    }
  }

  #timeOut(maxHandlerMs: number): void {
    const err = new AppError('deadline_exceeded', `the handler took longer than ${maxHandlerMs} ms`)
    this.#controller.abort(err)
    this.#decide(failed(err))
  }

  /** Asks the handler to end; if it then fails, the attempt does not count. */
  stop(): void {
    this.#stopping = true
    this.#controller.abort(new AppError('canceled', 'the consumer is stopping'))
  }

  /** Waits for the handler no longer: the message goes back. */
  abandon(): void {
    this.#decide({ action: 'release' })
  }
}
