import type { Cluster, Node } from './cluster.ts'
import { NsqConnection } from './connection.ts'
import { NsqError } from './error.ts'
import type { NsqSettings } from './params.ts'

/** nsqd takes 5 MiB in one command unless told otherwise. */
const MAX_BATCH_BYTES = 4_000_000
const MAX_BATCH = 500

export type Sealed = { readonly bytes: Buffer; readonly delayMs: number }

/**
 * Sends messages to one nsqd of the URI at a time, so that they keep their order, and to the next one when it is away.
 * Before the first message to an nsqd all topics are made there: without its channels a topic would keep messages for
 * whoever comes first.
 */
export class Producer {
  readonly #cluster: Cluster
  readonly #settings: NsqSettings
  readonly #topics = new Map<string, Set<string>>()
  /** The nsqd in use, its connection, and what was made there through it. */
  #current: { node: Node; connection: NsqConnection; made: Set<string> } | undefined
  #opening: Promise<void> | undefined
  #isClosed = false

  constructor(cluster: Cluster, settings: NsqSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  /** Makes topics wherever it can; throws when that is nowhere. */
  async declare(topics: readonly { topic: string; channels: readonly string[] }[]): Promise<void> {
    const nodes = await this.#cluster.ours()
    const made = await Promise.allSettled(
      nodes.map(async (node) => {
        for (const { topic, channels } of topics) await this.#cluster.create(node, topic, channels)
      }),
    )
    const first = made.find((one) => one.status === 'rejected')
    if (first !== undefined && made.every(({ status }) => status === 'rejected')) throw first.reason
    for (const { topic, channels } of topics)
      this.#topics.set(topic, new Set([...(this.#topics.get(topic) ?? []), ...channels]))
  }

  /** Resolves when nsqd has taken all of them, in this order. */
  async publish(topic: string, messages: readonly Sealed[]): Promise<void> {
    const connection = await this.#ready(topic)
    for (const batch of batchesOf(messages)) {
      const [first] = batch
      if (first !== undefined && first.delayMs > 0) await connection.call(`DPUB ${topic} ${first.delayMs}`, first.bytes)
      else await connection.call(`MPUB ${topic}`, packed(batch))
    }
  }

  /** The version of nsqd, and its limits, as it introduced itself. */
  get identity(): NsqConnection['identity'] | undefined {
    return this.#current?.connection.identity
  }

  async connect(): Promise<void> {
    if (this.#isClosed) throw new NsqError('unavailable', 'the queue is closing')
    if (this.#current?.connection.isOpen) return
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    await this.#opening
  }

  close(): void {
    this.#isClosed = true
    this.#current?.connection.destroy()
  }

  async #ready(topic: string): Promise<NsqConnection> {
    await this.connect()
    const current = this.#current
    if (current === undefined) throw new NsqError('unavailable', 'the connection to nsqd is lost')
    if (!current.made.has(topic)) {
      await this.#cluster.create(current.node, topic, [...(this.#topics.get(topic) ?? [])])
      current.made.add(topic)
    }
    return current.connection
  }

  async #open(): Promise<void> {
    const nodes = await this.#cluster.ours()
    // The one in use before comes last: it has just been lost.
    const lost = nodes.findIndex(({ id }) => id === this.#current?.node.id)
    const inTurn = [...nodes.slice(lost + 1), ...nodes.slice(0, lost + 1)]
    let last: unknown
    for (const node of inTurn) {
      try {
        const { timeout: timeoutMs, auth_secret: authSecret } = this.#settings
        const connection = await NsqConnection.open({ address: node, timeoutMs, authSecret })
        this.#current = { node, connection, made: new Set() }
        if (this.#isClosed) connection.destroy()
        return
      } catch (err) {
        last = err
      }
    }
    throw last
  }
}

/** Runs of messages for one command each: a delayed one alone, the others together. */
function* batchesOf(messages: readonly Sealed[]): Generator<Sealed[]> {
  let batch: Sealed[] = []
  let bytes = 0
  for (const message of messages) {
    const isFull = batch.length === MAX_BATCH || bytes + message.bytes.length > MAX_BATCH_BYTES
    if (batch.length > 0 && (isFull || message.delayMs > 0 || (batch[0]?.delayMs ?? 0) > 0)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += message.bytes.length + 4
  }
  if (batch.length > 0) yield batch
}

function packed(batch: readonly Sealed[]): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  return Buffer.concat([number(batch.length), ...batch.flatMap(({ bytes }) => [number(bytes.length), bytes])])
}
