import type { Observer } from '../../base/observe.ts'
import { type Backoff, backoffMs } from './backoff.ts'
import type { DeadLetter, Delivery, DriverSubscription, MqDriver } from './driver.ts'
import { Flight, type Verdict } from './flight.ts'
import { Lanes } from './lanes.ts'
import type { Handler } from './mq.ts'

/** Deliveries held per running handler: enough to see past a busy key, little enough for a broker to share out. */
const WINDOW_PER_HANDLER = 64
/** How long handlers may take to end after their signal was aborted, before they are abandoned. */
const STOP_GRACE_MS = 250
const SPARE_ATTEMPTS = 20

/** One consumer: a handler and its limits. Members of a group share its messages. */
export type Member = {
  handler: Handler
  concurrency: number
  maxAttempts: number
  backoff: Backoff
  maxHandlerMs: number
  onDead: ((letter: Omit<DeadLetter, 'id' | 'deadAtMs'>) => Promise<void>) | undefined
  paused: boolean
  leaving: boolean
  flights: Map<Flight, Promise<void>>
}

const hasRoom = (m: Member): boolean => !m.paused && !m.leaving && m.flights.size < m.concurrency

/** The consumers of one group in this process, and the one subscription that feeds them. */
export class ConsumerGroup {
  readonly ordered: boolean
  readonly #topic: string
  readonly #group: string
  readonly #driver: MqDriver
  readonly #observer: Observer
  readonly #members = new Set<Member>()
  #lanes: Lanes
  #subscription: DriverSubscription | undefined
  /** Opening and closing the subscription, one after the other. */
  #transition: Promise<void> = Promise.resolve()
  #scheduled = false

  constructor(topic: string, group: string, ordered: boolean, driver: MqDriver, observer: Observer) {
    this.ordered = ordered
    this.#topic = topic
    this.#group = group
    this.#driver = driver
    this.#observer = observer
    this.#lanes = new Lanes(ordered)
  }

  get members(): readonly Member[] {
    return [...this.#members]
  }

  /** Adds a consumer; resolves once the provider feeds the group. */
  async join(member: Member): Promise<void> {
    this.#members.add(member)
    try {
      await this.#reconcile()
    } catch (err) {
      this.#members.delete(member)
      throw err
    }
    this.schedule()
  }

  /**
   * Takes a consumer out: no new messages, wait for its handlers, abort those that are not done in time and give
   * their messages back. Returns how many were not done in time.
   */
  async leave(member: Member, timeoutMs: number): Promise<number> {
    if (member.leaving) return 0
    member.leaving = true
    await settled(member, timeoutMs)
    const late = [...member.flights.keys()]
    for (const flight of late) flight.stop()
    await settled(member, STOP_GRACE_MS)
    const unfinished = [...member.flights]
    for (const [flight] of unfinished) flight.abandon()
    await Promise.all(unfinished.map(([, done]) => done))
    this.#members.delete(member)
    await this.#reconcile()
    return late.length
  }

  /** Starts handlers in the next turn of the event loop, so that neither publishing nor I/O waits for them. */
  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#startAll()
    })
  }

  #startAll(): void {
    for (let member = this.#free(); member !== undefined; member = this.#free()) {
      const delivery = this.#lanes.take()
      if (delivery === undefined) return
      // To the end of the line: members take turns.
      this.#members.delete(member)
      this.#members.add(member)
      this.#start(member, delivery)
    }
  }

  #free(): Member | undefined {
    for (const member of this.#members) if (hasRoom(member)) return member
    return undefined
  }

  #start(member: Member, delivery: Delivery): void {
    const startedMs = performance.now()
    const flight = new Flight(
      this.#topic,
      this.#group,
      delivery,
      guarded(member, this.#driver.features),
      member.maxHandlerMs,
    )
    const lanes = this.#lanes
    const done = flight.verdict.then(async (verdict) => {
      const code = 'code' in verdict ? verdict.code : verdict.action === 'ack' ? 'ok' : 'canceled'
      this.#observer.publish('handle', code, startedMs)
      // A message that comes back keeps its lane; `lanes` is the one of its start, in case the group has been reset.
      if (!(await this.#settle(member, delivery, verdict))) lanes.finish(delivery)
      member.flights.delete(flight)
      this.schedule()
    })
    member.flights.set(flight, done)
  }

  /** Tells the provider. True when the message will come back to this group. Never rejects. */
  async #settle(member: Member, delivery: Delivery, verdict: Verdict): Promise<boolean> {
    if (verdict.action === 'ack') {
      await this.#tell('ack', () => delivery.ack())
      return false
    }
    if (verdict.action === 'release') return this.#tell('release', () => delivery.release())
    const { attempt } = delivery
    const afterMs = backoffMs(member.backoff, attempt, Math.random())
    if (verdict.action === 'retry' && attempt < member.maxAttempts)
      return this.#tell('nack', () => delivery.nack(verdict.afterMs ?? afterMs))
    try {
      const { body, key, headers, publishedAtMs, id: messageId } = delivery
      const names = { topic: this.#topic, group: this.#group, messageId }
      const letter = { ...names, body, key, headers, attempts: attempt, reason: verdict.reason, publishedAtMs }
      await member.onDead?.(letter)
    } catch (err) {
      // Nobody knows yet that the message is dead: come back and say it again.
      this.#observer.publish('bury', this.#observer.wrap('bury', err).code, performance.now())
      return this.#tell('nack', () => delivery.nack(afterMs))
    }
    await this.#tell('bury', () => delivery.bury(verdict.reason))
    return false
  }

  async #tell(op: string, call: () => Promise<void>): Promise<boolean> {
    const startedMs = performance.now()
    try {
      await call()
      this.#observer.publish(op, 'ok', startedMs)
      return true
    } catch (err) {
      // The provider hands out again whatever it was not told about.
      this.#observer.publish(op, this.#observer.wrap(op, err).code, startedMs)
      return false
    }
  }

  #reconcile(): Promise<void> {
    const next = this.#transition.then(async () => {
      if (this.#members.size === 0) return this.#unsubscribe()
      const deliver = (delivery: Delivery) => {
        this.#lanes.add(delivery)
        this.schedule()
      }
      this.#subscription ??= await this.#driver.subscribe(this.#topic, this.#group, deliver)
      const handlers = this.members.reduce((sum, member) => sum + member.concurrency, 0)
      this.#subscription.setWindow(handlers * WINDOW_PER_HANDLER)
    })
    this.#transition = next.catch(() => undefined)
    return next
  }

  async #unsubscribe(): Promise<void> {
    const subscription = this.#subscription
    this.#subscription = undefined
    await subscription?.close()
    this.#lanes = new Lanes(this.ordered)
  }
}

/**
 * A message that has used up its attempts already (the process died during the last one) is not tried again. Where
 * losses count that were never begun, as in a row of restarts, it is given the benefit of the doubt for longer.
 */
function guarded(member: Member, features: ReadonlySet<string>): Handler {
  const spare = features.has('counts.losses') ? SPARE_ATTEMPTS : 0
  return async (message) =>
    message.attempt > member.maxAttempts + spare
      ? { action: 'dead', reason: `given up after ${message.attempt - 1} attempts` }
      : ((await member.handler(message)) ?? undefined)
}

/** Waits until the member's handlers are done, at most `timeoutMs`. */
async function settled(member: Member, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  await Promise.race([Promise.all(member.flights.values()), promise])
  clearTimeout(timer)
}
