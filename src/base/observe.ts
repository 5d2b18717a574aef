import { channel } from 'node:diagnostics_channel'
import { AppError, codeOf, type ErrorCode, messageOf } from './errors.ts'
import type { Health } from './health.ts'

/** One finished call of a capability, as published on the channel: what metrics and traces are made from. */
export type Operation = {
  capability: string
  provider: string
  op: string
  code: 'ok' | ErrorCode
  durationMs: number
}

/** Costs nothing while nobody listens. */
export const operations = channel('snug:operation')

export type ObserverOptions = {
  capability: string
  provider: string
  /** The driver's own classification of an error it threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
}

/**
 * What every front does round every driver call: refuse after close, honour the signal, wrap a raw error once
 * (`AppError` with the driver's code, the original as `cause`), and publish the outcome.
 */
export class Observer {
  readonly #options: ObserverOptions
  #closed = false

  constructor(options: ObserverOptions) {
    this.#options = options
  }

  /** Runs one driver call. Rejects with `closed`, `canceled` or the classified code. */
  async run<T>(op: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const startedMs = performance.now()
    let code: Operation['code'] = 'ok'
    try {
      this.check(signal)
      return await call()
    } catch (err) {
      const wrapped = this.wrap(op, err)
      code = wrapped.code
      throw wrapped
    } finally {
      this.publish(op, code, startedMs)
    }
  }

  /** Throws `closed` after close and `canceled` once the signal is aborted. */
  check(signal?: AbortSignal): void {
    if (this.#closed) throw new AppError('closed', `${this.#options.capability} is closed`)
    if (signal?.aborted) throw new AppError('canceled', 'the call was canceled', { cause: signal.reason })
  }

  /** The one wrapping of a driver's error; an `AppError` passes unchanged. */
  wrap(op: string, err: unknown): AppError {
    if (err instanceof AppError) return err
    const own = this.#options.codeOf(err)
    const code = own === 'unknown' ? codeOf(err) : own
    const { capability, provider } = this.#options
    const why = code === 'resource_exhausted' ? ': no room is left (disk, memory or open files)' : ''
    return new AppError(code, `${capability} (${provider}) failed to ${op}${why}`, { cause: err })
  }

  publish(op: string, code: Operation['code'], startedMs: number): void {
    if (!operations.hasSubscribers) return
    const { capability, provider } = this.#options
    operations.publish({ capability, provider, op, code, durationMs: performance.now() - startedMs })
  }

  /** Health for a front: runs the driver's probe with a 2 s limit and never throws. */
  async health(probe: (signal: AbortSignal) => Promise<Omit<Health, 'provider' | 'latencyMs'>>): Promise<Health> {
    const startedMs = performance.now()
    const { provider } = this.#options
    const latencyMs = () => Math.round(performance.now() - startedMs)
    const signal = AbortSignal.timeout(2_000)
    try {
      this.check()
      const late = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      return { provider, ...(await Promise.race([probe(signal), late])), latencyMs: latencyMs() }
    } catch (err) {
      return { status: 'down', provider, latencyMs: latencyMs(), checks: {}, error: messageOf(err) }
    }
  }

  /** The first call runs `close`, later ones do nothing; every other call is refused from now on. */
  async close(close: () => Promise<void>): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await close()
  }
}
