import { AppError } from '../../base/errors.ts'
import type { Analyzer } from './analysis.ts'
import { checkVector } from './documents.ts'
import type { DriverQuery, Filter, IndexSpec, Match, Sort, SortValue } from './driver.ts'
import { compileFilter, typeOf } from './filter.ts'
import { coerce } from './values.ts'

/**
 * One search. `text` ranks by BM25, `vector` by cosine, both together by reciprocal rank fusion; neither lists by
 * `sort`, or by id. `fields` default to every text field; of several the best counts.
 */
export type SearchRequest = {
  text?: { query: string; fields?: readonly string[]; operator?: 'or' | 'and' }
  vector?: Float32Array
  filter?: Filter
  /** With `text` the hits are those that match, ordered by this; scores are then `null`. Not with `vector`. */
  sort?: readonly Sort[]
  /** Hits to return, default 10; 0 for the total only. `offset` + `limit` ≤ 10,000. */
  limit?: number
  offset?: number
  /** Needs `sort`. The `sort` of the last hit goes on behind it; without its last value, the id, ties are skipped. */
  after?: readonly SortValue[]
  /** Least normalised score, 0…1. Not with `sort`. */
  minScore?: number
}

export const MAX_WINDOW = 10_000

/** How a request is answered; the same for each index of it. */
export type Shape = {
  mode: 'text' | 'vector' | 'hybrid' | 'list'
  limit: number
  offset: number
  minScore: number
  sort: readonly Sort[]
}

/** What goes to one index: the parts of the mode, for the driver. */
export type IndexPlan = {
  filtered: Pick<DriverQuery, 'filter'>
  match?: Match
  vector?: Float32Array
  order: DriverOrder
}
type DriverOrder = Pick<DriverQuery, 'sort' | 'after'>

/** Checks what can be checked without an index. Throws `invalid_argument` or `out_of_range`. */
export function shapeOf(request: SearchRequest): Shape {
  const bad = (what: string): AppError => new AppError('invalid_argument', what)
  const { limit = 10, offset = 0, minScore = 0, sort = [] } = request
  for (const [name, value] of Object.entries({ limit, offset })) {
    if (!Number.isInteger(value) || value < 0) throw bad(`${name} is a whole number, not negative`)
  }
  if (offset + limit > MAX_WINDOW)
    throw new AppError('out_of_range', `offset and limit reach at most hit ${MAX_WINDOW}; go on with "after"`)
  if (!(minScore >= 0 && minScore <= 1)) throw bad('minScore is a number from 0 to 1')
  if (sort.length > 0 && request.vector !== undefined) throw bad('a vector search is ordered by its score, not by sort')
  const ranked = sort.length === 0 && (request.text !== undefined || request.vector !== undefined)
  if (minScore > 0 && !ranked) throw bad('minScore needs hits with scores: text or a vector, and no sort')
  if (request.after !== undefined && sort.length === 0) throw bad('after needs sort')
  if (request.after !== undefined && request.after.length !== sort.length && request.after.length !== sort.length + 1)
    throw bad('after has one value for each sort key, and the id')
  const mode = sort.length > 0 ? 'list' : modeOf(request)
  return { mode, limit, offset, minScore, sort }
}

function modeOf(request: SearchRequest): Shape['mode'] {
  if (request.text !== undefined) return request.vector === undefined ? 'text' : 'hybrid'
  return request.vector === undefined ? 'list' : 'vector'
}

/** Checks the request against one index and brings it into the driver's form. */
export function planFor(request: SearchRequest, spec: IndexSpec, analyzer: Analyzer): IndexPlan {
  const { text, vector, filter, sort = [] } = request
  const plan: IndexPlan = {
    filtered: filter === undefined ? {} : { filter: compileFilter(filter, spec, analyzer) },
    order: sort.length === 0 ? {} : orderOf(request, sort, spec),
  }
  if (text !== undefined) plan.match = matchOf(text, spec, analyzer)
  if (vector !== undefined) plan.vector = checkVector(vector, spec)
  return plan
}

function matchOf(text: NonNullable<SearchRequest['text']>, spec: IndexSpec, analyzer: Analyzer): Match {
  const all = Object.keys(spec.fields).filter((name) => spec.fields[name]?.type === 'text')
  for (const field of text.fields ?? []) {
    const type = typeOf(field, spec)
    if (type !== 'text') throw new AppError('invalid_argument', `field "${field}" is ${type}, not text`)
  }
  const fields = [...new Set(text.fields ?? all)]
  return { words: analyzer.words(text.query), fields, operator: text.operator ?? 'or' }
}

function orderOf(request: SearchRequest, sort: readonly Sort[], spec: IndexSpec): DriverOrder {
  for (const { field, order } of sort) {
    if (typeOf(field, spec) === 'text') throw new AppError('invalid_argument', `text cannot be sorted by ("${field}")`)
    if (order !== 'asc' && order !== 'desc') throw new AppError('invalid_argument', 'a sort order is "asc" or "desc"')
  }
  // Counting on from a page wins over a cursor, as clients of the original expect.
  if (request.after === undefined || (request.offset ?? 0) > 0) return { sort }
  const values = sort.map(({ field }, i) => {
    const value = request.after?.[i] ?? null
    return value === null ? null : coerce(field, typeOf(field, spec), value)
  })
  const id = request.after[sort.length]
  return { sort, after: { values, ...(id === undefined || id === null ? {} : { id: String(id) }) } }
}
