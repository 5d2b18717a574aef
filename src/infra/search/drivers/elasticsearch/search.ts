import type { DriverHit, DriverPage, DriverQuery, IndexSpec, SortValue } from '../../driver.ts'
import { filterQuery } from './filters.ts'
import type { Flavor, Http, Json } from './http.ts'
import { columnOf, isNative, termOf, unitOf, vectorOf } from './layout.ts'
import { countsIn, countsQuery, matchQuery, rankingQuery, weightsOf } from './text.ts'

/** What a search goes to. */
export type Target = { http: Http; docs: string; flavor: Flavor; uid: string; spec: IndexSpec }

type Filters = readonly Json[]

const NONE: DriverPage = { hits: [], total: 0 }
/** Behind every id: one has at most 512 UTF-16 units. */
const LAST_ID = '\u{10FFFF}'.repeat(257)

/** Answers one question to one logical index. */
export async function search(target: Target, query: DriverQuery): Promise<DriverPage> {
  const { match, vector } = query
  if (match !== undefined && (match.words.length === 0 || match.fields.length === 0)) return NONE
  const filter = [{ term: { ix: target.uid } }, ...(query.filter ? [filterQuery(query.filter, target.spec)] : [])]
  if (query.sort !== undefined && query.sort.length > 0) return listed(target, query, filter)
  if (match !== undefined) {
    const ranking = await textRanking(target, match)
    return ranking === undefined ? NONE : ranked(target, query, { bool: { filter, must: [ranking] } }, 0)
  }
  if (vector !== undefined) return nearest(target, vector, query, filter)
  return listed(target, query, filter)
}

async function textRanking(target: Target, match: NonNullable<DriverQuery['match']>): Promise<Json | undefined> {
  const words = [...weightsOf(match).keys()]
  const { aggregations } = await ask(target, countsQuery(target.uid, match.fields, words))
  return rankingQuery(match, countsIn((aggregations ?? {}) as never, match.fields, words))
}

/** The most candidates that the server compares. */
const MAX_NEAREST = 10_000
/** Hits beyond those asked for, so that ties at the end are seen. */
const SPARE = 32

/** Compares every vector that the filter lets through. */
async function nearest(target: Target, vector: Float32Array, query: DriverQuery, filter: Filters): Promise<DriverPage> {
  const unit = unitOf(vector)
  if (unit === undefined) return NONE
  const column = vectorOf(vector.length)
  const filters = [...filter, { exists: { field: column } }]
  if (!isNative(vector.length, target.flavor)) return ranked(target, query, scripted(column, unit, filters), 1)
  const { limit, minScore } = query
  const find = async (most: number): Promise<DriverPage> => {
    const knn = { field: column, query_vector: unit, k: most, num_candidates: most, filter: filters }
    const { hits } = await ask(target, {
      knn: { ...knn, ...(minScore === undefined ? {} : { similarity: minScore }) },
      size: most,
      sort: [{ _score: 'desc' }, { id: 'asc' }],
    })
    const found = (hits?.hits ?? []).map(({ sort = [] }): DriverHit => {
      return { id: String(sort[1]), score: 2 * Number(sort[0]) - 1 }
    })
    return { hits: found, total: hits?.total.value ?? 0 }
  }
  // Where the score has a floor, all above it are fetched to be counted.
  if (minScore !== undefined) {
    const { hits } = await find(MAX_NEAREST)
    return { hits: hits.slice(0, limit), total: hits.length }
  }
  if (query.uncounted) {
    const hits = await first(limit, find)
    return { hits, total: hits.length }
  }
  const counting = ask(target, { query: { bool: { filter: filters } }, size: 0 })
  const [hits, counted] = await Promise.all([limit === 0 ? [] : first(limit, find), counting])
  return { hits, total: counted.hits?.total.value ?? 0 }
}

