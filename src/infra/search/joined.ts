import { AppError, type ErrorCode } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import type {
  DriverFilter,
  DriverPage,
  DriverQuery,
  IndexedDocument,
  IndexInfo,
  IndexSpec,
  SearchDocument,
  SearchDriver,
  VectorDriver,
  VectorIndex,
} from './driver.ts'

/** How many ids a filter may become that only the one driver understands. */
const MAX_IDS = 10_000
const SCAN_PAGE = 256

/**
 * Two drivers as one: `documents` keeps everything but the vectors, lists, filters and ranks texts; `vectors` ranks
 * vectors. A write goes to both at the same time and fails when either does; made again, it heals what was half done. What
 * only one of them has is never an answer: a hit without its document is passed over by the front.
 */
export class JoinedDriver implements SearchDriver {
  readonly features: ReadonlySet<string>
  readonly #documents: SearchDriver
  readonly #vectors: VectorDriver
  readonly #indexes = new Map<string, VectorIndex | null>()
  readonly #lanes = new Map<string, Lane>()

  constructor(documents: SearchDriver, vectors: VectorDriver) {
    this.#documents = documents
    this.#vectors = vectors
    this.features = new Set([...documents.features, ...vectors.features])
  }

  async ensureIndex(name: string, spec: IndexSpec): Promise<void> {
    const index = indexOf(name, spec)
    if (index !== null) await this.#vectors.ensureIndex(index)
    await this.#documents.ensureIndex(name, spec)
    this.#indexes.set(name, index)
  }

