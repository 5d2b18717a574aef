import { randomBytes } from 'node:crypto'
import { AppError } from '../../../../base/errors.ts'
import type { IndexInfo, IndexSpec } from '../../driver.ts'
import { isConflict } from './errors.ts'
import type { Http, Json } from './http.ts'

/** One logical index. A new one of the same name has another `uid`, so that what is left of the old is never found. */
export type Entry = { name: string; uid: string; spec: IndexSpec }

const PAGE = 5_000
/** Begins the id of what remembers that documents are still to be removed; no index name begins so. */
const GONE = '~'

type Stored = { name?: string; uid: string; spec?: IndexSpec }
type Found = { found?: boolean; _source?: Stored; _seq_no?: number; _primary_term?: number }

export const missing = (name: string): AppError =>
  new AppError('not_found', `there is no index "${name}"`, { details: { index: name } })

/** The list of logical indexes, kept in an index of its own; the entries that were used are kept here too. */
export class Catalog {
  readonly #http: Http
  readonly #index: string
  readonly #known = new Map<string, Entry>()

  constructor(http: Http, index: string) {
    this.#http = http
    this.#index = index
  }

  /** Perhaps out of date: whoever uses it looks with `fresh` whether it still holds. */
  async find(name: string): Promise<Entry> {
    const entry = this.#known.get(name) ?? (await this.fresh([name])).get(name)
    if (entry === undefined) throw missing(name)
    return entry
  }

  /** The entries as they are now; those that are not there are left out. */
  async fresh(names: readonly string[]): Promise<Map<string, Entry>> {
    const answer = await this.#http.call<{ docs: Found[] }>('POST', `/${this.#index}/_mget`, { body: { ids: names } })
    const entries = new Map<string, Entry>()
    for (const [i, name] of names.entries()) {
      const entry = entryOf(answer.body.docs[i])
      if (entry === undefined) this.#known.delete(name)
      else {
        entries.set(name, entry)
        this.#known.set(name, entry)
      }
    }
    return entries
  }

  async list(): Promise<IndexInfo[]> {
    const all: IndexInfo[] = []
    for (let after: string | undefined; ; ) {
      const body = {
        size: PAGE,
        query: { exists: { field: 'name' } },
        sort: [{ name: 'asc' }],
        ...(after === undefined ? {} : { search_after: [after] }),
      }
      const options = { body, query: { allow_partial_search_results: false }, expect: [404] }
      const answer = await this.#http.call<{ hits?: { hits: Found[] } }>('POST', `/${this.#index}/_search`, options)
      const page = (answer.body.hits?.hits ?? []).flatMap((hit) => entryOf({ ...hit, found: true }) ?? [])
      all.push(...page.map(({ name, spec }) => ({ name, spec })))
      after = page.at(-1)?.name
      if (page.length < PAGE) return all
    }
  }

  /** Makes the entry, or takes over what the spec adds. Another process may do so at the same time. */
  async ensure(name: string, wanted: IndexSpec): Promise<void> {
    for (let tries = 0; ; tries++) {
      const { body: now } = await this.#http.call<Found>('GET', this.#path(name), { expect: [404] })
      const old = entryOf(now)
      const spec = old === undefined ? wanted : merged(name, old.spec, wanted)
      const uid = old?.uid ?? randomBytes(9).toString('base64url')
      const condition: Record<string, string | number> =
        old === undefined
          ? { op_type: 'create' }
          : { if_seq_no: now._seq_no ?? 0, if_primary_term: now._primary_term ?? 0 }
      try {
        await this.#write(name, { name, uid, spec }, condition)
        this.#known.set(name, { name, uid, spec })
        return
      } catch (err) {
        if (!isConflict(err) || tries >= 20) throw err
      }
    }
  }

  /** Takes the entry out. Returns the `uid` whose documents are to be removed now, `undefined` when there was none. */
  async remove(name: string): Promise<string | undefined> {
    this.#known.delete(name)
    for (let tries = 0; ; tries++) {
      const { body: now } = await this.#http.call<Found>('GET', this.#path(name), { expect: [404] })
      const uid = entryOf(now)?.uid
      if (uid === undefined) return undefined
      await this.#write(GONE + uid, { uid, gone: true })
      try {
        const query = { refresh: true, if_seq_no: now._seq_no ?? 0, if_primary_term: now._primary_term ?? 0 }
        await this.#http.call('DELETE', this.#path(name), { query })
        return uid
      } catch (err) {
        if (!isConflict(err) || tries >= 20) throw err
        await this.swept(uid)
      }
    }
  }

  /** What was taken out, and whose documents may still be there since the process died meanwhile. */
  async gone(): Promise<string[]> {
    const options = { body: { size: PAGE, query: { term: { gone: true } } } }
    const answer = await this.#http.call<{ hits: { hits: Found[] } }>('POST', `/${this.#index}/_search`, options)
    return answer.body.hits.hits.flatMap((hit) => hit._source?.uid ?? [])
  }

  /** The documents are gone, so nothing needs to be remembered. */
  async swept(uid: string): Promise<void> {
    await this.#http.call('DELETE', this.#path(GONE + uid), { expect: [404], query: { refresh: true } })
  }

  async #write(id: string, body: Json, condition: Readonly<Record<string, string | number>> = {}): Promise<void> {
    // Without the alias a write would make an index of its own, and guess its types.
    await this.#http.call('PUT', this.#path(id), { body, query: { refresh: true, require_alias: true, ...condition } })
  }

  #path(id: string): string {
    return `/${this.#index}/_doc/${encodeURIComponent(id)}`
  }
}

function entryOf(found: Found | undefined): Entry | undefined {
  const { name, uid, spec } = found?._source ?? {}
  if (found?.found !== true || name === undefined || uid === undefined || spec === undefined) return undefined
  return { name, uid, spec }
}

/** What another process has added meanwhile stays. */
function merged(name: string, old: IndexSpec, wanted: IndexSpec): IndexSpec {
  const vector = old.vector ?? wanted.vector
  for (const [field, { type }] of Object.entries(wanted.fields))
    if ((old.fields[field]?.type ?? type) !== type)
      throw new AppError('conflict', `index "${name}" has "${field}" as ${old.fields[field]?.type}, not ${type}`)
  if (vector?.dims !== (wanted.vector ?? vector)?.dims)
    throw new AppError('conflict', `index "${name}" holds vectors of ${vector?.dims} dimensions`)
  return {
    fields: { ...old.fields, ...wanted.fields },
    ...(vector === undefined ? {} : { vector }),
    ...(old.meta === undefined && wanted.meta === undefined ? {} : { meta: { ...old.meta, ...wanted.meta } }),
  }
}
