import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, type ErrorCode } from '../../../../base/errors.ts'
import type { Health } from '../../../../base/health.ts'
import type {
  DriverFilter,
  DriverHit,
  DriverPage,
  DriverQuery,
  IndexedDocument,
  VectorDriver,
  VectorIndex,
} from '../../driver.ts'
import type { Client, Hit, Row } from './client.ts'
import { classify, isMissing } from './errors.ts'
import { expressionOf, idOf, isSupported, keyOf, literal, valuesOf } from './filters.ts'

/** The most that Milvus answers at once. */
const MAX_HITS = 16_384
/** Hits beyond those asked for, so that ties at the end are seen. */
const SPARE = 32
const IDS_PAGE = 500
const MAX_TOGETHER = 500

type Change = { index: VectorIndex; key: string; row: Row | null }
type Call = { changes: readonly Change[]; resolve(): void; reject(err: unknown): void }

/**
 * The driver behind `milvus://`. One collection per length of vectors holds those of all indexes, told apart by `ix`,
 * since Milvus does not bear many collections. Writes of one process go in the order of the calls, together where
 * several wait.
 */
export class MilvusVectors implements VectorDriver {
  readonly features: ReadonlySet<string> = new Set(['vector'])
  readonly #client: Client
  readonly #prefix: string
  readonly #version: string
  readonly #ready = new Map<number, Promise<void>>()
  #queue: Call[] = []
  #running: Promise<void> | undefined

  constructor(client: Client, prefix: string, version: string) {
    this.#client = client
    this.#prefix = prefix
    this.#version = version
  }

  async ensureIndex({ dims }: VectorIndex): Promise<void> {
    const making = this.#ready.get(dims) ?? this.#client.create(this.#collection(dims), sizeOf(dims))
    this.#ready.set(dims, making)
    try {
      await making
    } catch (err) {
      this.#ready.delete(dims)
      throw err
    }
  }

