import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeadLetter } from '../../driver.ts'
import type { Meta } from '../broker/meta.ts'
import type { Cluster, Node } from './cluster.ts'
import { NsqConnection, type NsqMessage } from './connection.ts'
import { seal, unseal } from './envelope.ts'
import { LETTERS, type Names } from './names.ts'
import type { NsqSettings } from './params.ts'
import type { Producer } from './producer.ts'

const DEAD_LETTER_MS = 7 * 86_400_000
/** What one connection may hold, and how many connections are used on one nsqd. */
const MAX_HELD = 2_500
const MAX_CONNECTIONS = 4
/** How long the next letter may take. */
const SILENCE_MS = 1_000
const END_MS = 2_000

type Grave = { letterId: string; attempts: number; reason: string; deadAtMs: number; diedIn: [string, string] }
type Fresh = { topic: string; group: string; attempts: number; reason: string; meta: Meta; body: Uint8Array }
type Found = { letter: DeadLetter; meta: Meta; keep(): void; remove(): void }

/**
 * Dead letters. nsqd can neither list a queue nor look into it, so each group's letters are a topic of their own, and
 * whoever wants to see them takes all of them for a moment and gives them back.
 */
export class NsqDeadLetters {
  readonly #cluster: Cluster
  readonly #producer: Producer
  readonly #names: Names
  readonly #settings: NsqSettings
  /** One reader at a time: two would see a part each. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(cluster: Cluster, producer: Producer, names: Names, settings: NsqSettings) {
    this.#cluster = cluster
    this.#producer = producer
    this.#names = names
    this.#settings = settings
  }

  async add({ topic, group, attempts, reason, meta, body }: Fresh): Promise<void> {
    const grave: Grave = { letterId: randomUUID(), attempts, reason, deadAtMs: Date.now(), diedIn: [topic, group] }
    await this.#producer.publish(this.#names.dead(topic, group), [
      { bytes: seal({ ...meta, ...grave }, body), delayMs: 0 },
    ])
  }

  /** Oldest first. Those that are too old are removed. */
  list(topic: string, group: string): Promise<DeadLetter[]> {
    return this.#read(topic, group, async (found) => {
      const letters: DeadLetter[] = []
      for (const { letter, keep, remove } of found) {
        if (letter.deadAtMs < Date.now() - DEAD_LETTER_MS) {
          remove()
        } else {
          keep()
          letters.push(letter)
        }
      }
      return letters
    })
  }

  /** Puts those of the letters back that are there. */
  requeue(topic: string, group: string, ids: ReadonlySet<string>): Promise<number> {
    return this.#read(topic, group, async (found) => {
      let count = 0
      for (const { letter, meta, keep, remove } of found) {
        if (!ids.has(letter.id)) {
          keep()
          continue
        }
        const { id, key, headers, publishedAtMs } = meta
        const again: Meta = { id, ...(key === undefined ? {} : { key }), headers, publishedAtMs, only: group }
        await this.#producer.publish(this.#names.topic(topic), [{ bytes: seal(again, letter.body), delayMs: 0 }])
        remove()
        count++
      }
      return count
    })
  }

  #read<T>(topic: string, group: string, use: (found: Found[]) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#readNow(topic, group, use))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #readNow<T>(topic: string, group: string, use: (found: Found[]) => Promise<T>): Promise<T> {
    const name = this.#names.dead(topic, group)
    const connections: NsqConnection[] = []
    const found: Found[] = []
    try {
      for (const node of await this.#cluster.having(name)) await this.#take(node, name, connections, found)
      return await use(found.sort((x, y) => x.letter.deadAtMs - y.letter.deadAtMs))
    } finally {
      // What was neither kept nor removed goes back as well: by CLS, or when its time is over.
      await Promise.all(connections.map((connection) => connection.end(END_MS)))
    }
  }

  async #take(node: Node, name: string, connections: NsqConnection[], found: Found[]): Promise<void> {
    const [topic] = await this.#cluster.stats(node, name)
    const expected = (topic?.depth ?? 0) + (topic?.channels?.find((one) => one.channel_name === LETTERS)?.depth ?? 0)
    const before = found.length
    let heardAtMs = performance.now()
    for (let left = expected, at = 0; left > 0 && at < MAX_CONNECTIONS; at++, left -= MAX_HELD) {
      const holder: { connection?: NsqConnection } = {}
      const connection = await NsqConnection.open({
        address: node,
        timeoutMs: this.#settings.timeout,
        msgTimeoutMs: this.#settings.msg_timeout,
        authSecret: this.#settings.auth_secret,
        onMessage: (message) => {
          heardAtMs = performance.now()
          found.push(foundIn(message, (command) => holder.connection?.send(command)))
        },
      })
      holder.connection = connection
      connections.push(connection)
      await connection.call(`SUB ${name} ${LETTERS}`)
      connection.send(`RDY ${Math.min(left, MAX_HELD, connection.identity.max_rdy_count)}`)
    }
    const all = Math.min(expected, MAX_HELD * MAX_CONNECTIONS)
    while (found.length - before < all && performance.now() - heardAtMs < SILENCE_MS) await sleep(5)
    for (const connection of connections) connection.send('RDY 0')
  }
}

function foundIn({ id, body: bytes }: NsqMessage, send: (command: string) => void): Found {
  const { meta, body } = unseal<Grave>(bytes, id)
  const { letterId = id, attempts = 0, reason = '', deadAtMs = Date.now(), diedIn: [topic, group] = ['', ''] } = meta
  const { key, headers, publishedAtMs, id: messageId } = meta
  const names = { id: `${topic}/${group}/${letterId}`, topic, group, messageId }
  return {
    letter: { ...names, body, key, headers, attempts, reason, publishedAtMs, deadAtMs },
    meta,
    keep: () => send(`REQ ${id} 0`),
    remove: () => send(`FIN ${id}`),
  }
}
