import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { Sort, SortValue } from '../search.ts'
import { doc, fails, fill, INDEX, ids, type SearchHarness, SPEC } from './kit.ts'

const by = (field: string, order: Sort['order'] = 'asc'): Sort[] => [{ field, order }]

/** Sorting, paging, totals, several indexes. */
export const listingCases: readonly Case<SearchHarness>[] = [
  {
    name: 'SEARCH-36 sorting goes both ways, and what is missing comes last in both',
    run: async ({ search }) => {
      await fill(search, doc('1', { count: 2 }), doc('2', {}), doc('3', { count: -1 }), doc('4', { count: 10 }))
      assert.deepEqual(await ids(search, { sort: by('count') }), ['3', '1', '4', '2'])
      assert.deepEqual(await ids(search, { sort: by('count', 'desc') }), ['4', '1', '3', '2'])
    },
  },
  {
    name: 'SEARCH-37 ties are ordered by id, and a second key comes first',
    run: async ({ search }) => {
      await fill(
        search,
        doc('c', { count: 1, tag: 'x' }),
        doc('a', { count: 1, tag: 'z' }),
        doc('b', { count: 1, tag: 'x' }),
      )
      assert.deepEqual(await ids(search, { sort: by('count', 'desc') }), ['a', 'b', 'c'])
      assert.deepEqual(await ids(search, { sort: [...by('count'), ...by('tag')] }), ['b', 'c', 'a'])
    },
  },
  {
    name: 'SEARCH-38 sorting by an unknown or text field is refused',
    run: async ({ search }) => {
      await fill(search)
      await fails(ids(search, { sort: by('nothing') }), 'invalid_argument', /"nothing"/)
      await fails(ids(search, { sort: by('title') }), 'invalid_argument', /"title"/)
      await fails(ids(search, { sort: by('count'), vector: Float32Array.of(1, 0, 0) }), 'invalid_argument')
    },
  },
  {
    name: 'SEARCH-39 keywords sort by code unit, lists by their first value in the order, booleans false first',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { tag: 'b', open: true }),
        doc('2', { tag: 'B', open: false }),
        doc('3', { tag: ['a', 'z'], open: true }),
      )
      assert.deepEqual(await ids(search, { sort: by('tag') }), ['2', '3', '1'])
      assert.deepEqual(await ids(search, { sort: by('tag', 'desc') }), ['3', '1', '2'])
      assert.deepEqual(await ids(search, { sort: by('open') }), ['2', '1', '3'])
    },
  },
  {
    name: 'SEARCH-40 after with the value alone goes strictly behind it',
    run: async ({ search }) => {
      await fill(search, ...[1, 2, 2, 3].map((count, i) => doc(`d${i}`, { count })), doc('last', {}))
      assert.deepEqual(await ids(search, { sort: by('count'), after: [1] }), ['d1', 'd2', 'd3', 'last'])
      assert.deepEqual(await ids(search, { sort: by('count'), after: [2] }), ['d3', 'last'])
      assert.deepEqual(await ids(search, { sort: by('count', 'desc'), after: [2] }), ['d0', 'last'])
      assert.deepEqual(await ids(search, { sort: by('count'), after: [null] }), [])
    },
  },
  {
    name: 'SEARCH-41 following the sort of the last hit meets every document once',
    run: async ({ search }) => {
      await fill(search, ...Array.from({ length: 57 }, (_, i) => doc(`d${i}`, i % 5 === 0 ? {} : { count: i % 4 })))
      for (const order of ['asc', 'desc'] as const) {
        const seen: string[] = []
        for (let after: SortValue[] | undefined; ; ) {
          const page = await search.search(INDEX, {
            sort: by('count', order),
            limit: 4,
            ...(after === undefined ? {} : { after }),
          })
          seen.push(...page.hits.map((hit) => hit.id))
          assert.equal(page.total, 57)
          after = page.hits.at(-1)?.sort
          if (after === undefined) break
        }
        assert.deepEqual(seen, await ids(search, { sort: by('count', order), limit: 100 }))
      }
    },
  },
  {
    name: 'SEARCH-42 after takes a number as text, and refuses what does not fit',
    run: async ({ search }) => {
      await fill(search, doc('1', { count: 9 }), doc('2', { count: 10 }))
      assert.deepEqual(await ids(search, { sort: by('count'), after: ['9'] }), ['2'])
      await fails(ids(search, { sort: by('count'), after: ['nine'] }), 'invalid_argument')
      await fails(ids(search, { sort: by('count'), after: [] }), 'invalid_argument')
      await fails(ids(search, { after: ['1'] }), 'invalid_argument')
    },
  },
  {
    name: 'SEARCH-43 pages do not overlap, offset beats after, and the window ends at 10,000',
    run: async ({ search }) => {
      await fill(search, ...Array.from({ length: 25 }, (_, i) => doc(`d${i}`, { count: i, title: 'word' }, [1, i, 0])))
      for (const request of [
        { sort: by('count') },
        { text: { query: 'word' } },
        { vector: Float32Array.of(1, 0, 0) },
      ]) {
        const pages = await Promise.all([0, 10, 20].map((offset) => ids(search, { ...request, offset, limit: 10 })))
        assert.deepEqual(
          pages.map((page) => page.length),
          [10, 10, 5],
        )
        assert.equal(new Set(pages.flat()).size, 25)
      }
      assert.deepEqual(await ids(search, { sort: by('count'), offset: 2, after: [20], limit: 1 }), ['d2'])
      await fails(ids(search, { offset: 9_999, limit: 2 }), 'out_of_range')
      await fails(ids(search, { offset: -1 }), 'invalid_argument')
      await fails(ids(search, { limit: 1.5 }), 'invalid_argument')
    },
  },
  {
    name: 'SEARCH-44 SS-14 ten hits by default, and none for a limit of 0',
    run: async ({ search }) => {
      await fill(search, ...Array.from({ length: 12 }, (_, i) => doc(`d${i}`, { title: 'word' }, [1, i, 0])))
      for (const request of [{}, { text: { query: 'word' } }, { vector: Float32Array.of(1, 0, 0) }]) {
        assert.equal((await ids(search, request)).length, 10)
        assert.deepEqual(await search.search(INDEX, { ...request, limit: 0 }), { hits: [], total: 12 })
      }
    },
  },
  {
    name: 'SEARCH-45 the total does not depend on the page',
    run: async ({ search }) => {
      await fill(search, ...Array.from({ length: 30 }, (_, i) => doc(`d${i}`, { title: i < 20 ? 'word' : 'other' })))
      for (const [limit, offset] of [
        [1, 0],
        [10, 15],
        [5, 100],
      ] as const)
        assert.equal((await search.search(INDEX, { text: { query: 'word' }, limit, offset })).total, 20)
    },
  },
  {
    name: 'SS-42 an empty index answers with nothing',
    run: async ({ search }) => {
      await fill(search)
      for (const request of [
        {},
        { text: { query: 'word' } },
        { vector: Float32Array.of(1, 0, 0) },
        { sort: by('count') },
      ])
        assert.deepEqual(await search.search(INDEX, request), { hits: [], total: 0 })
    },
  },
  {
    name: 'several indexes are searched as one, by score and by sort',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'red house', count: 3 }, [1, 0, 0]),
        doc('2', { title: 'blue', count: 1 }, [0, 1, 0]),
      )
      await search.ensureIndex('more', SPEC)
      await search.put('more', [
        doc('1', { title: 'red', count: 2 }, [1, 0.1, 0]),
        doc('3', { title: 'house', count: 4 }, [0, 0, 1]),
      ])
      const where = async (request: Parameters<typeof search.search>[1]) => {
        const { hits, total } = await search.search([INDEX, 'more', INDEX], request)
        assert.ok(hits.length <= total)
        return hits.map((hit) => `${hit.index}/${hit.id}`)
      }
      assert.deepEqual(await where({ sort: by('count') }), ['things/2', 'more/1', 'things/1', 'more/3'])
      assert.deepEqual(await where({ vector: Float32Array.of(1, 0, 0), limit: 2 }), ['things/1', 'more/1'])
      assert.equal((await where({ text: { query: 'red house' } })).length, 3)
      assert.equal((await where({ text: { query: 'red house' }, vector: Float32Array.of(1, 0, 0) }))[0], 'things/1')
      assert.deepEqual(await where({ sort: by('count'), offset: 1, limit: 2 }), ['more/1', 'things/1'])
      assert.deepEqual(await search.search([], {}), { hits: [], total: 0 })
      await fails(search.search([INDEX, 'nowhere'], {}), 'not_found', /nowhere/)
    },
  },
]
