import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import { Analyzer } from './analysis.ts'
import { applyPartial, checkId, indexDocument, type PartialDocument } from './documents.ts'
import type { FieldValue, Filter, IndexInfo, IndexSpec, SearchDocument, SearchDriver, VectorDriver } from './driver.ts'
import { compileFilter } from './filter.ts'
import { type RankedHit, rank } from './ranking.ts'
import { planFor, type SearchRequest, shapeOf } from './request.ts'
import { checkIndexName, checkSpec, extendSpec } from './spec.ts'

export type { PartialDocument } from './documents.ts'
export type {
  FieldType,
  FieldValue,
  Filter,
  IndexInfo,
  IndexSpec,
  Scalar,
  SearchDocument,
  Sort,
  SortValue,
} from './driver.ts'
export type { SearchRequest } from './request.ts'

/** A ranked document with its stored fields. */
export type SearchHit = RankedHit & { fields: Record<string, FieldValue> }

/** `total` counts every match, whatever the page; of a hybrid search the candidates that were fused. */
export type SearchResult = { hits: SearchHit[]; total: number }

export type SearchOptions = { signal?: AbortSignal }

/** How many documents go to the driver in one write; a batch is stored all or none. */
const PUT_BATCH = 200

/**
 * Full-text and vector search over named indexes. Analyses texts, checks everything against the index's spec,
 * normalises scores, fuses and merges; the driver stores and ranks. When a write has resolved it is durable and the
 * next search sees it. Every call on an index that is not there throws `not_found`.
 */
export class Search {
  readonly provider: string
  readonly features: ReadonlySet<string>
  readonly #driver: SearchDriver
  readonly #observer: Observer
  readonly #vectors: { driver: VectorDriver; observer: Observer } | undefined
  readonly #analyzer = new Analyzer()
  readonly #specs = new Map<string, IndexSpec>()
  #ensuring: Promise<unknown> = Promise.resolve()

