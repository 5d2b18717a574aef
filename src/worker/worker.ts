import { codeOf } from '../base/errors.ts'
import type { Context } from '../domain/context.ts'
import { withLease } from '../domain/lease.ts'
import type { Events, Outbox, Topic } from '../domain/outbox.ts'
import type { Message, Mq } from '../infra/mq/mq.ts'
import { OUTBOX_ID } from './relay.ts'

/** What one topic's events ask for. `handle` must give the same result however often it runs. */
export type TopicHandler<T extends Topic = Topic> = {
  topic: T
  /** Events at once; those of one key never run together, also in several processes. */
  concurrency: number
  /** Attempts before it is given up; each waits longer than the one before, up to 90 s. Default 5. */
  maxAttempts?: number
  handle(body: Events[T], context: { signal: AbortSignal; attempt: number }): Promise<void>
  /** The last attempt has failed: leave the thing in a state that a person understands and can retry. */
  giveUp?(body: Events[T], reason: string): Promise<void>
}

/** A handler whose topic is not known to the compiler any more. */
export const handler = <T extends Topic>(one: TopicHandler<T>): TopicHandler => one as unknown as TopicHandler

const GROUP = 'snug'

export type WorkerOptions = {
  context: Context
  mq: Mq
  outbox: Outbox
  handlers: readonly TopicHandler[]
  /** In place of what the handlers say. */
  maxAttempts?: number
  backoff?: { baseMs: number; factor: number; maxMs: number }
  /** Told about every failed attempt. */
  onError: (err: unknown, message: { topic: string; attempt: number }) => void
}

/** Consumes the topics: runs the handlers, forgets events that are done and buries those that cannot be done. */
export class Worker {
  readonly #options: WorkerOptions

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** Declares the topics. Before the relay publishes. */
  async declare(): Promise<void> {
    await this.#options.mq.declare(this.#options.handlers.map(({ topic }) => ({ topic, groups: [GROUP] })))
  }

  /** Starts a consumer for each topic. */
  async start(): Promise<void> {
    const { mq, handlers, backoff } = this.#options
    for (const one of handlers) {
      const maxAttempts = this.#options.maxAttempts ?? one.maxAttempts
      await mq.consume(one.topic, GROUP, (message) => this.#handle(one, message), {
        concurrency: one.concurrency,
        ...(maxAttempts === undefined ? {} : { maxAttempts }),
        ...(backoff === undefined ? {} : { backoff }),
        onDead: (letter) => this.#bury(one, letter),
      })
    }
  }

  /** Waits for running handlers; those that are not done in time are aborted and run again at the next start. */
  async drain(timeoutMs: number): Promise<void> {
    await this.#options.mq.drain({ timeoutMs })
  }

  async #handle(one: TopicHandler, message: Message): Promise<void> {
    const { signal, attempt, topic, key } = message
    const run = (until: AbortSignal) => one.handle(message.json<Events[Topic]>(), { signal: until, attempt })
    try {
      if (key === undefined) await run(signal)
      else await withLease(this.#options.context, `${topic}:${key}`, { signal }, run)
    } catch (err) {
      if (!isStopping(signal)) this.#options.onError(err, { topic, attempt })
      throw err
    }
    await this.#options.outbox.remove(outboxIds(message))
  }

  async #bury(one: TopicHandler, letter: Pick<Message, 'headers' | 'body'> & { reason: string }): Promise<void> {
    await one.giveUp?.(JSON.parse(new TextDecoder().decode(letter.body)) as Events[Topic], letter.reason)
    for (const id of outboxIds(letter)) await this.#options.outbox.bury(id, letter.reason)
  }
}

const outboxIds = ({ headers }: Pick<Message, 'headers'>): string[] =>
  headers[OUTBOX_ID] === undefined ? [] : [headers[OUTBOX_ID]]

/** The handler was told to end because the process does: nothing has failed, and it runs again at the next start. */
const isStopping = (signal: AbortSignal): boolean => signal.aborted && codeOf(signal.reason) === 'canceled'
