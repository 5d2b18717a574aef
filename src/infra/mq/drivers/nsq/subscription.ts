import type { Delivery, DriverSubscription } from '../../driver.ts'
import { Hand, type Held, type Memory } from '../broker/hand.ts'
import type { Cluster, Node } from './cluster.ts'
import { NsqConnection, type NsqMessage } from './connection.ts'
import { unseal } from './envelope.ts'
import { NsqError } from './error.ts'
import type { NsqSettings } from './params.ts'

/** How often nsqds are looked for, and lost ones tried again. */
const LOOK_MS = 1_000
const CLOSE_MS = 2_000
/** Longer delays are taken in steps: nsqd defers for an hour at most. */
export const MAX_DEFER_MS = 3_600_000
/** What comes a little too early is not worth another round. */
const EARLY_MS = 50

type Link = { readonly node: Node; readonly connection: NsqConnection; ready: number }
type Ref = { readonly link: Link; readonly id: string; readonly timestampNs: bigint }

export type SubscriptionOptions = {
  cluster: Cluster
  settings: NsqSettings
  topic: string
  channel: string
  memory: Memory
  deliver: (delivery: Delivery) => void
  bury: (held: Held<Ref>, reason: string) => Promise<void>
}

/** Consumes one channel from every nsqd that has the topic, and keeps what is in hand alive. */
export class NsqSubscription implements DriverSubscription {
  readonly #options: SubscriptionOptions
  readonly #hand: Hand<Ref>
  readonly #links = new Map<string, Link | 'opening'>()
  readonly #timers: NodeJS.Timeout[]
  #window = 0
  #isClosed = false
  #isGivenBack = false
  #isLooking = false

  constructor(options: SubscriptionOptions) {
    this.#options = options
    const { memory, deliver, bury, settings } = options
    this.#hand = new Hand({
      ...{ memory, deliver, bury },
      done: async ({ ref }) => {
        // nsqd does not confirm. Should this be lost, the message comes again and is known to be done.
        if (!ref.link.connection.isOpen) throw new NsqError('unavailable', 'the connection to nsqd is lost')
        ref.link.connection.send(`FIN ${ref.id}`)
      },
      onRoom: () => this.#share(),
    })
    const touch = setInterval(() => this.#touch(), settings.msg_timeout / 3)
    const look = setInterval(() => this.#lookAgain(), LOOK_MS)
    this.#timers = [touch, look]
  }

  setWindow(deliveries: number): void {
    this.#window = deliveries
    this.#share()
  }

  /** Connects to every nsqd that is not connected yet. Throws when there is none in the end. */
  async look(): Promise<void> {
    const nodes = await this.#options.cluster.having(this.#options.topic)
    const missing = nodes.filter(({ id }) => !this.#links.has(id))
    const tried = await Promise.allSettled(missing.map((node) => this.#connect(node)))
    const failed = tried.find((one) => one.status === 'rejected')
    if (this.#links.size === 0 && failed !== undefined) throw failed.reason
  }

  /** What fails now is tried again soon. */
  #lookAgain(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    const over = () => {
      this.#isLooking = false
    }
    this.look().then(over, over)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#hand.stop()
    for (const timer of this.#timers) clearInterval(timer)
    const links = [...this.#links.values()].filter((link) => link !== 'opening')
    // After its answer nsqd sends no more, but for what was under way.
    await Promise.allSettled(links.map(({ connection }) => connection.call('CLS')))
    const back = this.#hand.empty().sort((x, y) => Number(x.ref.timestampNs - y.ref.timestampNs))
    this.#isGivenBack = true
    for (const { ref } of back) ref.link.connection.send(`REQ ${ref.id} 0`)
    await Promise.all(links.map(({ connection }) => connection.end(CLOSE_MS)))
  }

  async #connect(node: Node): Promise<void> {
    const { settings, topic, channel } = this.#options
    this.#links.set(node.id, 'opening')
    try {
      const holder: { link?: Link } = {}
      const connection = await NsqConnection.open({
        address: node,
        timeoutMs: settings.timeout,
        msgTimeoutMs: settings.msg_timeout,
        authSecret: settings.auth_secret,
        onMessage: (message) => {
          if (holder.link !== undefined) this.#take(holder.link, message)
        },
        onClose: () => {
          if (holder.link !== undefined && this.#links.get(node.id) === holder.link) this.#links.delete(node.id)
          this.#share()
        },
      })
      const link: Link = { node, connection, ready: 0 }
      holder.link = link
      await connection.call(`SUB ${topic} ${channel}`)
      if (!connection.isOpen) throw new NsqError('unavailable', 'the connection to nsqd is lost')
      if (this.#isClosed) return connection.destroy()
      this.#links.set(node.id, link)
      this.#share()
    } finally {
      if (this.#links.get(node.id) === 'opening') this.#links.delete(node.id)
    }
  }

  #take(link: Link, { id, attempts, timestampNs, body: bytes }: NsqMessage): void {
    const { channel } = this.#options
    const { connection, node } = link
    const { meta, body } = unseal(bytes, `${node.id}/${id}`)
    const name = `${node.id}/${id}/${meta.id}`
    if (this.#hand.isDone(name) || (meta.only !== undefined && meta.only !== channel)) {
      connection.send(`FIN ${id}`)
      return
    }
    const waitMs = (meta.dueAtMs ?? 0) - Date.now()
    if (waitMs > EARLY_MS) {
      connection.send(`REQ ${id} ${Math.min(Math.ceil(waitMs), MAX_DEFER_MS)}`)
      return
    }
    const steps = Math.ceil(((meta.dueAtMs ?? meta.publishedAtMs) - meta.publishedAtMs) / MAX_DEFER_MS)
    const ref = { link, id, timestampNs }
    this.#hand.take({ name, meta, body, ref, deliveries: attempts }, Math.max(0, steps - 1))
    // It was under way when the others went back.
    if (this.#isGivenBack) for (const { ref: late } of this.#hand.empty()) connection.send(`REQ ${late.id} 0`)
  }

  #touch(): void {
    for (const { ref } of this.#hand.all) ref.link.connection.send(`TOUCH ${ref.id}`)
  }

  /** Tells every nsqd how many of its messages we are ready to hold, those in hand included. */
  #share(): void {
    if (this.#isClosed) return
    const links = [...this.#links.values()].filter((link) => link !== 'opening')
    const each = Math.floor(this.#hand.limit(this.#window) / Math.max(1, links.length))
    for (const link of links) {
      const ready = Math.min(Math.max(this.#window > 0 ? 1 : 0, each), link.connection.identity.max_rdy_count)
      if (ready === link.ready) continue
      link.ready = ready
      link.connection.send(`RDY ${ready}`)
    }
  }
}
