import type { ErrorCode } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'

/**
 * What a message queue implements. Applications use `Mq` in mq.ts, which has checked names, sizes and limits, and
 * which owns everything that queues do differently or not at all: lanes (one message in flight per key), the number
 * of handlers that run at once, the backoff curve, the attempt limit, the deadline of a handler. A driver moves
 * messages: it hands them out at least once and keeps each until it is settled.
 *
 * Methods may run concurrently. Throw the SDK's own error; the front wraps it via `codeOf`.
 */
export interface MqDriver {
  /** What metrics call it: `mem`, `nsq`, `nats`. */
  readonly provider: string
  /**
   * `durable`: an accepted message survives the end of this process, so its sender may forget it. Absent, the
   * sender keeps it until it is handled. `shared`: other processes reach the same queues. `delay`: `delayMs` is kept
   * to 20 %. `counts.losses`: the attempt number also rises when a process ends with a message in hand, begun or not.
   */
  readonly features: ReadonlySet<string>
  /** How many handlers a consumer runs at once when it does not say. */
  readonly concurrency: number

  /** Makes sure that the topic and its groups exist; from now on every group gets its own copy of each message. */
  declare(topic: string, groups: readonly string[], signal?: AbortSignal): Promise<void>
  /**
   * Resolves once the provider has accepted all messages, in this order. After an error some may have been
   * accepted. Bodies are at most 1,000,000 bytes and may be changed by the caller after the call has settled.
   */
  publish(topic: string, messages: readonly Outgoing[], signal?: AbortSignal): Promise<void>
  /**
   * Starts to hand out the messages of one group to this process, including those that were published before,
   * oldest first. At most one subscription per group is open at a time. `deliver` returns at once and never throws.
   */
  subscribe(topic: string, group: string, deliver: (delivery: Delivery) => void): Promise<DriverSubscription>
  /** Dead letters of one group, oldest first. */
  deadLetters(topic: string, group: string): AsyncIterable<DeadLetter>
  /** Puts dead letters back at the end of their group, as first attempts. Unknown ids are skipped; returns how many. */
  requeueDead(ids: readonly string[]): Promise<number>
  /** How many messages of the group are not settled yet: waiting, delayed and in flight. `null` when it cannot tell. */
  lag(topic: string, group: string): Promise<number | null>
  /** Probes the provider. May throw: the front reports that as `down`. */
  health(signal: AbortSignal): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  /** The code for an error this driver threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
  /** Releases every resource and timer. Called once, after all subscriptions are closed. */
  close(): Promise<void>
}

/** A message on its way in. `delayMs` 0 = at once, at most a day. */
export type Outgoing = {
  readonly body: Uint8Array
  readonly key: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly delayMs: number
}

/**
 * A message on its way out, and what may become of it. Exactly one of the four methods is called, unless the
 * subscription closes first. Until then the driver keeps the delivery alive by itself (touch, in-progress), however
 * long that takes: the front limits the time of handlers.
 */
export interface Delivery {
  /** Unique among the messages of all topics and times; the same for every group and every attempt. */
  readonly id: string
  readonly body: Uint8Array
  readonly key: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** 1 for the first delivery, one more after every `nack`, and after a loss where the provider counts those. */
  readonly attempt: number
  /** Epoch milliseconds. */
  readonly publishedAtMs: number

  /** Done: never hand it out again. */
  ack(): Promise<void>
  /** Failed: hand it out again after `delayMs` with the next attempt number. */
  nack(delayMs: number): Promise<void>
  /** Not treated: hand it out again at once; where the provider can help it, with the same attempt number. */
  release(): Promise<void>
  /** Failed for good: move it to the group's dead letters, which are kept for seven days. */
  bury(reason: string): Promise<void>
}

/** The process's end of one group. */
export interface DriverSubscription {
  /**
   * How many unsettled deliveries the front is ready to hold. Raised when consumers join; a provider without
   * flow control may ignore it. It is larger than the number of handlers, because one busy key must not hide others.
   */
  setWindow(deliveries: number): void
  /** No more deliveries. Unsettled ones go back, in their order; settling one of them afterwards does nothing. */
  close(): Promise<void>
}

/** A message that nobody will treat any more unless someone puts it back. */
export type DeadLetter = {
  /** For `requeueDead`. */
  readonly id: string
  readonly topic: string
  readonly group: string
  readonly messageId: string
  readonly body: Uint8Array
  readonly key: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** How often it was tried. */
  readonly attempts: number
  /** What the last attempt said. */
  readonly reason: string
  readonly publishedAtMs: number
  readonly deadAtMs: number
}
