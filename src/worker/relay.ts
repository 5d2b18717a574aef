import { codeOf, messageOf } from '../base/errors.ts'
import type { Outbox, OutboxEvent } from '../domain/outbox.ts'
import type { Mq } from '../infra/mq/mq.ts'

/** The header that tells a handler which outbox row its message came from. */
export const OUTBOX_ID = 'outbox-id'

const BATCH = 200
/** Too long, or of a topic that this version does not know. */
const HOPELESS: ReadonlySet<string> = new Set(['resource_exhausted', 'invalid_argument'])

export type RelayOptions = {
  outbox: Outbox
  mq: Mq
  /** How long an event may wait when nobody nudges, in milliseconds. */
  pollMs?: number
  /** Told about a round that failed; the next one tries again. */
  onError: (err: unknown) => void
}

/**
 * Publishes the events that wait in the outbox, in order, each once per process. A volatile queue loses what it holds
 * with the process, so the row stays until the worker is done with it and the next start publishes it again; with a
 * durable one the row goes as soon as the broker has it.
 */
export class Relay {
  readonly #options: RelayOptions
  #after = '0'
  #round: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined
  #stopped = true

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** Starts with everything that an earlier process left behind. */
  start(): void {
    this.#stopped = false
    this.#timer = setInterval(() => this.nudge(), this.#options.pollMs ?? 500)
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
    clearInterval(this.#timer)
    await this.#round
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        while (!this.#stopped && (await this.#publishBatch()) === BATCH);
      } catch (err) {
        this.#options.onError(err)
      }
    }
  }

  async #publishBatch(): Promise<number> {
    const { outbox, mq } = this.#options
    const events = await outbox.read(this.#after, BATCH)
    const durable = mq.features.has('durable')
    for (const event of events) {
      const isAccepted = await this.#publish(event)
      if (durable && isAccepted) await outbox.remove([event.id])
      this.#after = event.id
    }
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
}
