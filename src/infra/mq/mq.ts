import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import { type Backoff, DEFAULT_BACKOFF } from './backoff.ts'
import { encodeBody } from './body.ts'
import { ConsumerGroup, type Member } from './consumer-group.ts'
import type { DeadLetter, MqDriver, Outgoing } from './driver.ts'

export type Topology = readonly { topic: string; groups: readonly string[] }[]

/** What a sender hands over. */
export type NewMessage = {
  /** Bytes as they are, or an object that is sent as JSON; at most 1,000,000 bytes. */
  body: Uint8Array | object
  /** Messages of one key are handled one after the other, in the order of publishing. */
  key?: string
  headers?: Readonly<Record<string, string>>
  /** Milliseconds before the first delivery, 0…86,400,000. */
  delayMs?: number
}

/** What a handler gets. */
export type Message = {
  readonly topic: string
  readonly group: string
  /** The same for every group and attempt: what a handler may be idempotent on. */
  readonly id: string
  /** Shared by all groups: do not change it. */
  readonly body: Uint8Array
  /** The body as JSON; integers beyond 2^53 are bigints. Throws when it is not JSON. */
  json<T>(): T
  readonly key: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** 1 for the first. */
  readonly attempt: number
  readonly publishedAtMs: number
  /** Aborted when the handler's time is up or the consumer stops. */
  readonly signal: AbortSignal
}

/** Nothing means `ack`. `afterMs` replaces the backoff; `dead` gives up at once. A thrown error means `retry`. */
export type Outcome = { action: 'ack' } | { action: 'retry'; afterMs?: number } | { action: 'dead'; reason: string }
export type Handler = (message: Message) => Promise<Outcome | undefined> | Promise<void>

export type ConsumeOptions = {
  /** Handlers at once, 1…1024; the provider's default otherwise. */
  concurrency?: number
  /** `key` (default): one message in flight per key. The same for all consumers of a group. */
  ordered?: 'key' | 'none'
  /** Attempts before a message is dead; 5. */
  maxAttempts?: number
  /** 1 s, doubled each time, at most 90 s, each 20 % more or less. */
  backoff?: Backoff
  /** A handler's time; 30 min. Afterwards its `signal` is aborted and the attempt has failed. */
  maxHandlerMs?: number
  /** Called before a message becomes a dead letter; while it throws, the message comes again instead. */
  onDead?: (letter: Omit<DeadLetter, 'id' | 'deadAtMs'>) => Promise<void>
}

/** One consumer. `drain` resolves with the number of messages that were not done in time; those are handed out again. */
export type Subscription = {
  pause(): void
  resume(): void
  drain(options?: { timeoutMs?: number }): Promise<{ inFlight: number }>
}

type CallOptions = { signal?: AbortSignal }

const NAME = /^[A-Za-z0-9._-]{1,64}$/
const MAX_DELAY_MS = 86_400_000
const MAX_TIMER_MS = 2 ** 31 - 1
const DRAIN_MS = 30_000
const bad = (what: string): AppError => new AppError('invalid_argument', what)

function integer(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw bad(`${name} must be a whole number between ${min} and ${max}`)
  return value
}

function outgoing({ body, key, headers = {}, delayMs = 0 }: NewMessage): Outgoing {
  return { body: encodeBody(body), key, headers: { ...headers }, delayMs: integer('delayMs', delayMs, 0, MAX_DELAY_MS) }
}

/**
 * The message queue. Delivery is at least once: handlers must be idempotent. Every declared group gets each message,
 * the consumers of one group share them. Nothing is lost between `declare` and the first consumer.
 */
export class Mq {
  readonly provider: string
  readonly features: ReadonlySet<string>
  readonly #driver: MqDriver
  readonly #observer: Observer
  readonly #topics = new Map<string, Map<string, ConsumerGroup | undefined>>()

  constructor(driver: MqDriver) {
    this.provider = driver.provider
    this.features = driver.features
    this.#driver = driver
    this.#observer = new Observer({ capability: 'mq', provider: driver.provider, codeOf: (err) => driver.codeOf(err) })
  }

  /** Makes topics and groups known; repeating it and adding groups is fine. Names: 1-64 of `A-Z a-z 0-9 . _ -`. */
  async declare(topology: Topology, { signal }: CallOptions = {}): Promise<void> {
    for (const { topic, groups } of topology)
      for (const name of [topic, ...groups])
        if (!NAME.test(name)) throw bad('the name of a topic or group is 1-64 letters, digits, ".", "_" or "-"')
    for (const { topic, groups } of topology) {
      await this.#observer.run('declare', () => this.#driver.declare(topic, groups, signal), signal)
      const known = this.#topics.get(topic) ?? new Map<string, ConsumerGroup | undefined>()
      for (const group of groups) if (!known.has(group)) known.set(group, undefined)
      this.#topics.set(topic, known)
    }
  }

