import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { doc, fails, fill, INDEX, ids, type SearchHarness, SPEC } from './kit.ts'

/** Indexes: how they come, stay, change and go, and what they refuse. */
export const indexCases: readonly Case<SearchHarness>[] = [
  {
    name: 'SEARCH-01 SS-01 an index is made once, listed with its spec, and dropped',
    run: async ({ search }) => {
      await search.ensureIndex(INDEX, { ...SPEC, meta: { embedding: 'hash:3' } })
      await search.put(INDEX, [doc('1', {})])
      await search.ensureIndex(INDEX, SPEC)
      assert.deepEqual(await search.indexes(), [{ name: INDEX, spec: { ...SPEC, meta: { embedding: 'hash:3' } } }])
      assert.equal(await search.count(INDEX), 1)
      await search.dropIndex(INDEX)
      assert.deepEqual(await search.indexes(), [])
    },
  },
  {
    name: 'SEARCH-02 SS-02 dropping removes the data, and dropping nothing succeeds',
    run: async ({ search }) => {
      await search.dropIndex('never_made')
      await fill(search, doc('1', { title: 'word' }))
      await search.dropIndex(INDEX)
      await fails(search.count(INDEX), 'not_found')
      await search.ensureIndex(INDEX, SPEC)
      assert.equal(await search.count(INDEX), 0)
      assert.deepEqual(await ids(search, { text: { query: 'word' } }), [])
    },
  },
  {
    name: 'SEARCH-03 bad index names are refused',
    run: async ({ search }) => {
      for (const name of ['', 'Upper', '_a', '-a', '.a', 'a b', 'a/b', 'a"b', 'ä', 'x'.repeat(201)])
        await fails(search.ensureIndex(name, SPEC), 'invalid_argument')
      for (const name of ['a', '0', 'dataset_7563957783431741441', 'a.b-c_d', 'x'.repeat(200)])
        await search.ensureIndex(name, SPEC)
    },
  },
  {
    name: 'SEARCH-10 SS-03 every call on a missing index fails and none makes it',
    run: async ({ search }) => {
      const calls = [
        () => search.put('nowhere', [doc('1', {})]),
        () => search.update('nowhere', '1', {}, { upsert: true }),
        () => search.delete('nowhere', ['1']),
        () => search.deleteWhere('nowhere', { op: 'and', args: [] }),
        () => search.get('nowhere', '1'),
        () => search.search('nowhere', {}),
        () => search.count('nowhere'),
        () => search.scan('nowhere').next(),
      ]
      for (const call of calls) await fails(call(), 'not_found', /nowhere/)
      assert.deepEqual(await search.indexes(), [])
    },
  },
  {
    name: 'SEARCH-12 a field that is not in the spec comes back and matches nothing',
    run: async ({ search }) => {
      await fill(search, doc('1', { note: 'secret', list: [1, 'a', true], nothing: null, title: 'plain' }))
      const fields = { note: 'secret', list: [1, 'a', true], nothing: null, title: 'plain' }
      assert.deepEqual((await search.get(INDEX, '1'))?.fields, fields)
      assert.deepEqual(await ids(search, { text: { query: 'secret' } }), [])
      await fails(search.count(INDEX, { op: 'eq', field: 'note', value: 'secret' }), 'invalid_argument', /note/)
    },
  },
  {
    name: 'SEARCH-55 SS-39 everything is there after reopening',
    run: async (harness) => {
      const before = doc('1', { title: '大学 quick', tag: ['a', 'b'], count: 5, note: { 0: 'x' }[0] ?? '' }, [1, 2, 3])
      await fill(harness.search, before, doc('2', { title: 'gone' }), doc('3', { title: 'quick quick' }))
      await harness.search.delete(INDEX, ['2'])
      const request = { text: { query: 'quick' } }
      const expected = await scores(harness, request)
      const search = await harness.reopen()
      assert.deepEqual(await search.get(INDEX, '1'), before)
      assert.deepEqual(await search.indexes(), [{ name: INDEX, spec: SPEC }])
      assert.deepEqual(await scores({ search }, request), expected)
      assert.deepEqual(await ids(search, { text: { query: 'gone' } }), [])
      assert.deepEqual(await ids(search, { filter: { op: 'eq', field: 'tag', value: 'b' } }), ['1'])
      await search.put(INDEX, [doc('4', { title: 'quick' })])
      assert.equal(await search.count(INDEX), 3)
    },
  },
  {
    name: 'SEARCH-55 SS-39 after the newest documents were deleted, a reopened index takes new ones',
    run: async (harness) => {
      await fill(
        harness.search,
        doc('1', { title: 'quick' }),
        doc('2', { title: 'quick' }),
        doc('3', { title: 'quick' }),
      )
      await harness.search.delete(INDEX, ['2', '3'])
      const search = await harness.reopen()
      await search.put(INDEX, [doc('4', { title: 'quick' }), doc('1', { title: 'other' })])
      await search.delete(INDEX, ['1', '4'])
      const again = await harness.reopen()
      await again.put(INDEX, [doc('5', { title: 'quick' })])
      assert.deepEqual(await ids(again, { text: { query: 'quick' } }), ['5'])
      assert.equal(await again.count(INDEX), 1)
    },
  },
  {
    name: 'SEARCH-57 SS-43 a canceled call is refused and stops between batches',
    run: async ({ search }) => {
      await fill(search)
      await fails(search.search(INDEX, {}, { signal: AbortSignal.abort() }), 'canceled')
      const abort = new AbortController()
      const docs = Array.from({ length: 2_000 }, (_, i) => doc(`d${i}`, { title: `word ${i}` }))
      const put = search.put(INDEX, docs, { signal: abort.signal })
      abort.abort()
      await fails(put, 'canceled')
      assert.ok((await search.count(INDEX)) < 2_000)
    },
  },
  {
    name: 'SEARCH-60 a document over 10 MiB is refused',
    run: async ({ search }) => {
      await fill(search)
      await fails(
        search.put(INDEX, [doc('1', { note: 'x'.repeat(11 * 1024 ** 2) })]),
        'resource_exhausted',
        /10\.0 MiB/,
      )
    },
  },
  {
    name: 'SS-34 other dimensions, another type or another embedding ask for a re-index',
    run: async ({ search }) => {
      await search.ensureIndex(INDEX, { ...SPEC, meta: { embedding: 'a' } })
      await fails(search.ensureIndex(INDEX, { ...SPEC, vector: { dims: 4 } }), 'conflict', /re-index/)
      await fails(search.ensureIndex(INDEX, { ...SPEC, meta: { embedding: 'b' } }), 'conflict', /embedding/)
      await fails(search.ensureIndex(INDEX, { fields: { count: { type: 'keyword' } } }), 'conflict', /"count"/)
      assert.equal((await search.indexes())[0]?.spec.vector?.dims, 3)
    },
  },
  {
    name: 'SS-37 indexes do not see each other',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'mine' }))
      await search.ensureIndex('others', SPEC)
      await search.put('others', [doc('1', { title: 'theirs' })])
      assert.deepEqual(await ids(search, { text: { query: 'theirs' } }), [])
      await search.delete('others', ['1'])
      assert.equal(await search.count(INDEX), 1)
    },
  },
  {
    name: 'SS-38 searches answer while others write',
    run: async ({ search }) => {
      await fill(search)
      const writes = Array.from({ length: 30 }, (_, i) =>
        search.put(INDEX, [doc(`d${i}`, { title: 'word' }, [1, i, 1])]),
      )
      for (let i = 0; i < 30; i++) {
        const { hits, total } = await search.search(INDEX, {
          text: { query: 'word' },
          vector: Float32Array.of(1, 1, 1),
        })
        assert.ok(hits.length <= total)
        assert.ok(hits.every((hit) => hit.fields.title === 'word'))
      }
      await Promise.all(writes)
      assert.equal(await search.count(INDEX), 30)
    },
  },
  {
    name: 'SS-44 a field can be added; documents match it once they are put again',
    run: async (harness) => {
      const { search } = harness
      await search.ensureIndex(INDEX, { fields: { title: { type: 'text' } } })
      await search.put(INDEX, [doc('1', { title: 'one', body: 'more', tag: 'x' })])
      await search.ensureIndex(INDEX, SPEC)
      await search.put(INDEX, [doc('2', { title: 'two', body: 'more', tag: 'x' }, [1, 0, 0])])
      assert.deepEqual(await ids(search, { text: { query: 'more' } }), ['2'])
      await search.put(INDEX, [doc('1', { title: 'one', body: 'more', tag: 'x' })])
      const again = await harness.reopen()
      assert.deepEqual(await ids(again, { text: { query: 'more' } }), ['1', '2'])
      assert.deepEqual(await ids(again, { text: { query: 'one' } }), ['1'])
      assert.equal(await again.count(INDEX, { op: 'eq', field: 'tag', value: 'x' }), 2)
      assert.deepEqual(await ids(again, { vector: Float32Array.of(1, 0, 0) }), ['2'])
    },
  },
]

async function scores({ search }: Pick<SearchHarness, 'search'>, request: { text: { query: string } }) {
  return (await search.search(INDEX, request)).hits.map(({ id, raw }) => [id, raw.text])
}
