import type { DriverHit, DriverPage, DriverQuery, IndexSpec, SortValue } from '../../driver.ts'
import { filterQuery } from './filters.ts'
import type { Flavor, Http, Json } from './http.ts'
import { columnOf, isNative, termOf, unitOf, vectorOf } from './layout.ts'
import { countsIn, countsQuery, matchQuery, rankingQuery, weightsOf } from './text.ts'

/** What a search goes to. */
export type Target = { http: Http; docs: string; flavor: Flavor; uid: string; spec: IndexSpec }

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
  if (vector !== undefined) {
    const ranking = vectorRanking(target, vector, filter)
    return ranking === undefined ? NONE : ranked(target, query, ranking, 1)
  }
  return listed(target, query, filter)
}

async function textRanking(target: Target, match: NonNullable<DriverQuery['match']>): Promise<Json | undefined> {
  const words = [...weightsOf(match).keys()]
  const { aggregations } = await ask(target, countsQuery(target.uid, match.fields, words))
  return rankingQuery(match, countsIn((aggregations ?? {}) as never, match.fields, words))
}

/** The sum that bytes are read for is the same as `dotProduct` of the server's own type. */
const BYTES_SCRIPT = `
  def held = doc[params.v].value; int at = held.offset; byte[] b = held.bytes; double sum = 0;
  for (int i = 0; i < params.q.length; i++) {
    sum += params.q[i] * Float.intBitsToFloat(((b[at] & 255) << 24) | ((b[at + 1] & 255) << 16) | ((b[at + 2] & 255) << 8) | (b[at + 3] & 255));
    at += 4;
  }
  return Math.max(0, sum + 1);`

/** The cosine and 1, since a score may not be negative. Compares every vector that the filter lets through. */
function vectorRanking({ flavor }: Target, vector: Float32Array, filter: readonly Json[]): Json | undefined {
  const unit = unitOf(vector)
  if (unit === undefined) return undefined
  const column = vectorOf(vector.length)
  const script = isNative(vector.length, flavor)
    ? { source: `Math.max(0, dotProduct(params.q, '${column}') + 1)`, params: { q: unit } }
    : { source: BYTES_SCRIPT, params: { q: unit, v: column } }
  return { script_score: { query: { bool: { filter: [...filter, { exists: { field: column } }] } }, script } }
}

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

async function listed(target: Target, query: DriverQuery, filter: readonly Json[]): Promise<DriverPage> {
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
