import { setTimeout as sleep } from 'node:timers/promises'
import type { IndexedDocument, SearchDocument } from '../../driver.ts'
import { type Item, type Outcome, sendBulk } from './bulk.ts'
import { type Catalog, type Entry, missing } from './catalog.ts'
import { isConflict } from './errors.ts'
import type { Flavor, Http } from './http.ts'
import { bodyOf, keyOf } from './layout.ts'
import { fetchVersions } from './read.ts'

type Change = (now: SearchDocument | undefined) => IndexedDocument

/** One call that waits for its turn. `name` is the logical index. */
type Work =
  | { kind: 'put'; name: string; docs: readonly IndexedDocument[] }
  | { kind: 'delete'; name: string; ids: readonly string[] }
  | { kind: 'modify'; name: string; id: string; change: Change }
  | { kind: 'alone'; run(): Promise<number> }
type Call = Work & { resolve(count: number): void; reject(err: unknown): void }
type Writing = Exclude<Call, { kind: 'alone' }>
/** A call that was sent: with the entry it was written for. */
type Sent = { call: Writing; entry: Entry; count: number }

export type WriterOptions = {
  http: Http
  docs: string
  catalog: Catalog
  flavor: Flavor
  /** Removes what was written to a logical index that went away meanwhile. */
  sweep(uid: string): Promise<void>
}

/** Documents that are sent together at most; a call is never split between two. */
const MAX_TOGETHER = 1_000
const MAX_TRIES = 30

/**
 * Writes of one process, in the order of the calls. What comes while a request is under way goes together in the next
 * one, and one refresh serves all that were written before it; so many small calls cost little more than one.
 */
