import type { ErrorCode } from '../../../../base/errors.ts'
import type { Health } from '../../../../base/health.ts'
import type {
  DriverFilter,
  DriverPage,
  DriverQuery,
  IndexedDocument,
  IndexInfo,
  IndexSpec,
  SearchDocument,
  SearchDriver,
} from '../../driver.ts'
import { type Item, sendBulk } from './bulk.ts'
import { Catalog, type Entry, missing } from './catalog.ts'
import { classify } from './errors.ts'
import { filterQuery } from './filters.ts'
import { healthOf } from './health.ts'
import type { Flavor, Http, Json } from './http.ts'
import { BASE_MAPPINGS, CATALOG_MAPPINGS, keyOf, propertiesOf, settingsOf } from './layout.ts'
import { documentsOf, fetchVersions, pages } from './read.ts'
import { search } from './search.ts'
import { Writer } from './writer.ts'

export type ElasticOptions = {
  http: Http
  flavor: Flavor
  prefix: string
  shards: number
  replicas: number | undefined
}

const SCAN_PAGE = 256
const DELETE_PAGE = 2_000

/** The driver behind `es://`. `setUp` makes its two indexes unless they are there. */
export class ElasticSearch implements SearchDriver {
  readonly features: ReadonlySet<string> = new Set(['text', 'vector'])
  readonly #options: ElasticOptions
  readonly #http: Http
  readonly #docs: string
  readonly #catalog: Catalog
  readonly #writer: Writer
  /** Columns that this process has asked for. */
  readonly #columns = new Set<string>()

  constructor(options: ElasticOptions) {
    const { http, flavor, prefix } = options
    this.#options = options
    this.#http = http
    this.#docs = `${prefix}docs`
    this.#catalog = new Catalog(http, `${prefix}catalog`)
    const sweep = (uid: string) => this.#sweep(uid)
    this.#writer = new Writer({ http, docs: this.#docs, catalog: this.#catalog, flavor, sweep })
  }

