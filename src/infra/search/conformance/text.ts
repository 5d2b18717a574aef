import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { doc, fails, fill, INDEX, ids, near, type SearchHarness, scores } from './kit.ts'

/** Words and how they rank. */
export const textCases: readonly Case<SearchHarness>[] = [
  {
    name: 'SEARCH-21 any word matches, and more matching words rank first',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'red car' }),
        doc('2', { title: 'red house' }),
        doc('3', { title: 'blue sky' }),
      )
      assert.deepEqual(await ids(search, { text: { query: 'red house' } }), ['2', '1'])
    },
  },
  {
    name: 'SEARCH-22 a rarer word outranks a common one',
    run: async ({ search }) => {
      await fill(search, ...['1', '2', '3'].map((id) => doc(id, { title: 'common' })), doc('4', { title: 'rare' }))
      assert.equal((await ids(search, { text: { query: 'common rare' } }))[0], '4')
    },
  },
  {
    name: 'SEARCH-23 the shorter field outranks at the same frequency',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'word and a great many others' }), doc('2', { title: 'word alone' }))
      assert.deepEqual(await ids(search, { text: { query: 'word' } }), ['2', '1'])
    },
  },
  {
    name: "scores are those of Lucene's BM25 with exact lengths, also after deletions",
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'a a b' }), doc('2', { title: 'a c d e f' }), doc('3', { title: 'b' }))
      const bm25 = (tf: number, length: number, average: number, documents: number, holders: number) =>
        (Math.log(1 + (documents - holders + 0.5) / (holders + 0.5)) * tf * 2.2) /
        (tf + 1.2 * (0.25 + (0.75 * length) / average))
      const raw = async () => (await search.search(INDEX, { text: { query: 'a' } })).hits.map((hit) => hit.raw.text)
      const [first, second] = await raw()
      // Servers may score in single precision.
      near(first, bm25(2, 3, 3, 3, 2), 1e-7)
      near(second, bm25(1, 5, 3, 3, 2), 1e-7)
      await search.put(INDEX, [doc('2', { title: 'x x x' })])
      await search.delete(INDEX, ['3'])
      near((await raw())[0], bm25(2, 3, 3, 2, 1), 1e-7)
    },
  },
  {
    name: 'SEARCH-24 SS-36 Chinese is found by word and by character',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { body: '我们去北京大学读书' }),
        doc('2', { body: '人工智能助手支持知识库检索' }),
        doc('3', { body: '今天天气很好' }),
      )
      for (const [query, id] of [
        ['大学', '1'],
        ['北京大学', '1'],
        ['学', '1'],
        ['知识库', '2'],
        ['人工智能', '2'],
        ['天气', '3'],
      ] as const)
        assert.equal((await ids(search, { text: { query } }))[0], id, query)
      assert.deepEqual(await ids(search, { text: { query: '飞机' } }), [])
    },
  },
  {
    name: 'SS-36 Japanese is found by word, in full and half width',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { body: '東京都に住んでいます' }),
        doc('2', { body: 'スマートフォンの電池を交換する方法' }),
        doc('3', { body: '食べ物が好きです' }),
      )
      for (const [query, id] of [
        ['東京', '1'],
        ['電池', '2'],
        ['ｽﾏｰﾄﾌｫﾝ', '2'],
        ['食べ物', '3'],
      ] as const)
        assert.equal((await ids(search, { text: { query } }))[0], id, query)
    },
  },
  {
    name: 'SS-36 Thai, Lao, Khmer and Burmese are found by word',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { body: 'สวัสดีครับผมชอบกินข้าวผัด' }),
        doc('2', { body: 'ពួកគេស្រលាញ់ភាសាខ្មែរ' }),
        doc('3', { body: 'မြန်မာစာကို လေ့လာသည်' }),
        doc('4', { body: 'ພາສາລາວ ງ່າຍ' }),
      )
      for (const [query, id] of [
        ['ข้าวผัด', '1'],
        ['กิน', '1'],
        ['ស្រលាញ់', '2'],
        ['မြန်မာ', '3'],
        ['ງ່າຍ', '4'],
      ] as const)
        assert.deepEqual(await ids(search, { text: { query } }), [id], query)
    },
  },
  {
    name: 'SEARCH-25 case, width and composition do not matter',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'Café ＦＵＬＬ Straße ΣΊΣΥΦΟΣ' }))
      for (const query of ['CAFE\u0301', 'full', 'STRAßE', 'σίσυφος'])
        assert.deepEqual(await ids(search, { text: { query } }), ['1'], query)
    },
  },
  {
    name: 'SEARCH-26 SS-24 several fields: any word, or every word within one of them',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'red', body: 'house' }),
        doc('2', { title: 'red house' }),
        doc('3', { body: 'tree' }),
      )
      assert.deepEqual((await ids(search, { text: { query: 'red house' } })).sort(), ['1', '2'])
      assert.deepEqual(await ids(search, { text: { query: 'red house', operator: 'and' } }), ['2'])
      assert.deepEqual(await ids(search, { text: { query: 'red unknown', operator: 'and' } }), [])
      assert.deepEqual(await ids(search, { text: { query: 'house', fields: ['body'] } }), ['1'])
      await fails(ids(search, { text: { query: 'x', fields: ['tag'] } }), 'invalid_argument', /"tag"/)
      await fails(ids(search, { text: { query: 'x', fields: ['nothing'] } }), 'invalid_argument', /"nothing"/)
    },
  },
  {
    name: 'SEARCH-27 of several fields the best counts',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'word', body: 'a long text that has the word somewhere' }),
        doc('2', { title: 'other' }),
      )
      const raw = async (fields?: string[]) =>
        (await search.search(INDEX, { text: { query: 'word', ...(fields === undefined ? {} : { fields }) } })).hits[0]
          ?.raw.text ?? 0
      assert.equal(await raw(), Math.max(await raw(['title']), await raw(['body'])))
    },
  },
  {
    name: 'a query without any word finds nothing',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: '...' }), doc('2', { title: 'word' }))
      for (const query of ['', '  ', '?!', '…']) assert.deepEqual(await ids(search, { text: { query } }), [], query)
    },
  },
  {
    name: 'SEARCH-46 SS-16 minScore cuts on the normalised score, and so does the total',
    run: async ({ search }) => {
      await fill(search, ...Array.from({ length: 30 }, (_, i) => doc(`d${i}`, { title: `word ${'pad '.repeat(i)}` })))
      const all = await scores(search, { text: { query: 'word' }, limit: 30 })
      const floor = all[19] ?? 0
      for (const limit of [0, 5, 20, 30]) {
        const { hits, total } = await search.search(INDEX, { text: { query: 'word' }, minScore: floor, limit })
        assert.equal(total, 20)
        assert.equal(hits.length, Math.min(limit, 20))
        assert.ok(hits.every((hit) => (hit.score ?? 0) >= floor))
      }
      await fails(ids(search, { text: { query: 'word' }, minScore: 2 }), 'invalid_argument')
    },
  },
  {
    name: 'SEARCH-47 a sorted search has no scores',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'word', count: 2 }),
        doc('2', { title: 'word word', count: 1 }),
        doc('3', { count: 0 }),
      )
      const { hits } = await search.search(INDEX, { text: { query: 'word' }, sort: [{ field: 'count', order: 'asc' }] })
      assert.deepEqual(
        hits.map(({ id, score, raw }) => ({ id, score, raw })),
        [
          { id: '2', score: null, raw: {} },
          { id: '1', score: null, raw: {} },
        ],
      )
    },
  },
  {
    name: 'SEARCH-48 SS-15 the best hit scores 1 and the others follow, none above',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'a b c' }), doc('2', { title: 'a b' }), doc('3', { title: 'a' }))
      const all = (await scores(search, { text: { query: 'a b c' } })).map(Number)
      assert.equal(all[0], 1)
      assert.deepEqual(
        all,
        [...all].sort((a, b) => b - a),
      )
      assert.ok(all.every((score) => score > 0 && score <= 1))
    },
  },
  {
    name: 'equal scores are ordered by id',
    run: async ({ search }) => {
      await fill(search, ...['9', '10', 'b', 'a', '2'].map((id) => doc(id, { title: 'same text' }, [1, 1, 1])))
      const expected = ['10', '2', '9', 'a', 'b']
      assert.deepEqual(await ids(search, { text: { query: 'same' } }), expected)
      assert.deepEqual(await ids(search, { vector: Float32Array.of(1, 0, 0) }), expected)
      assert.deepEqual(await ids(search, { text: { query: 'same' }, limit: 2, offset: 1 }), expected.slice(1, 3))
    },
  },
]