export class Writer {
  readonly #options: WriterOptions
  #queue: Call[] = []
  #running: Promise<void> | undefined
  readonly #finishing = new Set<Promise<void>>()
  #refreshing: Promise<void> = Promise.resolve()
  #nextRefresh: Promise<void> | undefined

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Resolves with how many documents a deletion has removed, once the next search sees it. */
  push(work: Work): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...work, resolve, reject })
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    })
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Makes searches see what has been written until now. */
  refresh(): Promise<void> {
    if (this.#nextRefresh !== undefined) return this.#nextRefresh
    const next = this.#refreshing
      .catch(() => undefined)
      .then(async () => {
        this.#nextRefresh = undefined
        await this.#options.http.call('POST', `/${this.#options.docs}/_refresh`)
      })
    this.#nextRefresh = next
    this.#refreshing = next
    return next
  }

  /** Resolves when everything that was pushed is done. */
  async settled(): Promise<void> {
    while (this.#running !== undefined || this.#finishing.size > 0)
      await Promise.allSettled([this.#running, ...this.#finishing])
  }

  async #run(): Promise<void> {
    for (let first = this.#queue.shift(); first !== undefined; first = this.#queue.shift()) {
      if (first.kind === 'alone') {
        await Promise.allSettled(this.#finishing)
        await first.run().then(first.resolve, first.reject)
      } else {
        await this.#send(this.#together(first))
      }
    }
  }

  /** The calls that go with this one: the next ones in the queue, as long as they are of its kind. */
  #together(first: Writing): Writing[] {
    const calls = [first]
    let size = sizeOf(first)
    for (let next = this.#queue[0]; next !== undefined && next.kind !== 'alone'; next = this.#queue[0]) {
      size += sizeOf(next)
      if ((next.kind === 'modify') !== (first.kind === 'modify') || size > MAX_TOGETHER) break
      calls.push(next)
      this.#queue.shift()
    }
    return calls
  }

  async #send(calls: readonly Writing[]): Promise<void> {
    const ready: { call: Writing; entry: Entry }[] = []
    for (const call of calls) {
      try {
        ready.push({ call, entry: await this.#options.catalog.find(call.name) })
      } catch (err) {
        call.reject(err)
      }
    }
    if (ready.length === 0) return
    try {
      const sent = ready[0]?.call.kind === 'modify' ? await this.#modify(ready) : await this.#write(ready)
      const finish = this.#finish(sent).finally(() => this.#finishing.delete(finish))
      this.#finishing.add(finish)
    } catch (err) {
      for (const { call } of ready) call.reject(err)
    }
  }

  async #write(ready: readonly { call: Writing; entry: Entry }[]): Promise<Sent[]> {
    const { http, docs, flavor } = this.#options
    const lists = ready.map(({ call, entry }): Item[] => {
      if (call.kind === 'delete') return call.ids.map((id) => ({ key: keyOf(entry.uid, id), uid: entry.uid }))
      if (call.kind !== 'put') return []
      return call.docs.map((doc) => ({
        key: keyOf(entry.uid, doc.id),
        uid: entry.uid,
        body: bodyOf(entry.uid, doc, entry.spec, flavor),
      }))
    })
    const outcomes = await sendBulk(http, docs, lists.flat())
    let at = 0
    return ready.flatMap(({ call, entry }, i): Sent[] => {
      const own = outcomes.slice(at, at + (lists[i]?.length ?? 0))
      at += own.length
      const failed = own.find((outcome) => outcome.failed !== undefined)?.failed
      if (failed === undefined) return [{ call, entry, count: own.filter(({ deleted }) => deleted).length }]
      call.reject(failed)
      return []
    })
  }

  /** Reads, changes and writes back, each document only if it is still what was read; otherwise once more. */
  async #modify(ready: readonly { call: Writing; entry: Entry }[]): Promise<Sent[]> {
    const { http, docs, flavor } = this.#options
    const done: Sent[] = []
    let left = ready.flatMap(({ call, entry }) => (call.kind === 'modify' ? [{ call, entry }] : []))
    for (let tries = 0; left.length > 0; tries++) {
      const keys = [...new Set(left.map(({ call, entry }) => keyOf(entry.uid, call.id)))]
      const uidOf = new Map(left.map(({ call, entry }) => [keyOf(entry.uid, call.id), entry.uid]))
      const versions = await fetchVersions(http, docs, keys, (key) => uidOf.get(key) ?? '')
      const items = new Map<string, Item>()
      const states = new Map(keys.map((key, i) => [key, versions[i]?.doc]))
      const changed: typeof left = []
      for (const { call, entry } of left) {
        const key = keyOf(entry.uid, call.id)
        try {
          const doc = call.change(states.get(key))
          const expected = versions[keys.indexOf(key)]?.version ?? 'absent'
          items.set(key, { key, uid: entry.uid, body: bodyOf(entry.uid, doc, entry.spec, flavor), expected })
          states.set(key, doc)
          changed.push({ call, entry })
        } catch (err) {
          call.reject(err)
        }
      }
      const outcomes = await sendBulk(http, docs, [...items.values()])
      const byKey = new Map([...items.keys()].map((key, i): [string, Outcome | undefined] => [key, outcomes[i]]))
      left = changed.filter(({ call, entry }) => {
        const failed = byKey.get(keyOf(entry.uid, call.id))?.failed
        if (failed === undefined) done.push({ call, entry, count: 0 })
        else if (isConflict(failed) && tries < MAX_TRIES) return true
        else call.reject(failed)
        return false
      })
      if (left.length > 0) await sleep(Math.random() * Math.min(200, 5 * 2 ** tries))
    }
    return done
  }

  /** Waits until searches see it, and looks whether the logical indexes are still those that were written to. */
  async #finish(sent: readonly Sent[]): Promise<void> {
    try {
      const names = [...new Set(sent.map(({ entry }) => entry.name))]
      const [now] = await Promise.all([
        names.length === 0 ? new Map() : this.#options.catalog.fresh(names),
        this.refresh(),
      ])
      const dead = new Set<string>()
      for (const { call, entry, count } of sent) {
        const uid = (now as Map<string, Entry>).get(entry.name)?.uid
        if (uid === entry.uid) {
          call.resolve(count)
          continue
        }
        dead.add(entry.uid)
        // Made anew by another process: there it belongs now.
        if (uid !== undefined) this.push(call).then(call.resolve, call.reject)
        else call.reject(missing(entry.name))
      }
      for (const uid of dead) await this.#options.sweep(uid).catch(() => undefined)
    } catch (err) {
      for (const { call } of sent) call.reject(err)
    }
  }
}

const sizeOf = (call: Writing): number =>
  call.kind === 'put' ? call.docs.length : call.kind === 'delete' ? Math.ceil(call.ids.length / 10) : 1
