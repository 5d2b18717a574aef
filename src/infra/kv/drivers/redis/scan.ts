import { isUtf8 } from 'node:buffer'
import type { Wire } from './connection.ts'

/** Keys that are held for the next pages of one walk. */
const MAX_HELD = 100_000
const MAX_WALKS = 4
const COUNT = '1000'

type Send = (wire: Wire) => Promise<unknown>
/** Keys in order, as bytes in Latin-1, whose order is that of the bytes; `more`: there are others behind the last. */
type Found = { keys: string[]; more: boolean }

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
const byByte = (a: string, b: string): number => (a < b ? -1 : 1)

/**
 * Pages of keys in the order of their bytes. Redis gives them in none, so the first page of a walk looks at all keys and
 * the rest is kept for the pages behind it; where that has gone, all keys are looked at again.
 */
export class Walks {
  readonly #send: Send
  readonly #base: string
  readonly #held = new Map<string, Found>()

  /** `base` stands before every key on the server. */
  constructor(send: Send, base: string) {
    this.#send = send
    this.#base = base
  }

  async page(prefix: string, after: string | undefined, limit: number): Promise<string[]> {
    const page: string[] = []
    let last = after === undefined ? '' : latin1(this.#base + after)
    let found = this.#take(prefix, last)
    while (page.length < limit) {
      if (found.keys.length === 0) {
        if (!found.more) break
        found = await this.#collect(prefix, last)
        continue
      }
      const part = found.keys.splice(0, limit - page.length)
      last = part.at(-1) ?? last
      page.push(...(await this.#live(part)))
    }
    const end = page.at(-1)
    if (end !== undefined) this.#keep(prefix, latin1(this.#base + end), found)
    return page
  }

  /** How many keys there are. */
  async size(): Promise<number> {
    const seen = new Set<string>()
    for await (const key of this.#all('')) seen.add(key)
    return seen.size
  }

  #take(prefix: string, last: string): Found {
    const id = `${prefix}\0${last}`
    const held = this.#held.get(id)
    this.#held.delete(id)
    return held ?? { keys: [], more: true }
  }

  #keep(prefix: string, last: string, found: Found): void {
    this.#held.set(`${prefix}\0${last}`, found)
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MAX_WALKS) break
      this.#held.delete(oldest)
    }
  }

  async #collect(prefix: string, after: string): Promise<Found> {
    const seen = new Set<string>()
    let more = false
    for await (const key of this.#all(prefix)) {
      if (key <= after) continue
      seen.add(key)
      if (seen.size < 2 * MAX_HELD) continue
      more = true
      for (const far of [...seen].sort(byByte).slice(MAX_HELD)) seen.delete(far)
    }
    const keys = [...seen].sort(byByte)
    if (more) keys.splice(MAX_HELD)
    return { keys, more }
  }

  async *#all(prefix: string): AsyncGenerator<string> {
    const pattern = `${(this.#base + prefix).replace(/[\\*?[\]]/g, '\\$&')}*`
    let cursor = '0'
    do {
      const [next, keys] = (await this.#send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', COUNT])) as [Buffer, Buffer[]]
      cursor = String(next)
      for (const key of keys) if (isUtf8(key)) yield key.toString('latin1')
    } while (cursor !== '0')
  }

  async #live(keys: readonly string[]): Promise<string[]> {
    const names = keys.map((key) => Buffer.from(key, 'latin1'))
    const there = await Promise.all(names.map((name) => this.#send(['EXISTS', name])))
    return names.flatMap((name, at) => (there[at] === '1' ? [name.toString().slice(this.#base.length)] : []))
  }
}
