import type { DriverQuery, SearchDriver, SortValue } from './driver.ts'
import { fuse } from './fusion.ts'
import { type IndexHit, mergePages } from './merge.ts'
import { type IndexPlan, MAX_WINDOW, type Shape } from './request.ts'

/**
 * `score` is normalised to 0…1 and comparable within one answer only: text by the best hit, vectors by
 * (cosine + 1) / 2, both together by reciprocal rank fusion; `null` when the request ranks nothing. `raw` holds what
 * it was made from: BM25 and cosine. `sort` is what `after` takes: one value a sort key, and the id.
 */
export type RankedHit = {
  index: string
  id: string
  score: number | null
  raw: { text?: number; vector?: number }
  sort?: SortValue[]
}
type Ranked = { hits: RankedHit[]; total: number }

/** The indexes of one request, each with what it is asked. */
export type Targets = readonly { index: string; plan: IndexPlan }[]

/** How deep each ranking goes before two are fused. */
const FUSION_DEPTH = 100

/** The first `offset` + `limit` hits over all targets, best first, and how many there are in all. */
export async function rank(driver: SearchDriver, targets: Targets, shape: Shape): Promise<Ranked> {
  const window = shape.offset + shape.limit
  switch (shape.mode) {
    case 'list':
      return rankListing(driver, targets, window, shape.sort)
    case 'text':
      return rankText(driver, targets, window, shape.minScore)
    case 'vector':
      return rankVector(driver, targets, window, shape.minScore)
    case 'hybrid': {
      const depth = Math.min(MAX_WINDOW, Math.max(FUSION_DEPTH, window))
      const channels = [rankText(driver, targets, depth, 0), rankVector(driver, targets, depth, 0, true)]
      return fuseHits(
        (await Promise.all(channels)).map(({ hits }) => hits),
        shape.minScore,
      )
    }
  }
}

async function ask(
  driver: SearchDriver,
  targets: Targets,
  query: (plan: IndexPlan) => DriverQuery,
  sort: Shape['sort'] = [],
): Promise<{ hits: IndexHit[]; total: number }> {
  const pages = targets.map(async ({ index, plan }) => ({ index, page: await driver.search(index, query(plan)) }))
  return mergePages(await Promise.all(pages), sort)
}

async function rankListing(
  driver: SearchDriver,
  targets: Targets,
  limit: number,
  sort: Shape['sort'],
): Promise<Ranked> {
  const query = ({ filtered, match, order }: IndexPlan): DriverQuery => ({
    ...filtered,
    ...(match === undefined ? {} : { match }),
    ...order,
    limit,
  })
  const { hits, total } = await ask(driver, targets, query, sort)
  return {
    hits: hits.map(({ index, id, sort }) => ({
      index,
      id,
      score: null,
      raw: {},
      ...(sort === undefined ? {} : { sort: [...sort, id] }),
    })),
    total,
  }
}

/** BM25, divided by the best score over all the indexes asked. */
async function rankText(driver: SearchDriver, targets: Targets, limit: number, minScore: number): Promise<Ranked> {
  const askFor = (n: number, floor?: number) =>
    ask(driver, targets, ({ filtered, match }) => ({
      ...filtered,
      ...(match === undefined ? {} : { match }),
      ...(floor === undefined ? {} : { minScore: floor }),
      limit: n,
    }))
  // The best hit sets the scale, so with a floor one is fetched even when none is to be returned.
  const found = await askFor(minScore > 0 ? Math.max(1, limit) : limit)
  const best = found.hits[0]?.score ?? 0
  const hits = found.hits.map(({ index, id, score }): RankedHit & { score: number } => {
    const text = score ?? 0
    return { index, id, score: best > 0 ? text / best : 0, raw: { text } }
  })
  if (minScore === 0) return { hits, total: found.total }
  const kept = hits.filter((hit) => hit.score >= minScore)
  const allSeen = kept.length < hits.length || hits.length === found.total
  return { hits: kept, total: allSeen ? kept.length : (await askFor(0, best * minScore)).total }
}

async function rankVector(
  driver: SearchDriver,
  targets: Targets,
  limit: number,
  minScore: number,
  uncounted = false,
): Promise<Ranked> {
  const { hits, total } = await ask(
    driver,
    // A vector of zeros has no direction and is near nothing.
    targets.filter(({ plan }) => plan.vector?.some((x) => x !== 0)),
    ({ filtered, vector }) => ({
      ...filtered,
      ...(vector === undefined ? {} : { vector }),
      ...(minScore > 0 ? { minScore: 2 * minScore - 1 } : {}),
      ...(uncounted ? { uncounted: true as const } : {}),
      limit,
    }),
  )
  const ranked = hits.map(({ index, id, score }): RankedHit => {
    const vector = Math.min(1, Math.max(-1, score ?? -1))
    return { index, id, score: (vector + 1) / 2, raw: { vector } }
  })
  return { hits: ranked, total }
}

/** Keys join id and index by a character that neither can hold. */
function fuseHits(channels: readonly (readonly RankedHit[])[], minScore: number): Ranked {
  const byKey = new Map<string, RankedHit>()
  const keyed = channels.map((hits) =>
    hits.map((hit) => {
      const key = `${hit.id}\0${hit.index}`
      const seen = byKey.get(key)
      byKey.set(key, seen === undefined ? hit : { ...hit, raw: { ...seen.raw, ...hit.raw } })
      return key
    }),
  )
  const hits = fuse(keyed).flatMap(({ key, score }): RankedHit[] => {
    const hit = byKey.get(key)
    return hit === undefined || score < minScore ? [] : [{ ...hit, score }]
  })
  return { hits, total: hits.length }
}
