import { AppError, type ErrorCode } from '../../../../base/errors.ts'
import type { Health } from '../../../../base/health.ts'
import type {
  DriverFilter,
  DriverPage,
  DriverQuery,
  FieldValue,
  IndexedDocument,
  IndexInfo,
  IndexSpec,
  SearchDocument,
  SearchDriver,
} from '../../driver.ts'
import { IndexCache } from './index-cache.ts'
import { query } from './query.ts'
import type { FetchedRow, Store, StoredIndex } from './store.ts'
import { floatsOf } from './vector-bytes.ts'
import { Writer } from './writer.ts'

/** Documents that `scan` fetches at a time. */
const PAGE = 256

/**
 * The driver that the embedded providers share: a store keeps the truth, indexes in memory answer. Built by
 * `embeddedSearch`, which reads the list of indexes first.
 */
class EmbeddedSearch implements SearchDriver {
  readonly features: ReadonlySet<string> = new Set(['text', 'vector'])
  readonly #store: Store
  readonly #cache: IndexCache
  readonly #writer: Writer
  readonly #indexes: Map<string, StoredIndex>
  #nextNum: number

  constructor(store: Store, indexes: readonly StoredIndex[], cacheBytes: number) {
    this.#store = store
    this.#cache = new IndexCache(store, cacheBytes)
    this.#writer = new Writer(store, this.#cache)
    this.#indexes = new Map(indexes.map((index) => [index.name, index]))
    this.#nextNum = indexes.reduce((most, { num }) => Math.max(most, num), 0) + 1
  }

  ensureIndex(name: string, spec: IndexSpec): Promise<void> {
    return this.#writer.alone(async () => {
      const old = this.#indexes.get(name)
      const texts = Object.keys(spec.fields).filter((field) => spec.fields[field]?.type === 'text')
      const index: StoredIndex = {
        num: old?.num ?? this.#nextNum++,
        name,
        spec,
        textFields: [...new Set([...(old?.textFields ?? []), ...texts])],
      }
      if (old === undefined) await this.#store.create(index)
      else if (JSON.stringify(old) !== JSON.stringify(index)) await this.#store.extend(index)
      this.#indexes.set(name, index)
      await this.#cache.extend(index)
    })
  }

  dropIndex(name: string): Promise<void> {
    return this.#writer.alone(async () => {
      const index = this.#indexes.get(name)
      if (index === undefined) return
      await this.#store.drop(index)
      this.#indexes.delete(name)
      this.#cache.forget(index)
    })
  }

  async indexes(only?: string): Promise<IndexInfo[]> {
    const found =
      only === undefined ? [...this.#indexes.values()] : [this.#indexes.get(only)].filter((i) => i !== undefined)
    const list = found.map(({ name, spec }) => ({ name, spec }))
    return list.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  put(name: string, docs: readonly IndexedDocument[]): Promise<void> {
    return this.#writer.change(
      () => this.#find(name),
      docs.length,
      (plan) => {
        for (const doc of docs) plan.put(doc)
      },
    )
  }

  modify(name: string, id: string, change: (now: SearchDocument | undefined) => IndexedDocument): Promise<void> {
    return this.#writer.change(
      () => this.#find(name),
      1,
      async (plan) => {
        const planned = plan.changed(id)
        const now = planned === undefined ? (await this.get(name, [id], { vectors: true }))[0] : (planned ?? undefined)
        plan.put(change(now))
      },
    )
  }

  delete(name: string, which: { ids: readonly string[] } | { filter: DriverFilter }): Promise<number> {
    const find = () => this.#find(name)
    if ('ids' in which)
      return this.#writer.change(find, which.ids.length, (plan) => which.ids.filter((id) => plan.remove(id)).length)
    return this.#writer.change(find, 0, (plan) => plan.removeWhere(which.filter), 'first')
  }

  get(name: string, ids: readonly string[], o: { vectors: boolean }): Promise<(SearchDocument | undefined)[]> {
    return this.#read(name, async (index) => {
      const docs = new Map<string, SearchDocument>()
      // A version may be replaced and tidied away between the look-up and the fetch; its successor is there then.
      for (let tries = 0; tries < 3; tries++) {
        const wanted = ids.filter((id) => !docs.has(id))
        const seqs = await this.#cache.use(index, (memory) => wanted.flatMap((id) => memory.seqOf(id) ?? []))
        if (seqs.length === 0) break
        for (const row of await this.#store.fetch(index, seqs, o)) docs.set(row.id, documentOf(row))
      }
      return ids.map((id) => docs.get(id))
    })
  }

  search(name: string, question: DriverQuery): Promise<DriverPage> {
    return this.#read(name, (index) => this.#cache.use(index, (memory) => query(memory, question)))
  }

  /** Goes through the ids of the start, so that a document that is changed meanwhile comes once. */
  async *scan(name: string): AsyncIterable<SearchDocument> {
    const ids = await this.#read(name, (index) => this.#cache.use(index, (memory) => memory.liveIds()))
    for (let i = 0; i < ids.length; i += PAGE) {
      const docs = await this.get(name, ids.slice(i, i + PAGE), { vectors: true })
      for (const doc of docs) if (doc !== undefined) yield doc
    }
  }

  async health(): Promise<Omit<Health, 'provider' | 'latencyMs'>> {
    const health = await this.#store.health()
    return {
      ...health,
      checks: {
        ...health.checks,
        indexes: this.#indexes.size,
        indexesInMemory: this.#cache.count,
        memoryBytes: this.#cache.sizeBytes,
        writesWaiting: this.#writer.waiting,
      },
    }
  }

  codeOf(err: unknown): ErrorCode {
    return this.#store.codeOf(err)
  }

  async close(): Promise<void> {
    await this.#writer.close()
    await this.#store.close()
  }

  #find(name: string): StoredIndex {
    const index = this.#indexes.get(name)
    if (index === undefined) throw missing(name)
    return index
  }

  /** Runs a read. One that fails since the index was dropped meanwhile says so. */
  async #read<T>(name: string, work: (index: StoredIndex) => Promise<T>): Promise<T> {
    const index = this.#find(name)
    try {
      return await work(index)
    } catch (err) {
      throw this.#indexes.get(name)?.num === index.num ? err : missing(name)
    }
  }
}

const missing = (name: string): AppError =>
  new AppError('not_found', `there is no index "${name}"`, { details: { index: name } })

/**
 * A driver over a store. `cacheBytes` bounds the indexes that are kept in memory together. Takes the store over:
 * closing the driver closes it.
 */
export async function embeddedSearch(store: Store, cacheBytes: number): Promise<SearchDriver> {
  try {
    return new EmbeddedSearch(store, await store.list(), cacheBytes)
  } catch (err) {
    await store.close()
    throw err
  }
}

function documentOf(row: FetchedRow): SearchDocument {
  const doc: SearchDocument = { id: row.id, fields: JSON.parse(row.fields) as Record<string, FieldValue> }
  if (row.vector !== null) doc.vector = floatsOf(row.vector)
  return doc
}
