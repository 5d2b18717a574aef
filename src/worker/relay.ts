import type { Clock } from '../base/clock.ts'
import { codeOf, messageOf } from '../base/errors.ts'
import type { Outbox, OutboxEvent } from '../domain/outbox.ts'
import type { Mq } from '../infra/mq/mq.ts'

/** The header that tells a handler which outbox row its message came from. */
export const OUTBOX_ID = 'outbox-id'

const BATCH = 200
/** How long a process may be silent before another publishes what it had taken. */
const CLAIM_MS = 30_000
/** A broker that forgets may take long to hand a message out; after this the message is taken for lost. */
const LOST_AFTER_MS = 10 * 60_000
/** Too long, or of a topic that this version does not know. */
const HOPELESS: ReadonlySet<string> = new Set(['resource_exhausted', 'invalid_argument'])

export type RelayOptions = {
  outbox: Outbox
  mq: Mq
  clock: Clock
  /** No other process has the database open: what is claimed at the start was claimed by one that is gone. */
  ownsDatabase: boolean
  /** How long an event may wait when nobody nudges, in milliseconds. */
  pollMs?: number
  /** Told about a round that failed; the next one tries again. */
  onError: (err: unknown) => void
}

/**
 * Publishes the events that wait in the outbox, in order. With a durable queue the row goes as soon as the broker has
 * the event. Any other queue loses what it holds, so the row stays until the worker is done with it: what is in the
 * memory of this process stays claimed for as long as the process lives, what is in that of a broker until it is
 * taken for lost. An event whose claim has run out is published again, by whichever process sees it first.
 */
export class Relay {
  readonly #options: RelayOptions
  /** What is in the memory of this process, and not done yet. */
  #held: string[] = []
  #round: Promise<void> | undefined
  #again = false
  #timers: NodeJS.Timeout[] = []
  #begun = false
  #stopped = true

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** Starts with everything that an earlier process left behind. */
  start(): void {
    this.#stopped = false
    const { pollMs = 500, onError } = this.#options
    const renew = () => void this.#renew().catch(onError)
    this.#timers = [setInterval(() => this.nudge(), pollMs), setInterval(renew, CLAIM_MS / 3)]
    this.nudge()
  }

  /** Looks for events now. Cheap, and safe to call at any time. */
  nudge(): void {
    if (this.#stopped) return
    this.#again = true
    this.#round ??= this.#run().finally(() => {
      this.#round = undefined
    })
  }

  /** Resolves when the running round has ended; nothing is published afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#round
  }

  /** After the worker has ended: leaves what it did not get done to other processes. */
  async letGo(): Promise<void> {
    const held = this.#held
    this.#held = []
    if (held.length > 0 && !this.#options.ownsDatabase) await this.#options.outbox.hold(held, 0)
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        await this.#begin()
        while (!this.#stopped && (await this.#publishBatch()) === BATCH);
      } catch (err) {
        this.#options.onError(err)
      }
    }
  }

  async #begin(): Promise<void> {
    if (this.#begun) return
    if (this.#options.ownsDatabase) await this.#options.outbox.releaseAll()
    this.#begun = true
  }

  async #publishBatch(): Promise<number> {
    const { outbox, mq, clock } = this.#options
    const nowMs = clock()
    const durable = mq.features.has('durable')
    const isInMemory = !durable && !mq.features.has('shared')
    const events = await outbox.claim(BATCH, nowMs, nowMs + CLAIM_MS)
    const forgettable: string[] = []
    for (const [i, event] of events.entries()) {
      try {
        if (!(await this.#publish(event))) continue
        if (durable) await outbox.remove([event.id])
        else if (isInMemory) this.#held.push(event.id)
        else forgettable.push(event.id)
      } catch (err) {
        const left = events.slice(i).map(({ id }) => id)
        await outbox.hold(left, 0).catch(() => undefined) // the claim runs out by itself
        await outbox.hold(forgettable, clock() + LOST_AFTER_MS)
        throw err
      }
    }
    await outbox.hold(forgettable, clock() + LOST_AFTER_MS)
    return events.length
  }

  /** An event that no queue will ever take is buried, so that those behind it do not wait for it in vain. */
  async #publish({ id, topic, key, body }: OutboxEvent): Promise<boolean> {
    const { outbox, mq, onError } = this.#options
    try {
      await mq.publish(topic, { key, body, headers: { [OUTBOX_ID]: id } })
      return true
    } catch (err) {
      if (!HOPELESS.has(codeOf(err))) throw err
      onError(err)
      await outbox.bury(id, messageOf(err))
      return false
    }
  }

  async #renew(): Promise<void> {
    if (this.#stopped || this.#held.length === 0) return
    const before = new Set(this.#held)
    const waiting = await this.#options.outbox.hold([...before], this.#options.clock() + CLAIM_MS)
    this.#held = [...waiting, ...this.#held.filter((id) => !before.has(id))]
  }
}
