import type { DriverHit, DriverPage, Sort, SortValue } from './driver.ts'
import { compareText } from './values.ts'

/** A driver's hit with the index it came from. */
export type IndexHit = DriverHit & { index: string }
type Ranked = { hits: IndexHit[]; total: number }

/** Joins the pages of several indexes into one ranking: by `sort`, or by score, best first; ties by id, then index. */
export function mergePages(pages: readonly { index: string; page: DriverPage }[], sort: readonly Sort[]): Ranked {
  const hits = pages.flatMap(({ index, page }) => page.hits.map((hit): IndexHit => ({ ...hit, index })))
  if (pages.length > 1) hits.sort((a, b) => compareHits(a, b, sort))
  return { hits, total: pages.reduce((sum, { page }) => sum + page.total, 0) }
}

function compareHits(a: IndexHit, b: IndexHit, sort: readonly Sort[]): number {
  for (const [i, { order }] of sort.entries()) {
    const way = compareSortValues(a.sort?.[i] ?? null, b.sort?.[i] ?? null, order)
    if (way !== 0) return way
  }
  return (b.score ?? 0) - (a.score ?? 0) || compareText(a.id, b.id) || compareText(a.index, b.index)
}

/** Missing values last in both orders. */
function compareSortValues(a: SortValue, b: SortValue, order: Sort['order']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const way = typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b)
  return order === 'asc' ? way : -way
}