  /** `vectors`: what the driver keeps vectors in, when it is a store of its own; only to be asked for its health. */
  constructor(driver: SearchDriver, provider: string, vectors?: { driver: VectorDriver; provider: string }) {
    this.#driver = driver
    this.provider = provider
    this.features = driver.features
    this.#observer = new Observer({ capability: 'search', provider, codeOf: (err) => driver.codeOf(err) })
    const codeOf = (err: unknown) => driver.codeOf(err)
    this.#vectors = vectors && {
      driver: vectors.driver,
      observer: new Observer({ capability: 'vector', provider: vectors.provider, codeOf }),
    }
  }

  /**
   * Creates the index unless it is there; new fields, a vector and meta entries are added to one that is. Documents
   * put before match a new field once they are put again. Throws `conflict` when a field's type, the vector's
   * length or a meta value would change.
   */
  async ensureIndex(index: string, spec: IndexSpec, o: SearchOptions = {}): Promise<void> {
    await this.#run('ensure_index', o.signal, async () => {
      checkIndexName(index)
      checkSpec(spec)
      const turn = this.#ensuring.then(async () => {
        const old = (await this.#driver.indexes(index))[0]?.spec
        const wanted = old === undefined ? spec : extendSpec(index, old, spec)
        await this.#driver.ensureIndex(index, wanted)
        this.#specs.set(index, wanted)
      })
      this.#ensuring = turn.catch(() => {})
      await turn
    })
  }

  /** Removes an index and all that is in it. Succeeds when it is absent. */
  async dropIndex(index: string, o: SearchOptions = {}): Promise<void> {
    await this.#run('drop_index', o.signal, async () => {
      checkIndexName(index)
      this.#specs.delete(index)
      await this.#driver.dropIndex(index)
    })
  }

  /** Every index with its spec, by name. */
  async indexes(o: SearchOptions = {}): Promise<IndexInfo[]> {
    return this.#run('list_indexes', o.signal, () => this.#driver.indexes())
  }

  /**
   * Creates or replaces documents. The last of several with one id wins. Everything is checked before anything is
   * written; batches of 200 are stored all or none, in order. Throws `invalid_argument` naming document and field,
   * `resource_exhausted` for one over 10 MiB or a full disk.
   */
  async put(index: string, docs: readonly SearchDocument[], o: SearchOptions = {}): Promise<void> {
    await this.#run('put', o.signal, async () => {
      const spec = await this.#spec(index)
      const last = [...new Map(docs.map((doc) => [doc.id, doc])).values()]
      const batches = []
      for (let i = 0; i < last.length; i += PUT_BATCH) {
        if (i > 0) await nextTurn()
        batches.push(last.slice(i, i + PUT_BATCH).map((doc) => indexDocument(doc, spec, this.#analyzer)))
      }
      for (const batch of batches) {
        this.#observer.check(o.signal)
        await this.#driver.put(index, batch)
      }
    })
  }

  /** Changes the named fields of one document and keeps the others. Throws `not_found` unless it is there or `upsert`. */
  async update(
    index: string,
    id: string,
    partial: PartialDocument,
    o: SearchOptions & { upsert?: boolean } = {},
  ): Promise<void> {
    await this.#run('update', o.signal, async () => {
      const spec = await this.#spec(index)
      checkId(id)
      await this.#driver.modify(index, id, (now) => {
        if (now === undefined && o.upsert !== true)
          throw new AppError('not_found', `index "${index}" has no document "${id}"`)
        return indexDocument(applyPartial(id, now, partial), spec, this.#analyzer)
      })
    })
  }

  /** Removes documents; ids that are not there are passed over. Returns how many were. */
  async delete(index: string, ids: readonly string[], o: SearchOptions = {}): Promise<number> {
    return this.#run('delete', o.signal, async () => {
      await this.#spec(index)
      return ids.length === 0 ? 0 : this.#driver.delete(index, { ids: [...new Set(ids)] })
    })
  }

  /** Removes every document that the filter matches. Returns how many. */
  async deleteWhere(index: string, filter: Filter, o: SearchOptions = {}): Promise<number> {
    return this.#run('delete_where', o.signal, async () => {
      const compiled = compileFilter(filter, await this.#spec(index), this.#analyzer)
      return this.#driver.delete(index, { filter: compiled })
    })
  }

  /** One document, with its vector; `null` when it is not there. */
  async get(index: string, id: string, o: SearchOptions = {}): Promise<SearchDocument | null> {
    return this.#run('get', o.signal, async () => {
      await this.#spec(index)
      return (await this.#driver.get(index, [id], { vectors: true }))[0] ?? null
    })
  }

  /** How many documents match. */
  async count(index: string, filter?: Filter, o: SearchOptions = {}): Promise<number> {
    return this.#run('count', o.signal, async () => {
      const { filtered } = planFor(filter === undefined ? {} : { filter }, await this.#spec(index), this.#analyzer)
      return (await this.#driver.search(index, { ...filtered, limit: 0 })).total
    })
  }

  /** Every document that is there from start to end exactly once, with vectors, in any order. */
  async *scan(index: string, o: SearchOptions = {}): AsyncGenerator<SearchDocument> {
    await this.#run('scan', o.signal, () => this.#spec(index))
    try {
      for await (const doc of this.#driver.scan(index)) {
        this.#observer.check(o.signal)
        yield doc
      }
    } catch (err) {
      throw this.#observer.wrap('scan', err)
    }
  }

  /** Searches one index, or several as if they were one. A request that names unknown fields is refused. */
  async search(
    index: string | readonly string[],
    request: SearchRequest,
    o: SearchOptions = {},
  ): Promise<SearchResult> {
    return this.#run('search', o.signal, async () => {
      const shape = shapeOf(request)
      const names = [...new Set(typeof index === 'string' ? [index] : index)]
      const targets = await Promise.all(
        names.map(async (name) => ({ index: name, plan: planFor(request, await this.#spec(name), this.#analyzer) })),
      )
      const { hits, total } = await rank(this.#driver, targets, shape)
      this.#observer.check(o.signal)
      return { hits: await this.#withFields(hits.slice(shape.offset, shape.offset + shape.limit)), total }
    })
  }

  /** Never throws. */
  async health(): Promise<Health> {
    return this.#observer.health(() => this.#driver.health())
  }

  /** How the store of the vectors is; `undefined` when they lie with the documents. Never throws. */
  async vectorHealth(): Promise<Health | undefined> {
    return this.#vectors?.observer.health(() => this.#vectors?.driver.health() ?? Promise.reject(new Error('none')))
  }

  /** Finishes accepted writes. Idempotent; every later call is refused with `closed`. */
  async close(): Promise<void> {
    await this.#observer.close(() => this.#driver.close())
  }

  async #spec(index: string): Promise<IndexSpec> {
    checkIndexName(index)
    const known = this.#specs.get(index)
    if (known !== undefined) return known
    const found = (await this.#driver.indexes(index))[0]?.spec
    if (found === undefined) throw new AppError('not_found', `there is no index "${index}"`, { details: { index } })
    this.#specs.set(index, found)
    return found
  }

  /** Adds the stored fields. A document that went away since it was ranked is left out. */
  async #withFields(hits: readonly RankedHit[]): Promise<SearchHit[]> {
    const byIndex = Map.groupBy(hits, (hit) => hit.index)
    const fields = new Map<RankedHit, SearchDocument>()
    await Promise.all(
      [...byIndex].map(async ([index, own]) => {
        const docs = await this.#driver.get(
          index,
          own.map((hit) => hit.id),
          { vectors: false },
        )
        for (const [i, hit] of own.entries()) {
          const doc = docs[i]
          if (doc !== undefined) fields.set(hit, doc)
        }
      }),
    )
    return hits.flatMap((hit) => {
      const doc = fields.get(hit)
      return doc === undefined ? [] : [{ ...hit, fields: doc.fields }]
    })
  }

  /** Every call: refused after close, canceled within a turn of the signal even when the driver goes on. */
  #run<T>(op: string, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
    return this.#observer.run(op, () => (signal === undefined ? call() : abortable(call, signal)), signal)
  }
}

async function abortable<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(new AppError('canceled', 'the call was canceled', { cause: signal.reason }))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([call(), promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