  async dropIndex(name: string): Promise<void> {
    await this.#settled()
    const own = new RegExp(`^${this.#prefix}v\\d+$`)
    const collections = (await this.#client.collections()).filter((collection) => own.test(collection))
    for (const collection of collections) await this.#client.delete(collection, `ix == ${literal(name)}`)
  }

  put(index: VectorIndex, docs: readonly IndexedDocument[]): Promise<void> {
    return this.#write(docs.map((doc) => ({ index, key: keyOf(index.name, doc.id), row: rowOf(index, doc) })))
  }

  delete(index: VectorIndex, ids: readonly string[]): Promise<void> {
    return this.#write(ids.map((id) => ({ index, key: keyOf(index.name, id), row: null })))
  }

  async get(index: VectorIndex, ids: readonly string[]): Promise<(Float32Array | undefined)[]> {
    const found = new Map<string, Float32Array>()
    for (let i = 0; i < ids.length; i += IDS_PAGE) {
      const filter = expressionOf({ op: 'ids', ids: ids.slice(i, i + IDS_PAGE) }, index.name)
      const rows = await this.#read(index, (collection) => this.#client.vectors(collection, filter))
      for (const { pk, vec } of rows) found.set(pk, Float32Array.from(vec.slice(0, index.dims)))
    }
    return ids.map((id) => found.get(keyOf(index.name, id)))
  }

  supports(filter: DriverFilter): boolean {
    return isSupported(filter)
  }

  async search(index: VectorIndex, query: DriverQuery & { vector: Float32Array }): Promise<DriverPage> {
    const { filter, minScore, limit, vector } = query
    const parts = [`ix == ${literal(index.name)}`, 'live == true']
    if (filter !== undefined) parts.push(expressionOf(filter, index.name))
    const expression = parts.join(' and ')
    return this.#read(index, async (collection): Promise<DriverPage> => {
      // Where the score has a floor, all above it are fetched to be counted.
      const radius = minScore === undefined ? undefined : minScore - 1e-5
      const wanted = padded(vector)
      const find = (most: number) =>
        this.#client.search(collection, { vector: wanted, filter: expression, limit: most, radius })
      if (minScore !== undefined) {
        const hits = ranked(index.name, await find(MAX_HITS)).filter(({ score }) => (score ?? -1) >= minScore)
        return { hits: hits.slice(0, limit), total: hits.length }
      }
      if (query.uncounted) {
        const hits = await this.#first(index.name, limit, find)
        return { hits, total: hits.length }
      }
      const total = this.#client.count(collection, expression)
      const [hits] = await Promise.all([limit === 0 ? [] : this.#first(index.name, limit, find), total])
      return { hits, total: await total }
    })
  }

  async health(): Promise<Omit<Health, 'provider' | 'latencyMs'>> {
    const [{ isHealthy, reasons }, collections] = await Promise.all([this.#client.health(), this.#client.collections()])
    return {
      status: isHealthy ? 'up' : 'degraded',
      engine: `Milvus ${this.#version}`,
      checks: {
        collections: collections.filter((name) => name.startsWith(`${this.#prefix}v`)).length,
        writesWaiting: this.#queue.length,
      },
      ...(isHealthy ? {} : { error: reasons.join('; ') || 'it says that it is not healthy' }),
    }
  }

  codeOf(err: unknown): ErrorCode {
    return classify(err)
  }

  async close(): Promise<void> {
    await this.#settled()
    await this.#client.close()
  }

  /** Fetches more until the last hit scores less than the last one wanted, so that ties are cut by id. */
  async #first(name: string, limit: number, find: (most: number) => Promise<Hit[]>): Promise<DriverHit[]> {
    for (let most = Math.min(MAX_HITS, limit + SPARE); ; most = Math.min(MAX_HITS, most * 4)) {
      const hits = ranked(name, await find(most))
      const isTied = hits.length >= most && hits.at(-1)?.score === hits[limit - 1]?.score
      if (!isTied || most === MAX_HITS) return hits.slice(0, limit)
    }
  }

  /** A collection that another has removed is made again, and is empty. */
  async #read<T>(index: VectorIndex, read: (collection: string) => Promise<T>): Promise<T> {
    const collection = this.#collection(index.dims)
    for (let tries = 0; ; tries++) {
      await this.ensureIndex(index)
      try {
        return await read(collection)
      } catch (err) {
        if (!isMissing(err) || tries > 0) throw err
        this.#ready.delete(index.dims)
      }
    }
  }

  #write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#queue.push({ changes, resolve, reject })
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    })
  }

  async #run(): Promise<void> {
    for (let first = this.#queue.shift(); first !== undefined; first = this.#queue.shift()) {
      const calls = [first]
      let size = first.changes.length
      const dims = first.changes[0]?.index.dims
      for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
        size += next.changes.length
        if (next.changes[0]?.index.dims !== dims || size > MAX_TOGETHER) break
        calls.push(next)
        this.#queue.shift()
      }
      await this.#send(calls).then(
        () => calls.forEach(({ resolve }) => void resolve()),
        (err: unknown) => calls.forEach(({ reject }) => void reject(err)),
      )
    }
  }

  /** Only the last state of each document counts, so that what is put and what is deleted do not meet. */
  async #send(calls: readonly Call[]): Promise<void> {
    const last = new Map<string, Change>()
    for (const { changes } of calls) for (const change of changes) last.set(change.key, change)
    const [first] = last.values()
    if (first === undefined) return
    const rows = [...last.values()].flatMap(({ row }) => (row === null ? [] : [row]))
    const gone = [...last.values()].flatMap(({ key, row }) => (row === null ? [key] : []))
    await this.#read(first.index, async (collection) => {
      if (rows.length > 0) await this.#client.upsert(collection, rows)
      for (let i = 0; i < gone.length; i += IDS_PAGE) {
        const keys = gone.slice(i, i + IDS_PAGE).map(literal)
        await this.#client.delete(collection, `pk in [${keys.join(', ')}]`)
      }
    })
  }

  async #settled(): Promise<void> {
    while (this.#running !== undefined) await Promise.allSettled([this.#running, sleep(0)])
  }

  #collection(dims: number): string {
    return `${this.#prefix}v${dims}`
  }
}

/** Milvus takes two dimensions or more; a 0 behind changes no angle. */
const sizeOf = (dims: number): number => Math.max(2, dims)
const padded = (vector: Float32Array): number[] => (vector.length < 2 ? [...vector, 0] : [...vector])

const MAX_VALUES_BYTES = 65_000

function rowOf({ name }: VectorIndex, doc: IndexedDocument): Row | null {
  if (doc.vector === undefined) return null
  const vals = valuesOf(doc)
  if (Buffer.byteLength(JSON.stringify(vals)) > MAX_VALUES_BYTES)
    throw new AppError(
      'resource_exhausted',
      `document "${doc.id}": the values of its fields have more than 65,000 bytes`,
    )
  // A vector of zeros has no direction and is near nothing.
  const live = doc.vector.some((x) => x !== 0)
  return { pk: keyOf(name, doc.id), ix: name, live, vals, vec: padded(doc.vector) }
}

/** Best first, ties by id. What differs by less than a millionth is the noise of single precision. */
function ranked(name: string, hits: readonly Hit[]): DriverHit[] {
  return hits
    .map(({ pk, score }) => ({ id: idOf(name, pk), score: Math.round(score * 1e6) / 1e6 }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
}
