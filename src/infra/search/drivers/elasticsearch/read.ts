import type { FieldValue, SearchDocument } from '../../driver.ts'
import type { Http } from './http.ts'
import { floatsOf } from './layout.ts'

type Source = { id: string; src: string; vec?: string }
type Found = { found?: boolean; _source?: Source; _seq_no?: number; _primary_term?: number; error?: unknown }

/** A document with the version that it was read at. */
export type Version = { doc: SearchDocument; version: { seqNo: number; term: number } }

/** Documents that are fetched in one request. */
const PAGE = 500

/** The documents under these keys, as they are now, also those that no search sees yet; `undefined` where there is none. */
export async function fetchVersions(
  http: Http,
  docs: string,
  keys: readonly string[],
  uidOf: (key: string) => string,
  vectors = true,
): Promise<(Version | undefined)[]> {
  const versions: (Version | undefined)[] = []
  for (let i = 0; i < keys.length; i += PAGE) {
    const wanted = keys.slice(i, i + PAGE).map((key) => ({ _id: key, routing: uidOf(key) }))
    const query = { _source_includes: vectors ? 'id,src,vec' : 'id,src' }
    const answer = await http.call<{ docs: Found[] }>('POST', `/${docs}/_mget`, { body: { docs: wanted }, query })
    versions.push(...answer.body.docs.map(versionOf))
  }
  return versions
}

function versionOf(found: Found): Version | undefined {
  // Not an empty answer: the server could not tell.
  if (found.error !== undefined) throw new Error(`a document could not be read: ${JSON.stringify(found.error)}`)
  if (found.found !== true || found._source === undefined) return undefined
  return { doc: documentOf(found._source), version: { seqNo: found._seq_no ?? 0, term: found._primary_term ?? 0 } }
}

function documentOf({ id, src, vec }: Source): SearchDocument {
  const doc: SearchDocument = { id, fields: JSON.parse(src) as Record<string, FieldValue> }
  if (vec !== undefined) doc.vector = floatsOf(vec)
  return doc
}

type Hit = { _id: string; _source?: Source; _seq_no?: number; _primary_term?: number; sort?: unknown[] }

/** Goes through what the query matches by id, page by page; changes meanwhile move nothing from one page to another. */
export async function* pages(
  http: Http,
  docs: string,
  uid: string,
  query: object,
  { size, source }: { size: number; source: boolean },
): AsyncGenerator<Hit[]> {
  for (let after: unknown[] | undefined; ; ) {
    const body = {
      size,
      query,
      sort: [{ id: 'asc' }],
      track_total_hits: false,
      ...(source ? { _source: ['id', 'src', 'vec'] } : { _source: false, seq_no_primary_term: true }),
      ...(after === undefined ? {} : { search_after: after }),
    }
    const options = { body, query: { routing: uid, allow_partial_search_results: false } }
    const answer = await http.call<{ hits: { hits: Hit[] } }>('POST', `/${docs}/_search`, options)
    const { hits } = answer.body.hits
    if (hits.length > 0) yield hits
    after = hits.at(-1)?.sort
    if (hits.length < size) return
  }
}

export const documentsOf = (hits: readonly Hit[]): SearchDocument[] =>
  hits.flatMap(({ _source }) => (_source === undefined ? [] : [documentOf(_source)]))
