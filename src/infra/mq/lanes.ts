import type { Delivery } from './driver.ts'
import { Queue } from './queue.ts'

type Lane = { ownerId: string; waiting: Queue<Delivery> }

/**
 * Decides which deliveries may run. Of all messages with one key, one owns the lane until it is finished, also while
 * it waits for its next attempt; the others queue behind it. Messages without a key, and all messages of an
 * unordered group, pass straight through. Every step takes constant time.
 */
export class Lanes {
  readonly #ordered: boolean
  readonly #ready = new Queue<Delivery>()
  readonly #lanes = new Map<string, Lane>()

  constructor(ordered: boolean) {
    this.#ordered = ordered
  }

  /** Takes a delivery from the provider: a new message, or the owner of a lane coming back. */
  add(delivery: Delivery): void {
    const lane = this.#laneOf(delivery)
    if (lane === undefined || lane.ownerId === delivery.id) this.#ready.push(delivery)
    else lane.waiting.push(delivery)
  }

  /** The next delivery to run. */
  take(): Delivery | undefined {
    return this.#ready.shift()
  }

  /** The message will not come back: the next one of its key may run. */
  finish(delivery: Delivery): void {
    if (!this.#ordered || delivery.key === undefined) return
    const lane = this.#lanes.get(delivery.key)
    if (lane?.ownerId !== delivery.id) return
    const next = lane.waiting.shift()
    if (next === undefined) {
      this.#lanes.delete(delivery.key)
    } else {
      lane.ownerId = next.id
      this.#ready.push(next)
    }
  }

  /** The lane of a delivery, opened by the first of its key. */
  #laneOf({ key, id }: Delivery): Lane | undefined {
    if (!this.#ordered || key === undefined) return undefined
    const lane = this.#lanes.get(key) ?? { ownerId: id, waiting: new Queue() }
    this.#lanes.set(key, lane)
    return lane
  }
}
