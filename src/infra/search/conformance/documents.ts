import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { doc, fails, fill, INDEX, ids, type SearchHarness, SPEC } from './kit.ts'

/** Documents: what is written is there, and only that. */
export const documentCases: readonly Case<SearchHarness>[] = [
  {
    name: 'SEARCH-04 a document is found as soon as put has resolved',
    run: async ({ search }) => {
      await search.ensureIndex(INDEX, SPEC)
      for (let i = 0; i < 20; i++) {
        await search.put(INDEX, [doc(`d${i}`, { title: `word${i}` }, [1, i, 0])])
        assert.deepEqual(await ids(search, { text: { query: `word${i}` } }), [`d${i}`])
      }
    },
  },
  {
    name: 'SEARCH-05 SS-05 put replaces the whole document, its words and its vector',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'old', tag: 'x', count: 1 }, [1, 0, 0]), doc('2', { title: 'other' }))
      await search.put(INDEX, [doc('1', { title: 'fresh' }, [0, 1, 0])])
      assert.deepEqual(await search.get(INDEX, '1'), doc('1', { title: 'fresh' }, [0, 1, 0]))
      assert.deepEqual(await ids(search, { text: { query: 'old' } }), [])
      assert.deepEqual(await ids(search, { filter: { op: 'eq', field: 'tag', value: 'x' } }), [])
      const { hits } = await search.search(INDEX, { vector: Float32Array.of(1, 0, 0) })
      assert.deepEqual([hits.length, hits[0]?.raw.vector], [1, 0])
    },
  },
  {
    name: 'SEARCH-06 update keeps what it does not name, and null removes a field',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'red house', tag: 'x', count: 1, extra: 'kept' }, [1, 0, 0]))
      await search.update(INDEX, '1', { fields: { count: 2, tag: null } })
      assert.deepEqual(
        await search.get(INDEX, '1'),
        doc('1', { title: 'red house', count: 2, extra: 'kept' }, [1, 0, 0]),
      )
      assert.deepEqual(await ids(search, { text: { query: 'house' } }), ['1'])
      assert.deepEqual(await ids(search, { filter: { op: 'missing', field: 'tag' } }), ['1'])
      await search.update(INDEX, '1', { vector: null, fields: { title: 'blue house' } })
      assert.deepEqual(await ids(search, { vector: Float32Array.of(1, 0, 0) }), [])
      assert.deepEqual(await ids(search, { text: { query: 'blue' } }), ['1'])
      assert.deepEqual(await ids(search, { text: { query: 'red' } }), [])
    },
  },
  {
    name: 'SEARCH-07 update replaces a list as a whole',
    run: async ({ search }) => {
      await fill(search, doc('1', { tag: ['a', 'b'] }))
      await search.update(INDEX, '1', { fields: { tag: ['c'] } })
      assert.deepEqual((await search.get(INDEX, '1'))?.fields, { tag: ['c'] })
      assert.deepEqual(await ids(search, { filter: { op: 'eq', field: 'tag', value: 'a' } }), [])
    },
  },
  {
    name: 'SEARCH-08 updating what is not there fails, with upsert it makes it',
    run: async ({ search }) => {
      await fill(search)
      await fails(search.update(INDEX, '1', { fields: { count: 1 } }), 'not_found')
      assert.equal(await search.count(INDEX), 0)
      await search.update(INDEX, '1', { fields: { count: 1 } }, { upsert: true })
      assert.deepEqual(await search.get(INDEX, '1'), doc('1', { count: 1 }))
    },
  },
  {
    name: 'SEARCH-09 SS-25 delete says how many were there and hides them at once',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'word' }), doc('2', { title: 'word' }))
      assert.equal(await search.delete(INDEX, ['1', '1', 'missing']), 1)
      assert.deepEqual(await ids(search, { text: { query: 'word' } }), ['2'])
      assert.equal(await search.get(INDEX, '1'), null)
      assert.equal(await search.delete(INDEX, ['1']), 0)
    },
  },
  {
    name: 'SEARCH-11 SS-27 SS-45 63-bit ids are exact in document ids, fields and filters',
    run: async ({ search }) => {
      const [a, b] = ['9223372036854775806', '9223372036854775807']
      await fill(search, doc(a, { owner: a, note: a }), doc(b, { owner: b }))
      assert.deepEqual((await search.get(INDEX, a))?.fields, { owner: a, note: a })
      assert.deepEqual(await ids(search, { filter: { op: 'eq', field: 'owner', value: b } }), [b])
    },
  },
  {
    name: 'SEARCH-49 2,500 documents of one call are all there',
    run: async ({ search }) => {
      await fill(search)
      await search.put(
        INDEX,
        Array.from({ length: 2_500 }, (_, i) => doc(`d${i}`, { title: 'same', count: i })),
      )
      assert.equal(await search.count(INDEX), 2_500)
      assert.equal((await search.search(INDEX, { text: { query: 'same' }, limit: 0 })).total, 2_500)
    },
  },
  {
    name: 'SEARCH-50 a bad document is named and nothing of its call is written',
    run: async ({ search }) => {
      await fill(search)
      const bad = [
        { doc: doc('bad', { count: 'many' }), says: /"bad".*"count"/ },
        { doc: doc('bad', { count: 1.5 }), says: /whole/ },
        { doc: doc('bad', { price: Number.NaN }), says: /"price"/ },
        { doc: doc('bad', { open: 'maybe' }), says: /"open"/ },
        { doc: doc('bad', {}, [1, 2]), says: /dimensions/ },
        { doc: doc('bad', {}, [1, 2, Number.POSITIVE_INFINITY]), says: /finite/ },
        { doc: doc('bad', JSON.parse('{"__proto__":"x"}')), says: /__proto__/ },
        { doc: doc('', {}), says: /id/ },
        { doc: doc('a\nb', {}), says: /id/ },
      ]
      for (const { doc: wrong, says } of bad)
        await fails(search.put(INDEX, [doc('good', {}), wrong]), 'invalid_argument', says)
      assert.equal(await search.count(INDEX), 0)
    },
  },
  {
    name: 'SEARCH-51 SS-09 deleting what is missing and putting nothing succeed',
    run: async ({ search }) => {
      await fill(search)
      assert.equal(await search.delete(INDEX, ['x', 'y']), 0)
      assert.equal(await search.delete(INDEX, []), 0)
      await search.put(INDEX, [])
    },
  },
  {
    name: 'SEARCH-52 calls on one document take effect in the order they were made',
    run: async ({ search }) => {
      await fill(search)
      const calls: Promise<unknown>[] = []
      for (let i = 0; i < 20; i++) {
        calls.push(search.put(INDEX, [doc('1', { count: i })]))
        calls.push(search.delete(INDEX, ['1']))
        calls.push(search.put(INDEX, [doc('2', { count: i })]))
      }
      await Promise.all(calls)
      assert.equal(await search.get(INDEX, '1'), null)
      assert.deepEqual((await search.get(INDEX, '2'))?.fields, { count: 19 })
    },
  },
  {
    name: 'SEARCH-53 scan gives each document once while others are written',
    run: async ({ search }) => {
      const all = Array.from({ length: 700 }, (_, i) => doc(`d${i}`, { count: i }, [1, i, 0]))
      await fill(search, ...all)
      const seen: string[] = []
      for await (const found of search.scan(INDEX)) {
        seen.push(found.id)
        if (seen.length % 100 === 0) {
          await search.put(INDEX, [doc('d0', { count: -1 }), doc('d699', { count: -1 }), doc(`new${seen.length}`, {})])
        }
      }
      const old = seen.filter((id) => id.startsWith('d'))
      assert.equal(new Set(seen).size, seen.length)
      assert.equal(old.length, 700)
    },
  },
  {
    name: 'SEARCH-54 50 updates of one document at once lose no field',
    run: async ({ search }) => {
      await fill(search, doc('1', {}))
      await Promise.all(Array.from({ length: 50 }, (_, i) => search.update(INDEX, '1', { fields: { [`f${i}`]: i } })))
      assert.equal(Object.keys((await search.get(INDEX, '1'))?.fields ?? {}).length, 50)
    },
  },
  {
    name: 'SS-06 the last of several documents with one id wins',
    run: async ({ search }) => {
      await fill(search, doc('1', { count: 1 }), doc('2', {}), doc('1', { count: 2 }))
      assert.deepEqual((await search.get(INDEX, '1'))?.fields, { count: 2 })
      assert.equal(await search.count(INDEX), 2)
    },
  },
  {
    name: 'SS-26 5,000 ids are deleted in one call',
    run: async ({ search }) => {
      const all = Array.from({ length: 5_000 }, (_, i) => doc(`d${i}`, { tag: i % 2 === 0 ? 'even' : 'odd' }))
      await fill(search, ...all, doc('rest', { tag: 'even' }))
      assert.equal(
        await search.delete(
          INDEX,
          all.map(({ id }) => id),
        ),
        5_000,
      )
      assert.equal(await search.count(INDEX), 1)
    },
  },
  {
    name: 'SS-28 a text of 65,535 bytes is indexed whole',
    run: async ({ search }) => {
      await fill(search, doc('1', { body: `${'a '.repeat(32_764)}lastword` }))
      assert.deepEqual(await ids(search, { text: { query: 'lastword' } }), ['1'])
    },
  },
]
