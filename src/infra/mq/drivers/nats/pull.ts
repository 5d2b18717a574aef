import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node'
import type { Delivery, DriverSubscription } from '../../driver.ts'
import type { Meta } from '../broker/meta.ts'
import type { NatsLink } from './link.ts'
import { metaIn } from './message.ts'

const NANOS_PER_MS = 1_000_000
/** How long the server keeps a request for messages. */
const ASK_MS = 10_000
/** How often the server says that it still has it, and the silence after which it has lost it (a new leader). */
const HEARTBEAT_MS = 2_000
const SILENCE_MS = 5_000
const ACK = '+ACK'
const RETRY_MS = 1_000
const CLOSE_MS = 2_000
const MAX_WAITING_WINDOWS = 4

/** A message in hand. `reply` is where the server hears of it; a second delivery of the same message replaces it. */
type Held = {
  readonly seq: number
  readonly meta: Meta
  readonly body: Uint8Array
  reply: string
  /** How often the server has handed it out. */
  deliveries: number
  attempt: number
  /** Runs while it waits for its next attempt. */
  timer?: NodeJS.Timeout | undefined
}

/** What a group remembers beyond one subscription, by number in the stream and id: a new stream counts anew. */
export type GroupMemory = {
  /** How often messages that were given back had been tried, and been handed out. */
  readonly tried: Map<string, Pick<Held, 'deliveries' | 'attempt'>>
  /** Treated, but the server has not confirmed that it knows. */
  readonly done: Set<string>
}

export type PullOptions = {
  link: NatsLink
  stream: string
  consumer: string
  group: string
  ackWaitMs: number
  memory: GroupMemory
  deliver: (delivery: Delivery) => void
  /** Stores a dead letter; resolves once the server has it. */
  bury: (letter: { seq: number; meta: Meta; body: Uint8Array; attempt: number; reason: string }) => Promise<void>
  /** Makes stream and consumer again when the server has lost them. */
  restore: () => Promise<void>
}

/**
 * Pulls the messages of one durable consumer, never more than the window, and keeps those in hand alive. A message stays
 * in hand until it is done, also while it waits for another attempt: given back, it might go to another process, while the
 * lane of its key waits for it in this one.
 */
export class PullSubscription implements DriverSubscription {
  readonly #options: PullOptions
  readonly #inbox = createInbox()
  readonly #subscription: Subscription
  readonly #held = new Map<number, Held>()
  readonly #keepAlive: NodeJS.Timeout
  readonly #stopListening: () => void
  #window = 0
  /** Of the request that is open: its number, how many messages it still brings, and when the server spoke last. */
  #asking = 0
  #asked = 0
  #heardAtMs = 0
  #retry: NodeJS.Timeout | undefined
  /** How many of those in hand wait for another attempt. */
  #waiting = 0
  #isClosed = false

