import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node'
import type { Delivery, DriverSubscription } from '../../driver.ts'
import { Hand, type Held, type Memory } from '../broker/hand.ts'
import type { NatsLink } from './link.ts'
import { metaIn } from './message.ts'

const NANOS_PER_MS = 1_000_000
/** How long the server keeps a request for messages. */
const ASK_MS = 10_000
/** How often the server says that it still has it, and the silence after which it has lost it (a new leader). */
const HEARTBEAT_MS = 2_000
const SILENCE_MS = 5_000
const RETRY_MS = 1_000
const CLOSE_MS = 2_000
const ACK = '+ACK'

/** Where the server hears of a message, and its number in the stream. */
type Ref = { readonly reply: string; readonly seq: number }

export type PullOptions = {
  link: NatsLink
  stream: string
  consumer: string
  group: string
  ackWaitMs: number
  memory: Memory
  deliver: (delivery: Delivery) => void
  /** Stores a dead letter; resolves once the server has it. */
  bury: (held: Held<Ref>, reason: string) => Promise<void>
  /** Makes stream and consumer again when the server has lost them. */
  restore: () => Promise<void>
}

/** Pulls the messages of one durable consumer, never more than the window, and keeps those in hand alive. */
export class PullSubscription implements DriverSubscription {
  readonly #options: PullOptions
  readonly #hand: Hand<Ref>
  readonly #inbox = createInbox()
  readonly #subscription: Subscription
  readonly #keepAlive: NodeJS.Timeout
  readonly #stopListening: () => void
  #window = 0
  /** Of the request that is open: its number, how many messages it still brings, and when the server spoke last. */
  #asking = 0
  #asked = 0
  #heardAtMs = 0
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: PullOptions) {
    this.#options = options
    const { link, ackWaitMs, memory, deliver, bury } = options
    this.#hand = new Hand({
      ...{ memory, deliver, bury },
      // The server confirms that it knows.
      done: async ({ ref, name }) => {
        await link.request(ref.reply, ACK)
        memory.done.delete(name)
      },
      onRoom: () => this.#ask(),
    })
    this.#subscription = link.nc.subscribe(`${this.#inbox}.*`, {
      callback: (err, msg) => {
        if (err === null) this.#receive(msg)
      },
    })
    this.#keepAlive = setInterval(() => this.#touch(), Math.min(ackWaitMs / 3, SILENCE_MS))
    this.#stopListening = link.onReconnect(() => this.#recover(0))
  }

  setWindow(deliveries: number): void {
    this.#window = deliveries
    this.#ask()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#hand.stop()
    clearInterval(this.#keepAlive)
    clearTimeout(this.#retry)
    this.#stopListening()
    const { link, stream, consumer } = this.#options
    if (!link.isUp) return this.#subscription.unsubscribe()
    // What is on its way arrives before the end of this, and goes back with the rest.
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())
    await Promise.race([this.#subscription.drain().catch(() => undefined), late])
    // Asking makes the server forget our open request; with it, older servers lose the first message that goes back.
    await link.jsm.consumers.info(stream, consumer).catch(() => undefined)
    const back = this.#hand.empty().sort((x, y) => x.ref.seq - y.ref.seq)
    await Promise.allSettled(back.map(({ ref }) => link.request(ref.reply, nak(0))))
  }

  get #address(): string {
    return `${this.#inbox}.${this.#asking}`
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
    const { link, stream, group } = this.#options
    const reply = msg.reply ?? ''
    const { seq, deliveries } = placeIn(reply)
    const meta = metaIn(msg.headers, `${stream}-${seq}`)
    const name = `${seq}/${meta.id}`
    const isDone = this.#hand.isDone(name) || (meta.only !== undefined && meta.only !== group)
    const waitMs = (meta.dueAtMs ?? 0) - Date.now()
    if (isDone || waitMs > 0) {
      link.nc.publish(reply, isDone ? ACK : nak(waitMs))
      return
    }
    const early = meta.dueAtMs === undefined ? 0 : 1
    this.#hand.take({ name, meta, body: msg.data, ref: { reply, seq }, deliveries }, early)
  }

  #touch(): void {
    const { link } = this.#options
    if (!link.isUp) return
    for (const { ref } of this.#hand.all) link.nc.publish(ref.reply, '+WPI')
    if (this.#asked > 0 && performance.now() - this.#heardAtMs > SILENCE_MS) this.#recover(0)
  }

  /** Asks for as many as there is room for, when that is worth a request and none is open. */
  #ask(): void {
    const { link, stream, consumer } = this.#options
    const free = this.#hand.limit(this.#window) - this.#hand.size
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
