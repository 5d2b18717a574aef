import type { DeadLetter } from '../../driver.ts'
import type { Meta } from '../broker/meta.ts'
import type { NatsLink } from './link.ts'
import { metaIn, natsHeaders } from './message.ts'
import type { Names } from './names.ts'
import { checkStored } from './store.ts'

type Grave = { topic: string; group: string; attempts: number; reason: string; deadAtMs: number }
type Fresh = Omit<Grave, 'deadAtMs'> & { name: string; meta: Meta; body: Uint8Array }

/** Dead letters of all topics, in a stream of their own that forgets after seven days. */
export class NatsDeadLetters {
  readonly #link: NatsLink
  readonly #names: Names

  constructor(link: NatsLink, names: Names) {
    this.#link = link
    this.#names = names
  }

  async add({ topic, group, attempts, reason, name, meta, body }: Fresh): Promise<void> {
    const grave: Grave = { topic, group, attempts, reason, deadAtMs: Date.now() }
    // Of one message in the stream there is one letter, also when the acknowledgement behind it is lost.
    const once = `${topic}/${group}/${name}`
    await this.#store(this.#names.deadSubject(topic, group), body, natsHeaders(meta, grave, once))
  }

  /** Oldest first. */
  async *list(topic: string, group: string): AsyncIterable<DeadLetter> {
    const subject = this.#names.deadSubject(topic, group)
    for (let seq = 1; ; ) {
      const found = await this.#find({ seq, next_by_subj: subject })
      if (found === null) return
      const { id: messageId, key, headers, publishedAtMs, ...rest } = found.meta
      const { attempts = 0, reason = '', deadAtMs = publishedAtMs } = rest
      const names = { id: `${found.seq}/${messageId}`, topic, group, messageId }
      yield { ...names, body: found.body, key, headers, attempts, reason, publishedAtMs, deadAtMs }
      seq = found.seq + 1
    }
  }

  async requeue(ids: readonly string[]): Promise<number> {
    let count = 0
    for (const id of ids) if (await this.#requeue(id)) count++
    return count
  }

  async count(): Promise<number> {
    return (await this.#link.jsm.streams.info(this.#names.deadStream)).state.messages
  }

  async #requeue(id: string): Promise<boolean> {
    const [, seq, messageId] = /^([1-9]\d{0,15})\/(.+)$/.exec(id) ?? []
    if (seq === undefined) return false
    const found = await this.#find({ seq: Number(seq) })
    if (found === null || found.meta.id !== messageId) return false
    const { id: sameId, key, headers, publishedAtMs, topic = '', group = '' } = found.meta
    const meta: Meta = { id: sameId, ...(key === undefined ? {} : { key }), headers, publishedAtMs, only: group }
    await this.#store(this.#names.subject(topic), found.body, natsHeaders(meta, {}, `again/${id}`))
    try {
      return await this.#link.jsm.streams.deleteMessage(this.#names.deadStream, found.seq, false)
    } catch (err) {
      // Somebody else was quicker; the message was put back once.
      if ((await this.#find({ seq: found.seq })) === null) return false
      throw err
    }
  }

  async #find(query: { seq: number; next_by_subj?: string }) {
    const found = await this.#link.jsm.streams.getMessage(this.#names.deadStream, query)
    if (found === null) return null
    return { seq: found.seq, body: found.data, meta: metaIn<Grave>(found.header, '') }
  }

  async #store(subject: string, body: Uint8Array, headers: ReturnType<typeof natsHeaders>): Promise<void> {
    checkStored(await this.#link.request(subject, body, headers))
  }
}