  constructor(options: PullOptions) {
    this.#options = options
    const { link, ackWaitMs } = options
    this.#subscription = link.nc.subscribe(`${this.#inbox}.*`, {
      callback: (err, msg) => {
        if (err === null) this.#receive(msg)
      },
    })
    this.#keepAlive = setInterval(() => this.#touch(), Math.min(ackWaitMs / 3, SILENCE_MS))
    this.#stopListening = link.onReconnect(() => this.#recover(0))
  }

  get #address(): string {
    return `${this.#inbox}.${this.#asking}`
  }

  setWindow(deliveries: number): void {
    this.#window = deliveries
    this.#ask()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#keepAlive)
    clearTimeout(this.#retry)
    for (const { timer } of this.#held.values()) clearTimeout(timer)
    this.#stopListening()
    const { link, memory, stream, consumer } = this.#options
    if (!link.isUp) return this.#subscription.unsubscribe()
    // What is on its way arrives before the end of this, and goes back with the rest.
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())
    await Promise.race([this.#subscription.drain().catch(() => undefined), late])
    // Asking makes the server forget our open request; with it, older servers lose the first message that goes back.
    await link.jsm.consumers.info(stream, consumer).catch(() => undefined)
    const back = [...this.#held.values()].sort((x, y) => x.seq - y.seq)
    this.#held.clear()
    const told = back.map(({ seq, meta, reply, deliveries, attempt }) => {
      memory.tried.set(`${seq}/${meta.id}`, { deliveries, attempt })
      return link.request(reply, nak(0))
    })
    await Promise.allSettled(told)
  }

  #receive(msg: Msg): void {
    this.#heardAtMs = performance.now()
    const status = msg.headers?.code ?? 0
    if (status !== 0) {
      // The end of a request that was given up is no news.
      if (msg.subject === this.#address && status !== 100) this.#ended(status)
      return
    }
    this.#asked = Math.max(0, this.#asked - 1)
    this.#take(msg)
    this.#ask()
  }

  #take(msg: Msg): void {
    const { link, stream, group, memory } = this.#options
    const reply = msg.reply ?? ''
    const { seq, deliveries } = placeIn(reply)
    const known = this.#held.get(seq)
    if (known !== undefined) {
      known.reply = reply
      known.deliveries = deliveries
      return
    }
    const meta = metaIn(msg.headers, `${stream}-${seq}`)
    const name = `${seq}/${meta.id}`
    const isDone = memory.done.has(name) || (meta.only !== undefined && meta.only !== group)
    const waitMs = (meta.dueAtMs ?? 0) - Date.now()
    if (isDone || waitMs > 0) {
      link.nc.publish(reply, isDone ? ACK : nak(waitMs))
      return
    }
    const before = memory.tried.get(name)
    // What has been tried here goes on from there. The delivery that only said "too early" was none.
    const attempt =
      before === undefined
        ? deliveries - (meta.dueAtMs === undefined || deliveries === 1 ? 0 : 1)
        : before.attempt + deliveries - before.deliveries - 1
    const held: Held = { seq, meta, body: msg.data, reply, deliveries, attempt: Math.max(1, attempt) }
    this.#held.set(seq, held)
    if (!this.#isClosed) this.#handOut(held)
  }

  #handOut(held: Held): void {
    const { id, key, headers, publishedAtMs } = held.meta
    const { body, attempt, seq } = held
    let open = true
    const settle = async (act: () => Promise<void> | void) => {
      const isMine = open && !this.#isClosed && this.#held.get(seq) === held
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
      release: settle.bind(undefined, () => this.#handOut(held)),
      bury: (reason) => settle(() => this.#bury(held, reason)),
    })
  }

  async #bury(held: Held, reason: string): Promise<void> {
    try {
      await this.#options.bury({ ...held, reason })
    } catch (err) {
      this.#later(held, RETRY_MS)
      throw err
    }
    await this.#done(held)
  }

  #later(held: Held, delayMs: number): void {
    if (this.#isClosed) return
    this.#waiting++
    held.timer = setTimeout(() => {
      held.timer = undefined
      this.#waiting--
      this.#handOut(held)
    }, delayMs)
    this.#ask()
  }

  /** Resolves when the server has confirmed. A message that is not confirmed comes again after `ack_wait`. */
  async #done({ seq, meta, reply }: Held): Promise<void> {
    const { link, memory } = this.#options
    // At once: it may be back before the confirmation is read.
    this.#held.delete(seq)
    const name = `${seq}/${meta.id}`
    remember(memory.done, name)
    try {
      await link.request(reply, ACK)
      memory.done.delete(name)
      memory.tried.delete(name)
    } finally {
      this.#ask()
    }
  }

  #touch(): void {
    const { link } = this.#options
    if (!link.isUp) return
    for (const { reply } of this.#held.values()) link.nc.publish(reply, '+WPI')
    if (this.#asked > 0 && performance.now() - this.#heardAtMs > SILENCE_MS) this.#recover(0)
  }

  /** Asks for as many as there is room for, when that is worth a request and none is open. */
  #ask(): void {
    const { link, stream, consumer } = this.#options
    // Those that wait for another attempt leave room to others, within reason.
    const spare = Math.min(this.#waiting, this.#window * MAX_WAITING_WINDOWS)
    const free = this.#window + spare - this.#held.size
    if (this.#isClosed || this.#asked > 0 || this.#retry !== undefined || !link.isUp) return
    if (free < Math.max(1, Math.floor(this.#window / 4))) return
    this.#asked = free
    this.#heardAtMs = performance.now()
    this.#asking++
    const times = { expires: ASK_MS * NANOS_PER_MS, idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS }
    const body = JSON.stringify({ batch: free, ...times })
    link.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, body, { reply: this.#address })
  }

  /** 408 and 404: nothing came in time. Anything else: the consumer has gone or moved. */
  #ended(status: number): void {
    this.#asked = 0
    if (status === 408 || status === 404) this.#ask()
    else this.#recover(RETRY_MS)
  }

  /** Asks afresh, as soon as stream and consumer answer. */
  #recover(afterMs: number): void {
    if (this.#isClosed || this.#retry !== undefined) return
    this.#retry = setTimeout(async () => {
      const isThere = await this.#options.restore().then(
        () => true,
        () => false,
      )
      this.#retry = undefined
      this.#asked = 0
      if (isThere) this.#ask()
      else this.#recover(RETRY_MS)
    }, afterMs)
  }
}

const nak = (delayMs: number): string =>
  delayMs > 0 ? `-NAK ${JSON.stringify({ delay: Math.round(delayMs * NANOS_PER_MS) })}` : '-NAK'

/** The number in the stream and the count of deliveries, from the address that acknowledgements go to. */
function placeIn(reply: string): { seq: number; deliveries: number } {
  // $JS.ACK.[domain.account.]stream.consumer.deliveries.seq.…
  const tokens = reply.split('.')
  const at = tokens.length === 9 ? 4 : 6
  return { seq: Number(tokens[at + 1]), deliveries: Number(tokens[at]) }
}

const MAX_REMEMBERED = 10_000

function remember(done: Set<string>, name: string): void {
  done.add(name)
  const [oldest] = done
  if (done.size > MAX_REMEMBERED && oldest !== undefined) done.delete(oldest)
}