/** Fetches more until the last hit scores less than the last one wanted, so that ties are cut by id. */
async function first(limit: number, find: (most: number) => Promise<DriverPage>): Promise<DriverHit[]> {
  for (let most = Math.min(MAX_NEAREST, limit + SPARE); ; most = Math.min(MAX_NEAREST, most * 4)) {
    const { hits } = await find(most)
    const isTied = hits.length >= most && hits.at(-1)?.score === hits[limit - 1]?.score
    if (!isTied || most === MAX_NEAREST) return hits.slice(0, limit)
  }
}

const SCRIPT = `
  def held = doc[params.v].value; int at = held.offset; byte[] b = held.bytes; double sum = 0;
  for (int i = 0; i < params.q.length; i++) {
    sum += params.q[i] * Float.intBitsToFloat(((b[at] & 255) << 24) | ((b[at + 1] & 255) << 16) | ((b[at + 2] & 255) << 8) | (b[at + 3] & 255));
    at += 4;
  }
  return Math.max(0, sum + 1);`

/** The cosine and 1, since a score may not be negative. */
const scripted = (column: string, unit: readonly number[], filter: Filters): Json => ({
  script_score: { query: { bool: { filter } }, script: { source: SCRIPT, params: { q: unit, v: column } } },
})

async function ranked(target: Target, query: DriverQuery, ranking: Json, added: number): Promise<DriverPage> {
  const { hits } = await ask(target, {
    query: ranking,
    size: query.limit,
    sort: [{ _score: 'desc' }, { id: 'asc' }],
    ...(query.minScore === undefined ? {} : { min_score: Math.max(0, query.minScore + added) }),
  })
  const found = (hits?.hits ?? []).map(({ sort = [] }): DriverHit => {
    const [score, id] = sort
    return { id: String(id), score: Number(score) - added }
  })
  return { hits: found, total: hits?.total.value ?? 0 }
}

async function listed(target: Target, query: DriverQuery, filter: Filters): Promise<DriverPage> {
  const { sort = [], after, match } = query
  const types = sort.map(({ field }) => target.spec.fields[field]?.type ?? 'keyword')
  const order = sort.map(({ field, order }, i) => ({ [columnOf(field, types[i] ?? 'keyword')]: { order } }))
  const { hits } = await ask(target, {
    query: { bool: { filter: match === undefined ? filter : [...filter, matchQuery(match, target.spec)] } },
    size: query.limit,
    sort: [...order, { id: 'asc' }],
    ...(after === undefined || query.limit === 0
      ? {}
      : {
          search_after: [
            ...sort.map(({ order }, i) => cursorOf(after.values[i] ?? null, types[i] ?? 'keyword', order)),
            after.id ?? LAST_ID,
          ],
        }),
  })
  const found = (hits?.hits ?? []).map(({ sort: values = [] }): DriverHit => {
    const own = sort.map((_key, i) => sortValueOf(values[i], types[i] ?? 'keyword'))
    return { id: String(values.at(-1)), score: null, ...(sort.length === 0 ? {} : { sort: own }) }
  })
  return { hits: found, total: hits?.total.value ?? 0 }
}

/** A missing value stands at the far end of its type's range. As text, since JSON would round it. */
function cursorOf(value: SortValue, type: string, order: 'asc' | 'desc'): string | number | null {
  if (value !== null) return termOf(value)
  if (type === 'keyword') return null
  if (type === 'double') return order === 'asc' ? 'Infinity' : '-Infinity'
  return order === 'asc' ? '9223372036854775807' : '-9223372036854775808'
}

function sortValueOf(value: unknown, type: string): SortValue {
  if (value === null || value === undefined) return null
  if (type === 'keyword') return String(value)
  const number = Number(value)
  if (type === 'double' ? !Number.isFinite(number) : Math.abs(number) > Number.MAX_SAFE_INTEGER) return null
  return type === 'boolean' ? number !== 0 : number
}

type Answer = {
  hits?: { total: { value: number }; hits: { sort?: unknown[] }[] }
  aggregations?: Json
}

async function ask({ http, docs, uid }: Target, body: Json): Promise<Answer> {
  const { body: answer } = await http.call<Answer>('POST', `/${docs}/_search`, {
    body: { track_total_hits: true, _source: false, ...body },
    query: { routing: uid, allow_partial_search_results: false },
  })
  return answer
}
