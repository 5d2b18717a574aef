import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { Filter, Search } from '../search.ts'
import { doc, fails, fill, INDEX, ids, type SearchHarness, scores } from './kit.ts'

/** Ids of what the filter matches, in id order. */
const where = (search: Search, filter: Filter): Promise<string[]> => ids(search, { filter, limit: 1_000 })

/** Filters and how they combine. */
export const filterCases: readonly Case<SearchHarness>[] = [
  {
    name: 'SEARCH-13 SS-17 a keyword is equal as number, text and boolean',
    run: async ({ search }) => {
      await fill(search, doc('1', { owner: 42 }), doc('2', { owner: '42' }), doc('3', { owner: true }))
      assert.deepEqual(await where(search, { op: 'eq', field: 'owner', value: 42 }), ['1', '2'])
      assert.deepEqual(await where(search, { op: 'eq', field: 'owner', value: '42' }), ['1', '2'])
      assert.deepEqual(await where(search, { op: 'eq', field: 'owner', value: 'true' }), ['3'])
      assert.deepEqual((await search.get(INDEX, '1'))?.fields, { owner: 42 })
    },
  },
  {
    name: 'SEARCH-14 a long is equal to its decimal text, and refuses what it would round',
    run: async ({ search }) => {
      await fill(search, doc('1', { count: '7' }), doc('2', { count: 7 }), doc('3', { count: 8 }))
      assert.deepEqual(await where(search, { op: 'eq', field: 'count', value: '7' }), ['1', '2'])
      await fails(where(search, { op: 'eq', field: 'count', value: 'seven' }), 'invalid_argument', /"count"/)
      await fails(
        where(search, { op: 'eq', field: 'count', value: '9223372036854775807' }),
        'invalid_argument',
        /keyword/,
      )
    },
  },
  {
    name: 'SEARCH-15 a flag filters as keyword 1 and as boolean',
    run: async ({ search }) => {
      await fill(search, doc('1', { owner: 1, open: true }), doc('2', { owner: 0, open: false }))
      assert.deepEqual(await where(search, { op: 'eq', field: 'owner', value: 1 }), ['1'])
      assert.deepEqual(await where(search, { op: 'eq', field: 'open', value: true }), ['1'])
      assert.deepEqual(await where(search, { op: 'eq', field: 'open', value: 'false' }), ['2'])
    },
  },
  {
    name: 'SEARCH-16 SS-19 in takes any of the values, and none matches nothing',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { owner: 1 }),
        doc('2', { owner: '2' }),
        doc('3', { owner: ['3', '4'] }),
        doc('4', {}),
      )
      assert.deepEqual(await where(search, { op: 'in', field: 'owner', values: [1, 4, 9] }), ['1', '3'])
      assert.deepEqual(await where(search, { op: 'in', field: 'owner', values: [] }), [])
      const many = Array.from({ length: 65_537 }, (_, i) => i)
      await fails(where(search, { op: 'in', field: 'owner', values: many }), 'invalid_argument')
    },
  },
  {
    name: 'SEARCH-17 contains compares ASCII letters without case',
    run: async ({ search }) => {
      await fill(search, doc('1', { tag: 'Hello World' }), doc('2', { tag: 'help' }), doc('3', { tag: 'other' }))
      assert.deepEqual(await where(search, { op: 'contains', field: 'tag', text: 'HEL' }), ['1', '2'])
      assert.deepEqual(await where(search, { op: 'contains', field: 'tag', text: 'lo wo' }), ['1'])
    },
  },
  {
    name: 'SEARCH-18 contains takes wildcard characters literally',
    run: async ({ search }) => {
      const texts = ['a*b', 'a?b', 'a\\b', 'a%b', 'a_b', 'aXb', "a'b", 'a"b']
      await fill(search, ...texts.map((tag, i) => doc(String(i), { tag })))
      for (const [i, text] of texts.entries())
        assert.deepEqual(await where(search, { op: 'contains', field: 'tag', text: text.slice(1) }), [String(i)], text)
    },
  },
  {
    name: 'SEARCH-19 contains finds CJK parts',
    run: async ({ search }) => {
      await fill(search, doc('1', { tag: '北京大学图书馆' }), doc('2', { tag: '東京' }))
      assert.deepEqual(await where(search, { op: 'contains', field: 'tag', text: '京大' }), ['1'])
    },
  },
  {
    name: 'SEARCH-20 contains of nothing matches every document that has the field',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { tag: 'a', title: '...' }),
        doc('2', { tag: '' }),
        doc('3', { tag: [] }),
        doc('4', {}),
      )
      assert.deepEqual(await where(search, { op: 'contains', field: 'tag', text: '' }), ['1', '2'])
      assert.deepEqual(await where(search, { op: 'contains', field: 'title', text: '' }), ['1'])
    },
  },
  {
    name: 'contains on text asks for every word of it, in any order',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'the quick brown fox' }),
        doc('2', { title: 'quick' }),
        doc('3', { body: 'fox quick' }),
      )
      assert.deepEqual(await where(search, { op: 'contains', field: 'title', text: 'Fox, QUICK' }), ['1'])
      assert.deepEqual(await where(search, { op: 'contains', field: 'title', text: 'quick unknown' }), [])
      await fails(where(search, { op: 'eq', field: 'title', value: 'quick' }), 'invalid_argument', /"title"/)
    },
  },
  {
    name: 'SEARCH-28 absent, null and empty are missing; an empty text is not',
    run: async ({ search }) => {
      await fill(search, doc('1', {}), doc('2', { tag: null, title: '' }), doc('3', { tag: [] }), doc('4', { tag: '' }))
      assert.deepEqual(await where(search, { op: 'missing', field: 'tag' }), ['1', '2', '3'])
      assert.deepEqual(await where(search, { op: 'exists', field: 'tag' }), ['4'])
      assert.deepEqual(await where(search, { op: 'exists', field: 'title' }), ['2'])
    },
  },
  {
    name: 'SEARCH-29 SS-20 a fixed part and a choice go together',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { owner: 'a' }),
        doc('2', { owner: 'a', tag: '0' }),
        doc('3', { owner: 'a', tag: '9' }),
        doc('4', { owner: 'b' }),
      )
      const choice: Filter = {
        op: 'or',
        args: [
          { op: 'missing', field: 'tag' },
          { op: 'eq', field: 'tag', value: '0' },
        ],
      }
      assert.deepEqual(await where(search, { op: 'and', args: [{ op: 'eq', field: 'owner', value: 'a' }, choice] }), [
        '1',
        '2',
      ])
    },
  },
  {
    name: 'SEARCH-32 SS-18 not and ne also match what lacks the field',
    run: async ({ search }) => {
      await fill(search, doc('1', { tag: 'a' }), doc('2', { tag: ['a', 'b'] }), doc('3', { tag: 'b' }), doc('4', {}))
      assert.deepEqual(await where(search, { op: 'ne', field: 'tag', value: 'a' }), ['3', '4'])
      assert.deepEqual(await where(search, { op: 'not', arg: { op: 'eq', field: 'tag', value: 'b' } }), ['1', '4'])
    },
  },
  {
    name: 'SEARCH-33 filters nest, but not without end',
    run: async ({ search }) => {
      await fill(search, doc('1', { count: 1 }), doc('2', { count: 2 }), doc('3', { count: 3 }))
      const odd: Filter = { op: 'in', field: 'count', values: [1, 3] }
      const small: Filter = { op: 'range', field: 'count', lt: 3 }
      const nested: Filter = {
        op: 'or',
        args: [{ op: 'and', args: [odd, { op: 'not', arg: { op: 'not', arg: small } }] }],
      }
      assert.deepEqual(await where(search, nested), ['1'])
      let deep: Filter = odd
      for (let i = 0; i < 10_000; i++) deep = { op: 'not', arg: deep }
      await fails(where(search, deep), 'invalid_argument')
    },
  },
  {
    name: 'SEARCH-34 an empty and, or no filter at all, matches everything; an empty or nothing',
    run: async ({ search }) => {
      await fill(search, doc('1', {}), doc('2', { title: 'x' }))
      assert.deepEqual(await where(search, { op: 'and', args: [] }), ['1', '2'])
      assert.deepEqual(await ids(search, {}), ['1', '2'])
      assert.deepEqual(await where(search, { op: 'or', args: [] }), [])
    },
  },
  {
    name: 'SEARCH-35 a filter leaves the raw scores of what it lets through alone',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'word', tag: 'a' }),
        doc('2', { title: 'word word more', tag: 'b' }),
        doc('3', { title: 'no' }),
      )
      const all = await search.search(INDEX, { text: { query: 'word' } })
      const some = await search.search(INDEX, {
        text: { query: 'word' },
        filter: { op: 'eq', field: 'tag', value: 'b' },
      })
      assert.deepEqual(
        some.hits.map((hit) => hit.id),
        ['2'],
      )
      assert.equal(some.hits[0]?.raw.text, all.hits.find((hit) => hit.id === '2')?.raw.text)
      assert.equal(some.total, 1)
    },
  },
  {
    name: 'SEARCH-59 ranges keep to their bounds',
    run: async ({ search }) => {
      await fill(
        search,
        ...[1, 2, 3, 4].map((n) => doc(String(n), { count: n, price: n / 2, tag: `t${n}` })),
        doc('5', {}),
      )
      assert.deepEqual(await where(search, { op: 'range', field: 'count', gte: 2, lt: 4 }), ['2', '3'])
      assert.deepEqual(await where(search, { op: 'range', field: 'count', gt: '2' }), ['3', '4'])
      assert.deepEqual(await where(search, { op: 'range', field: 'price', lte: 1 }), ['1', '2'])
      assert.deepEqual(await where(search, { op: 'range', field: 'tag', gte: 't2', lte: 't3' }), ['2', '3'])
      assert.deepEqual(await where(search, { op: 'range', field: 'count' }), ['1', '2', '3', '4'])
    },
  },
  {
    name: 'SS-21 a filter on an unknown field is refused, not ignored',
    run: async ({ search }) => {
      await fill(search, doc('1', { tag: 'a' }))
      for (const op of ['exists', 'missing'] as const)
        await fails(where(search, { op, field: 'nothing' }), 'invalid_argument', /"nothing"/)
      await fails(where(search, { op: 'eq', field: 'constructor', value: 1 }), 'invalid_argument')
      await fails(search.deleteWhere(INDEX, { op: 'eq', field: 'tog', value: 'a' }), 'invalid_argument')
      assert.equal(await search.count(INDEX), 1)
    },
  },
  {
    name: 'SS-22 SS-23 partitions restrict, join, and may be unknown, for text and vectors alike',
    run: async ({ search }) => {
      const part = (id: string, owner: string) => doc(id, { owner, title: 'word' }, [1, 0, 0])
      await fill(search, part('1', 'p'), part('2', 'q'), part('3', 'r'))
      const ask = async (values: string[]) => {
        const filter: Filter = { op: 'in', field: 'owner', values }
        const text = await ids(search, { text: { query: 'word' }, filter })
        assert.deepEqual(await ids(search, { vector: Float32Array.of(1, 0, 0), filter }), text)
        assert.deepEqual(await ids(search, { text: { query: 'word' }, vector: Float32Array.of(1, 0, 0), filter }), text)
        return text
      }
      assert.deepEqual(await ask(['p']), ['1'])
      assert.deepEqual(await ask(['p', 'r']), ['1', '3'])
      assert.deepEqual(await ask(['unknown']), [])
    },
  },
  {
    name: 'SS-41 count follows the filter, and deleteWhere removes what it matches',
    run: async ({ search }) => {
      await fill(search, doc('1', { owner: 'a' }), doc('2', { owner: 'a' }), doc('3', { owner: 'b' }))
      assert.equal(await search.count(INDEX, { op: 'eq', field: 'owner', value: 'a' }), 2)
      assert.equal(await search.deleteWhere(INDEX, { op: 'eq', field: 'owner', value: 'a' }), 2)
      assert.equal(await search.deleteWhere(INDEX, { op: 'eq', field: 'owner', value: 'a' }), 0)
      assert.equal(await search.count(INDEX), 1)
      assert.deepEqual(await scores(search, {}), [null])
    },
  },
]
