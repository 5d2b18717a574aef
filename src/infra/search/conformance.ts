import type { Case } from '../../base/conformance.ts'
import { documentCases } from './conformance/documents.ts'
import { filterCases } from './conformance/filters.ts'
import { indexCases } from './conformance/indexes.ts'
import type { SearchHarness } from './conformance/kit.ts'
import { listingCases } from './conformance/listing.ts'
import { textCases } from './conformance/text.ts'
import { vectorCases } from './conformance/vectors.ts'

/** What every search provider must do. A case without a number states something that the numbered ones leave open. */
export const searchCases: readonly Case<SearchHarness>[] = [
  ...indexCases,
  ...documentCases,
  ...filterCases,
  ...textCases,
  ...listingCases,
  ...vectorCases,
]

/*
 * Left out, because our interface has no such thing:
 * SEARCH-30, SEARCH-31 scored "should" clauses with a minimum: `or` within a filter is enough for every caller.
 * SEARCH-56 answers of a remote engine that are errors: comes with the first remote provider.
 * SEARCH-58 listing 100,000 documents in time: measured by the benches, not asserted.
 * SS-04 ids returned by store: `put` returns nothing. SS-07, SS-08 numeric ids, a required creator: fields are free.
 * SS-10 progress per batch: the caller batches. SS-11, SS-12, SS-35 embedding happens before `put`.
 * SS-32 L2 distance: cosine is the only measure. The upper limit in SS-28: 10 MiB a document instead (SEARCH-60).
 */
