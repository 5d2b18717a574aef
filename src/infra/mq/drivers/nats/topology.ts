import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import type { NatsLink } from './link.ts'
import type { Names } from './names.ts'
import type { NatsSettings } from './params.ts'

const NANOS_PER_MS = 1_000_000
const DEAD_LETTER_MS = 7 * 86_400_000
const isMissing = (err: unknown): boolean => err instanceof JetStreamApiError && err.status === 404
/** Another process was quicker. */
const isThere = (err: unknown): boolean =>
  err instanceof JetStreamApiError && (err.code === 10058 || err.code === 10148)

/** Makes streams and consumers what the settings ask for. Repeating it costs two questions and changes nothing. */
export class Topology {
  readonly #link: NatsLink
  readonly #names: Names
  readonly #settings: NatsSettings
  readonly #topics = new Map<string, Set<string>>()

  constructor(link: NatsLink, names: Names, settings: NatsSettings) {
    this.#link = link
    this.#names = names
    this.#settings = settings
  }

  get groups(): { topic: string; group: string }[] {
    return [...this.#topics].flatMap(([topic, groups]) => [...groups].map((group) => ({ topic, group })))
  }

  async declare(topic: string, groups: readonly string[]): Promise<void> {
    const all = new Set([...(this.#topics.get(topic) ?? []), ...groups])
    await this.#ensure(topic, all)
    this.#topics.set(topic, all)
  }

  /** Makes again what a server has lost. */
  async restore(topic: string): Promise<void> {
    await this.#ensure(topic, this.#topics.get(topic) ?? new Set())
  }

  async #ensure(topic: string, groups: ReadonlySet<string>): Promise<void> {
    const { deadStream, deadSubjects } = this.#names
    const { max_age: maxAgeMs } = this.#settings
    await this.#stream(deadStream, deadSubjects, DEAD_LETTER_MS)
    const stream = this.#names.stream(topic)
    await this.#stream(stream, this.#names.subject(topic), maxAgeMs)
    for (const group of groups) await this.#consumer(stream, this.#names.consumer(group))
  }

  /**
   * Messages stay for their time, treated or not. Removing them with the interest of their consumers would free the disk
   * sooner, but a server that shuts down then drops what it accepts after it has stopped its consumers.
   */
  async #stream(name: string, subject: string, maxAgeMs: number): Promise<void> {
    const { streams } = this.#link.jsm
    const wanted = { max_age: maxAgeMs * NANOS_PER_MS, num_replicas: this.#settings.replicas }
    const found = await streams.info(name).catch((err: unknown) => {
      if (isMissing(err)) return undefined
      throw err
    })
    if (found === undefined) {
      const fixed = {
        name,
        subjects: [subject],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.New,
      }
      await streams.add({ ...fixed, ...wanted }).catch((err: unknown) => {
        if (!isThere(err)) throw err
      })
    } else if (found.config.max_age !== wanted.max_age || found.config.num_replicas !== wanted.num_replicas) {
      await streams.update(name, { ...found.config, ...wanted })
    }
  }

  async #consumer(stream: string, name: string): Promise<void> {
    const { consumers } = this.#link.jsm
    const ackWait = this.#settings.ack_wait * NANOS_PER_MS
    const found = await consumers.info(stream, name).catch((err: unknown) => {
      if (isMissing(err)) return undefined
      throw err
    })
    if (found !== undefined) {
      if (found.config.ack_wait !== ackWait) await consumers.update(stream, name, { ack_wait: ackWait })
      return
    }
    const config: Partial<ConsumerConfig> = {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.New,
      replay_policy: ReplayPolicy.Instant,
      ack_wait: ackWait,
      max_deliver: -1,
      // Messages that wait for another attempt count here; they must not stop the others.
      max_ack_pending: -1,
    }
    await consumers.add(stream, config).catch((err: unknown) => {
      if (!isThere(err)) throw err
    })
  }
}
