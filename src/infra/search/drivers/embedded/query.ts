import type { DriverPage, DriverQuery, Match } from '../../driver.ts'
import { compareSort } from './column.ts'
import { maskOf } from './filter-mask.ts'
import type { MemoryIndex } from './memory-index.ts'
import { TopK } from './top-k.ts'

/** Candidates of a query by slot, and their raw scores where they have any. */
type Found = { slots: readonly number[]; scores: Float64Array | undefined }

/** Answers one query from memory. */
export function query(index: MemoryIndex, query: DriverQuery): DriverPage {
  const mask = maskOf(index, query.filter)
  const found = candidates(index, query, mask)
  if (query.sort !== undefined && query.sort.length > 0) return sorted(index, query, found.slots)
  const { scores } = found
  const floor = query.minScore
  const slots =
    floor === undefined || scores === undefined ? found.slots : found.slots.filter((s) => (scores[s] ?? 0) >= floor)
  const top = new TopK(query.limit, (a, b) => {
    const way = scores === undefined ? 0 : (scores[b] ?? 0) - (scores[a] ?? 0)
    return way === 0 ? isBefore(index, a, b) : way < 0
  })
  for (const slot of slots) top.add(slot)
  const hits = top.take().map((slot) => ({ id: index.ids[slot] ?? '', score: scores?.[slot] ?? null }))
  return { hits, total: slots.length }
}

const isBefore = (index: MemoryIndex, a: number, b: number): boolean => (index.ids[a] ?? '') < (index.ids[b] ?? '')

function candidates(index: MemoryIndex, query: DriverQuery, mask: Uint8Array): Found {
  if (query.match !== undefined) return matching(index, query.match, mask)
  const slots: number[] = []
  if (query.vector !== undefined) {
    const scores = new Float64Array(index.ids.length)
    index.vectors?.score(query.vector, mask, (slot, cosine) => {
      slots.push(slot)
      scores[slot] = cosine
    })
    return { slots, scores }
  }
  for (let slot = 0; slot < mask.length; slot++) if (mask[slot] === 1) slots.push(slot)
  return { slots, scores: undefined }
}

/** Of several fields the best counts; `and` asks for every word within one field. */
function matching(index: MemoryIndex, match: Match, mask: Uint8Array): Found {
  const weights = new Map<number, number>()
  const words = new Set(match.words)
  for (const word of match.words) {
    const term = index.termOf(word)
    if (term !== undefined) weights.set(term, (weights.get(term) ?? 0) + 1)
  }
  const least = match.operator === 'and' ? Math.max(1, words.size) : 1
  const slots: number[] = []
  const scores = new Float64Array(mask.length)
  for (const name of weights.size < least ? [] : match.fields) {
    const scored = index.texts.get(name)?.score(weights, mask.length)
    for (const slot of scored?.slots ?? []) {
      if (mask[slot] === 0 || (scored?.counts[slot] ?? 0) < least) continue
      if (scores[slot] === 0) slots.push(slot)
      scores[slot] = Math.max(scores[slot] ?? 0, scored?.sums[slot] ?? 0)
    }
  }
  return { slots, scores }
}

function sorted(index: MemoryIndex, query: DriverQuery, slots: readonly number[]): DriverPage {
  const keys = (query.sort ?? []).flatMap(({ field, order }) => {
    const column = index.columns.get(field)
    return column === undefined ? [] : [{ column, order, ranks: column.ranks(order) }]
  })
  const { after } = query
  const isBehind = (slot: number): boolean => {
    for (const [i, { column, order }] of keys.entries()) {
      const way = compareSort(column.sortValue(slot, order), after?.values[i] ?? null, order)
      if (way !== 0) return way > 0
    }
    return after?.id !== undefined && (index.ids[slot] ?? '') > after.id
  }
  const top = new TopK(query.limit, (a, b) => {
    for (const { column, ranks } of keys) {
      const way = (ranks[column.code(a)] ?? 0) - (ranks[column.code(b)] ?? 0)
      if (way !== 0) return way < 0
    }
    return isBefore(index, a, b)
  })
  for (const slot of slots) if (after === undefined || isBehind(slot)) top.add(slot)
  const hits = top.take().map((slot) => ({
    id: index.ids[slot] ?? '',
    score: null,
    sort: keys.map(({ column, order }) => column.sortValue(slot, order)),
  }))
  return { hits, total: slots.length }
}
