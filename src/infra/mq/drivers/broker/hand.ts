import type { Delivery } from '../../driver.ts'
import type { Meta } from './meta.ts'

const RETRY_MS = 1_000
const MAX_REMEMBERED = 10_000
/** Messages that wait for another attempt leave room to others, up to so many windows. */
const MAX_WAITING_WINDOWS = 4

/** A message in hand. `ref` is how the broker is told about it; a second delivery of the same message replaces it. */
export type Held<R> = {
  /** Tells it from every other message of the group, also from a later one with the same place in the broker. */
  readonly name: string
  readonly meta: Meta
  readonly body: Uint8Array
  ref: R
  /** How often the broker has handed it out. */
  deliveries: number
  attempt: number
  /** Runs while it waits for its next attempt. */
  timer?: NodeJS.Timeout | undefined
}

/** What a group remembers beyond one subscription. */
export type Memory = {
  /** How often messages that were given back had been tried, and been handed out. */
  readonly tried: Map<string, { deliveries: number; attempt: number }>
  /** Treated, while the broker may not know it. */
  readonly done: Set<string>
}

export const newMemory = (): Memory => ({ tried: new Map(), done: new Set() })

export type HandOptions<R> = {
  memory: Memory
  deliver: (delivery: Delivery) => void
  /** Tells the broker that a message is done. May reject: then the broker hands it out again. */
  done: (held: Held<R>) => Promise<void>
  /** Stores a dead letter. */
  bury: (held: Held<R>, reason: string) => Promise<void>
  /** There may be room for more. */
  onRoom: () => void
}

/**
 * The messages of one group that this process has in hand. One stays until it is done, also while it waits for another
 * attempt: given back, it might go to another process, while the lane of its key waits for it in this one.
 */
export class Hand<R> {
  readonly #options: HandOptions<R>
  readonly #held = new Map<string, Held<R>>()
  #waiting = 0
  #isClosed = false

  constructor(options: HandOptions<R>) {
    this.#options = options
  }

  get all(): Iterable<Held<R>> {
    return this.#held.values()
  }

  get size(): number {
    return this.#held.size
  }

  /** How many may be in hand at once, where the front asks for `window`. */
  limit(window: number): number {
    return window + Math.min(this.#waiting, window * MAX_WAITING_WINDOWS)
  }

  /** Whether it was treated already, so that the broker only has to be told again. */
  isDone(name: string): boolean {
    return this.#options.memory.done.has(name)
  }

  /** Takes what the broker hands out. `early` of its deliveries only said that it was not due yet. */
  take(message: Omit<Held<R>, 'attempt' | 'timer'>, early: number): void {
    const known = this.#held.get(message.name)
    if (known !== undefined) {
      known.ref = message.ref
      known.deliveries = message.deliveries
      return
    }
    const before = this.#options.memory.tried.get(message.name)
    const { deliveries } = message
    // What has been tried here goes on from there.
    const attempt = before === undefined ? deliveries - early : before.attempt + deliveries - before.deliveries - 1
    const held = { ...message, attempt: Math.max(1, attempt) }
    this.#held.set(held.name, held)
    if (!this.#isClosed) this.#handOut(held)
  }

  /** No more deliveries, and no word to the broker from now on. Messages may still be taken. */
  stop(): void {
    this.#isClosed = true
    for (const { timer } of this.#held.values()) clearTimeout(timer)
  }

  /** What is to be given back, in the order in which it came. */
  empty(): Held<R>[] {
    const all = [...this.#held.values()]
    this.#held.clear()
    for (const { name, deliveries, attempt } of all) this.#options.memory.tried.set(name, { deliveries, attempt })
    return all
  }

  #handOut(held: Held<R>): void {
    const { id, key, headers, publishedAtMs } = held.meta
    const { body, attempt } = held
    let open = true
    const settle = async (act: () => Promise<void> | void) => {
      const isMine = open && !this.#isClosed && this.#held.get(held.name) === held
      open = false
      if (isMine) await act()
    }
    this.#options.deliver({
      ...{ id, body, key, headers, attempt, publishedAtMs },
      ack: () => settle(() => this.#done(held)),
      nack: (delayMs) =>
        settle(() => {
          held.attempt++
          this.#later(held, delayMs)
        }),
      // It is still here, so the broker need not know.
      release: () => settle(() => this.#handOut(held)),
      bury: (reason) => settle(() => this.#bury(held, reason)),
    })
  }

  async #bury(held: Held<R>, reason: string): Promise<void> {
    try {
      await this.#options.bury(held, reason)
    } catch (err) {
      this.#later(held, RETRY_MS)
      throw err
    }
    await this.#done(held)
  }

  #later(held: Held<R>, delayMs: number): void {
    if (this.#isClosed) return
    this.#waiting++
    held.timer = setTimeout(() => {
      held.timer = undefined
      this.#waiting--
      this.#handOut(held)
      this.#options.onRoom()
    }, delayMs)
    this.#options.onRoom()
  }

  async #done(held: Held<R>): Promise<void> {
    const { memory, done, onRoom } = this.#options
    // At once: it may be back before the broker's answer is read.
    this.#held.delete(held.name)
    memory.done.add(held.name)
    memory.tried.delete(held.name)
    const [oldest] = memory.done
    if (memory.done.size > MAX_REMEMBERED && oldest !== undefined) memory.done.delete(oldest)
    try {
      await done(held)
    } finally {
      onRoom()
    }
  }
}