  async setUp(): Promise<void> {
    const { prefix, shards, replicas } = this.#options
    await this.#create(`${prefix}catalog`, { settings: settingsOfCatalog(replicas), mappings: CATALOG_MAPPINGS })
    await this.#create(this.#docs, { settings: settingsOf(shards, replicas), mappings: BASE_MAPPINGS })
    for (const uid of await this.#catalog.gone()) await this.#sweep(uid)
  }

  /** The alias is the name; several processes may be at it at once. */
  async #create(alias: string, body: Json): Promise<void> {
    const { status } = await this.#http.call('HEAD', `/_alias/${alias}`, { expect: [404] })
    if (status !== 404) return
    const { status: made, body: answer } = await this.#http.call<{ error?: { type?: string } }>('PUT', `/${alias}-1`, {
      body: { ...body, aliases: { [alias]: { is_write_index: true } } },
      expect: [400],
    })
    if (made === 400 && answer.error?.type !== 'resource_already_exists_exception')
      throw new Error(`the index ${alias}-1 cannot be made: ${JSON.stringify(answer.error)}`)
  }

  async ensureIndex(name: string, spec: IndexSpec): Promise<void> {
    try {
      await this.#ensure(name, spec)
    } catch (err) {
      // Someone has emptied the server under us.
      if (classify(err) !== 'not_found') throw err
      this.#columns.clear()
      await this.setUp()
      await this.#ensure(name, spec)
    }
  }

  async #ensure(name: string, spec: IndexSpec): Promise<void> {
    const properties = propertiesOf(spec, this.#options.flavor)
    const added = Object.entries(properties).filter(([column]) => !this.#columns.has(column))
    if (added.length > 0) {
      const body = { properties: Object.fromEntries(added) }
      await this.#http.call('PUT', `/${this.#docs}/_mapping`, { body })
      for (const [column] of added) this.#columns.add(column)
    }
    await this.#catalog.ensure(name, spec)
  }

  async dropIndex(name: string): Promise<void> {
    await this.#writer.push({
      kind: 'alone',
      run: async () => {
        const uid = await this.#catalog.remove(name)
        if (uid !== undefined) await this.#sweep(uid)
        return 0
      },
    })
  }

  async indexes(only?: string): Promise<IndexInfo[]> {
    if (only === undefined) return this.#catalog.list()
    return [...(await this.#catalog.fresh([only])).values()].map(({ name, spec }) => ({ name, spec }))
  }

  async put(name: string, docs: readonly IndexedDocument[]): Promise<void> {
    await this.#writer.push({ kind: 'put', name, docs })
  }

  async modify(name: string, id: string, change: (now: SearchDocument | undefined) => IndexedDocument): Promise<void> {
    await this.#writer.push({ kind: 'modify', name, id, change })
  }

  delete(name: string, which: { ids: readonly string[] } | { filter: DriverFilter }): Promise<number> {
    if ('ids' in which) return this.#writer.push({ kind: 'delete', name, ids: which.ids })
    const { filter } = which
    const run = () => this.#read(name, ({ uid, spec }) => this.#deleteWhere(uid, [filterQuery(filter, spec)]))
    return this.#writer.push({ kind: 'alone', run })
  }

  get(name: string, ids: readonly string[], o: { vectors: boolean }): Promise<(SearchDocument | undefined)[]> {
    return this.#read(name, async ({ uid }) => {
      const keys = ids.map((id) => keyOf(uid, id))
      const found = await fetchVersions(this.#http, this.#docs, keys, () => uid, o.vectors)
      return found.map((version) => version?.doc)
    })
  }

  search(name: string, query: DriverQuery): Promise<DriverPage> {
    const { http, flavor } = this.#options
    return this.#read(name, ({ uid, spec }) => search({ http, docs: this.#docs, flavor, uid, spec }, query))
  }

  async *scan(name: string): AsyncIterable<SearchDocument> {
    const { uid } = await this.#read(name, async (entry) => entry)
    const query = { bool: { filter: [{ term: { ix: uid } }] } }
    for await (const hits of pages(this.#http, this.#docs, uid, query, { size: SCAN_PAGE, source: true }))
      yield* documentsOf(hits)
  }

  health(): Promise<Omit<Health, 'provider' | 'latencyMs'>> {
    return healthOf(this.#http, this.#docs, this.#options.flavor, this.#writer.waiting)
  }

  codeOf(err: unknown): ErrorCode {
    return classify(err)
  }

  async close(): Promise<void> {
    await this.#writer.settled()
    await this.#http.close()
  }

  /** Runs a read, and looks at the same time whether the index is still the one that is known. */
  async #read<T>(name: string, work: (entry: Entry) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      const entry = await this.#catalog.find(name)
      const [result, now] = await Promise.allSettled([work(entry), this.#catalog.fresh([name])])
      if (now.status === 'rejected') throw now.reason
      const fresh = now.value.get(name)
      if (fresh === undefined) throw missing(name)
      if (fresh.uid === entry.uid || tries >= 3) {
        if (result.status === 'rejected') throw result.reason
        return result.value
      }
    }
  }

  async #sweep(uid: string): Promise<void> {
    await this.#writer.refresh()
    await this.#deleteWhere(uid, [])
    await this.#catalog.swept(uid)
  }

  /** Deletes what matches. What was changed since it was found is looked at once more. */
  async #deleteWhere(uid: string, filter: readonly Json[]): Promise<number> {
    const query = { bool: { filter: [{ term: { ix: uid } }, ...filter] } }
    let count = 0
    for (let tries = 0; tries < 10; tries++) {
      let found = 0
      let conflicts = 0
      for await (const hits of pages(this.#http, this.#docs, uid, query, { size: DELETE_PAGE, source: false })) {
        const items = hits.map(({ _id, _seq_no = 0, _primary_term = 0 }): Item => {
          return { key: _id, uid, expected: { seqNo: _seq_no, term: _primary_term } }
        })
        found += items.length
        for (const { deleted, failed } of await sendBulk(this.#http, this.#docs, items)) {
          if (deleted) count++
          else if (failed === undefined || classify(failed) === 'conflict') conflicts++
          else throw failed
        }
      }
      if (found > 0) await this.#writer.refresh()
      if (conflicts === 0) break
    }
    return count
  }
}

const settingsOfCatalog = (replicas: number | undefined): Json => ({
  number_of_shards: 1,
  ...(replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas }),
})