  /** Resolves once the provider has accepted the message. */
  publish(topic: string, message: NewMessage, options: CallOptions = {}): Promise<void> {
    return this.publishMany(topic, [message], options)
  }

  /** Publishes in order, all or an error; after an error some may have been accepted. No messages: nothing happens. */
  publishMany(topic: string, messages: readonly NewMessage[], { signal }: CallOptions = {}): Promise<void> {
    const call = async () => {
      this.#groups(topic)
      const batch = messages.map(outgoing)
      if (batch.length > 0) await this.#driver.publish(topic, batch, signal)
    }
    return this.#observer.run('publish', call, signal)
  }

  /** Starts a consumer. Several consumers of one group share its messages. */
  consume(topic: string, group: string, handler: Handler, options: ConsumeOptions = {}): Promise<Subscription> {
    return this.#observer.run('consume', async () => {
      if (typeof handler !== 'function') throw bad('a consumer needs a handler')
      const member = this.#member(handler, options)
      const members = this.#open(topic, group, (options.ordered ?? 'key') === 'key')
      await members.join(member)
      return {
        pause: () => {
          member.paused = true
        },
        resume: () => {
          member.paused = false
          members.schedule()
        },
        drain: async ({ timeoutMs = DRAIN_MS } = {}) => ({ inFlight: await members.leave(member, timeoutMs) }),
      }
    })
  }

  /** The messages that a group has given up, oldest first. */
  async *deadLetters(topic: string, group: string): AsyncIterable<DeadLetter> {
    this.#observer.check()
    this.#group(topic, group)
    try {
      yield* this.#driver.deadLetters(topic, group)
    } catch (err) {
      throw this.#observer.wrap('read dead letters', err)
    }
  }

  /** Puts dead letters back as first attempts, at the end of their group. Returns how many there were. */
  requeueDead(ids: readonly string[]): Promise<number> {
    return this.#observer.run('requeue', () => this.#driver.requeueDead(ids))
  }

  /** Messages of a group that are not done: waiting, delayed, in flight. `null` when the provider cannot tell. */
  lag(topic: string, group: string): Promise<number | null> {
    return this.#observer.run('lag', async () => {
      this.#group(topic, group)
      return this.#driver.lag(topic, group)
    })
  }

  /** Stops all consumers as `Subscription.drain` does. Publishing is still possible, also from their handlers. */
  async drain({ timeoutMs = DRAIN_MS }: { timeoutMs?: number } = {}): Promise<{ inFlight: number }> {
    const groups = [...this.#topics.values()].flatMap((topic) => [...topic.values()])
    const late = groups.flatMap((group) => group?.members.map((member) => group.leave(member, timeoutMs)) ?? [])
    return { inFlight: (await Promise.all(late)).reduce((sum, count) => sum + count, 0) }
  }

  /** Never throws. */
  health(): Promise<Health> {
    return this.#observer.health((signal) => this.#driver.health(signal))
  }

  /** Aborts what still runs (`drain` first to wait for it) and releases everything. */
  close(): Promise<void> {
    return this.#observer.close(async () => {
      await this.drain({ timeoutMs: 0 })
      await this.#driver.close()
    })
  }

  #member(handler: Handler, options: ConsumeOptions): Member {
    const { backoff = DEFAULT_BACKOFF, onDead } = options
    if (!(backoff.baseMs >= 0 && backoff.factor >= 1 && backoff.maxMs <= MAX_DELAY_MS))
      throw bad(`backoff needs baseMs from 0, factor from 1, maxMs up to ${MAX_DELAY_MS}`)
    return {
      handler,
      concurrency: integer('concurrency', options.concurrency ?? this.#driver.concurrency, 1, 1024),
      maxAttempts: integer('maxAttempts', options.maxAttempts ?? 5, 1, 1000),
      maxHandlerMs: integer('maxHandlerMs', options.maxHandlerMs ?? 30 * 60_000, 1, MAX_TIMER_MS),
      backoff,
      onDead,
      paused: false,
      leaving: false,
      flights: new Map(),
    }
  }

  #groups(topic: string): Map<string, ConsumerGroup | undefined> {
    const groups = this.#topics.get(topic)
    if (groups === undefined) throw bad('the topic is not declared')
    return groups
  }

  #group(topic: string, group: string): ConsumerGroup | undefined {
    const groups = this.#groups(topic)
    if (!groups.has(group)) throw bad('the group is not declared for this topic')
    return groups.get(group)
  }

  #open(topic: string, group: string, ordered: boolean): ConsumerGroup {
    const found = this.#group(topic, group)
    if (found !== undefined && found.ordered === ordered) return found
    if (found !== undefined && found.members.length > 0)
      throw new AppError('failed_precondition', 'the consumers of one group must agree on "ordered"')
    const created = new ConsumerGroup(topic, group, ordered, this.#driver, this.#observer)
    this.#groups(topic).set(group, created)
    return created
  }
}