  /** First the documents, since without them nothing is found. */
  async dropIndex(name: string): Promise<void> {
    this.#indexes.delete(name)
    await this.#lane(name).alone(async () => {
      await this.#documents.dropIndex(name)
      await this.#vectors.dropIndex(name)
    })
    this.#lanes.delete(name)
  }

  indexes(only?: string): Promise<IndexInfo[]> {
    return this.#documents.indexes(only)
  }

  async put(name: string, docs: readonly IndexedDocument[]): Promise<void> {
    const index = await this.#index(name)
    await this.#lane(name).along(() =>
      both(
        index === null ? Promise.resolve() : this.#vectors.put(index, docs),
        this.#documents.put(name, docs.map(withoutVector)),
      ),
    )
  }

  async modify(name: string, id: string, change: (now: SearchDocument | undefined) => IndexedDocument): Promise<void> {
    const index = await this.#index(name)
    if (index === null) return this.#documents.modify(name, id, change)
    await this.#lane(name).alone(async () => {
      const [vector] = await this.#vectors.get(index, [id])
      let changed: IndexedDocument | undefined
      await this.#documents.modify(name, id, (now) => {
        changed = change(now === undefined || vector === undefined ? now : { ...now, vector })
        return withoutVector(changed)
      })
      if (changed !== undefined) await this.#vectors.put(index, [changed])
    })
  }

  async delete(name: string, which: { ids: readonly string[] } | { filter: DriverFilter }): Promise<number> {
    const index = await this.#index(name)
    if (index === null) return this.#documents.delete(name, which)
    if ('ids' in which) {
      const { ids } = which
      return this.#lane(name).along(async () => {
        const [count] = await both(this.#documents.delete(name, { ids }), this.#vectors.delete(index, ids))
        return count
      })
    }
    return this.#lane(name).alone(async () => {
      let count = 0
      for (;;) {
        const { hits } = await this.#documents.search(name, { filter: which.filter, limit: MAX_IDS })
        if (hits.length === 0) return count
        const ids = hits.map(({ id }) => id)
        const [deleted] = await both(this.#documents.delete(name, { ids }), this.#vectors.delete(index, ids))
        count += deleted
      }
    })
  }

  async get(name: string, ids: readonly string[], o: { vectors: boolean }): Promise<(SearchDocument | undefined)[]> {
    const index = o.vectors ? await this.#index(name) : null
    const [docs, vectors] = await Promise.all([
      this.#documents.get(name, ids, { vectors: false }),
      index === null ? [] : this.#vectors.get(index, ids),
    ])
    return docs.map((doc, i) => withVector(doc, vectors[i]))
  }

  async search(name: string, query: DriverQuery): Promise<DriverPage> {
    const { vector, filter } = query
    if (vector === undefined) return this.#documents.search(name, query)
    const index = await this.#index(name)
    if (index === null) return { hits: [], total: 0 }
    if (filter === undefined || this.#vectors.supports(filter)) return this.#vectors.search(index, { ...query, vector })
    const { hits, total } = await this.#documents.search(name, { filter, limit: MAX_IDS })
    if (total > MAX_IDS)
      throw new AppError(
        'out_of_range',
        `the filter matches ${total} documents; with vectors apart, one that looks into texts may match ${MAX_IDS}`,
      )
    return this.#vectors.search(index, { ...query, vector, filter: { op: 'ids', ids: hits.map(({ id }) => id) } })
  }

  async *scan(name: string): AsyncIterable<SearchDocument> {
    const index = await this.#index(name)
    let page: SearchDocument[] = []
    for await (const doc of this.#documents.scan(name)) {
      page.push(doc)
      if (page.length < SCAN_PAGE) continue
      yield* await this.#complete(index, page)
      page = []
    }
    yield* await this.#complete(index, page)
  }

  health(): Promise<Omit<Health, 'provider' | 'latencyMs'>> {
    return this.#documents.health()
  }

  codeOf(err: unknown): ErrorCode {
    const code = this.#documents.codeOf(err)
    return code === 'unknown' ? this.#vectors.codeOf(err) : code
  }

  async close(): Promise<void> {
    await both(this.#documents.close(), this.#vectors.close())
  }

  async #complete(index: VectorIndex | null, docs: readonly SearchDocument[]): Promise<SearchDocument[]> {
    if (index === null || docs.length === 0) return [...docs]
    const vectors = await this.#vectors.get(
      index,
      docs.map(({ id }) => id),
    )
    return docs.flatMap((doc, i) => withVector(doc, vectors[i]) ?? [])
  }

  /** `null` for an index without vectors. Throws `not_found` when there is no such index. */
  async #index(name: string): Promise<VectorIndex | null> {
    const known = this.#indexes.get(name)
    if (known !== undefined) return known
    const [info] = await this.#documents.indexes(name)
    if (info === undefined) throw new AppError('not_found', `there is no index "${name}"`, { details: { index: name } })
    const index = indexOf(name, info.spec)
    this.#indexes.set(name, index)
    return index
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? new Lane()
    this.#lanes.set(name, lane)
    return lane
  }
}

/**
 * The order of the writes of one index: those that go `along` start at once, one behind the other; one that must be
 * `alone` waits for all before it, and all behind it wait.
 */
class Lane {
  #before: Promise<unknown> = Promise.resolve()
  readonly #running = new Set<Promise<unknown>>()

  async along<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#before
    // Who comes next may not overtake.
    const started = turn.then(() => {
      const running = work()
      this.#running.add(running)
      const done = () => void this.#running.delete(running)
      running.then(done, done)
      return { running }
    })
    this.#before = started.catch(() => undefined)
    return (await started).running
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#before.then(() => Promise.allSettled(this.#running)).then(work)
    this.#before = turn.catch(() => undefined)
    return turn
  }
}

/** Waits for both, also when one fails, so that nothing goes on behind an error. Throws the first one. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
  return [first.value, second.value]
}

const indexOf = (name: string, spec: IndexSpec): VectorIndex | null =>
  spec.vector === undefined ? null : { name, dims: spec.vector.dims }

function withoutVector({ vector: _vector, ...doc }: IndexedDocument): IndexedDocument {
  return doc
}

const withVector = (doc: SearchDocument | undefined, vector: Float32Array | undefined): SearchDocument | undefined =>
  doc === undefined || vector === undefined ? doc : { ...doc, vector }
