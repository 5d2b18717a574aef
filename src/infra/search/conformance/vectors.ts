import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { SearchDocument } from '../search.ts'
import { doc, fails, fill, INDEX, ids, near, type SearchHarness, SPEC, scores } from './kit.ts'

/** Vectors, and vectors together with text. */
export const vectorCases: readonly Case<SearchHarness>[] = [
  {
    name: 'SS-13 a document finds itself first, with the full score',
    run: async ({ search }) => {
      const all = scattered(200)
      await fill(search, ...all)
      for (const { id, vector } of all.slice(0, 20)) {
        const [best] = (await search.search(INDEX, { vector: vector ?? new Float32Array(3) })).hits
        assert.equal(best?.id, id)
        near(best?.score, 1)
        near(best?.raw.vector, 1)
      }
      const [text] = (await search.search(INDEX, { text: { query: 'unique7' } })).hits
      assert.deepEqual([text?.id, text?.score], ['d7', 1])
    },
  },
  {
    name: 'SS-15 SS-33 vector scores are (cosine + 1) / 2, best first, and never NaN',
    run: async ({ search }) => {
      await fill(
        search,
        doc('same', {}, [2, 0, 0]),
        doc('half', {}, [1, 1, 0]),
        doc('none', {}, [0, 0, 5]),
        doc('anti', {}, [-3, 0, 0]),
        doc('zero', {}, [0, 0, 0]),
      )
      const { hits, total } = await search.search(INDEX, { vector: Float32Array.of(4, 0, 0) })
      assert.deepEqual(
        hits.map((hit) => hit.id),
        ['same', 'half', 'none', 'anti'],
      )
      for (const [i, score] of [1, (Math.SQRT1_2 + 1) / 2, 0.5, 0].entries()) near(hits[i]?.score, score)
      assert.equal(total, 4)
      assert.deepEqual(await search.search(INDEX, { vector: new Float32Array(3) }), { hits: [], total: 0 })
    },
  },
  {
    name: 'SS-16 minScore cuts vectors on the normalised score',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', {}, [1, 0, 0]),
        doc('2', {}, [1, 1, 0]),
        doc('3', {}, [0, 1, 0]),
        doc('4', {}, [-1, 0, 0]),
      )
      const ask = (minScore: number, limit = 10) =>
        search.search(INDEX, { vector: Float32Array.of(1, 0, 0), minScore, limit })
      assert.deepEqual(
        (await ask(0.8)).hits.map((hit) => hit.id),
        ['1', '2'],
      )
      assert.equal((await ask(0.8, 1)).total, 2)
      assert.equal((await ask(0)).total, 4)
    },
  },
  {
    name: 'exact search agrees with comparing every vector by hand',
    run: async ({ search }) => {
      const all = scattered(500)
      await fill(search, ...all)
      const cosine = (a: Float32Array, b: Float32Array) => {
        const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0)
        return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
      }
      for (const query of [Float32Array.of(1, 2, 3), Float32Array.of(-1, 0.5, 0), Float32Array.of(0, 0, -9)]) {
        const byHand = all.map(({ id, vector }) => ({ id, score: cosine(query, vector ?? query) }))
        const best = byHand.sort((a, b) => b.score - a.score).slice(0, 10)
        const { hits } = await search.search(INDEX, { vector: query })
        for (const [i, hit] of hits.entries()) near(hit.raw.vector, best[i]?.score ?? 0)
        assert.deepEqual(new Set(hits.map((hit) => hit.id)), new Set(best.map(({ id }) => id)))
      }
    },
  },
  {
    name: 'a vector of another length, or for an index without vectors, is refused',
    run: async ({ search }) => {
      await fill(search)
      await fails(ids(search, { vector: Float32Array.of(1) }), 'invalid_argument', /dimensions/)
      await fails(ids(search, { vector: Float32Array.of(1, Number.NaN, 0) }), 'invalid_argument', /finite/)
      await search.ensureIndex('plain', { fields: { title: { type: 'text' } } })
      await fails(ids(search, { vector: Float32Array.of(1, 0, 0) }, 'plain'), 'invalid_argument')
      await fails(search.put('plain', [doc('1', {}, [1, 0, 0])]), 'invalid_argument')
    },
  },
  {
    name: 'SS-29 a document without content or vector is stored, and vector search passes it over',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: '' }), doc('2', { title: 'x' }, [1, 0, 0]))
      assert.deepEqual(await ids(search, { vector: Float32Array.of(1, 0, 0) }), ['2'])
      assert.equal(await search.count(INDEX), 2)
    },
  },
  {
    name: 'SS-30 what is first in both rankings scores 1, and ranks add up',
    run: async ({ search }) => {
      await fill(
        search,
        doc('1', { title: 'red house' }, [1, 0, 0]),
        doc('2', { title: 'red' }, [0, 1, 0]),
        doc('3', { title: 'sky' }, [1, 1, 0]),
      )
      const { hits } = await search.search(INDEX, { text: { query: 'red house' }, vector: Float32Array.of(1, 0, 0) })
      assert.deepEqual(
        hits.map((hit) => hit.id),
        ['1', '2', '3'],
      )
      const rrf = (...ranks: number[]) => (ranks.reduce((sum, rank) => sum + 1 / (60 + rank), 0) * 61) / 2
      for (const [i, score] of [1, rrf(2, 3), rrf(2)].entries()) near(hits[i]?.score, score, 1e-9)
      assert.ok(hits[0]?.raw.text !== undefined && hits[0].raw.vector !== undefined)
      assert.equal(hits[2]?.raw.text, undefined)
      assert.deepEqual(
        await scores(search, { text: { query: 'red house' }, vector: Float32Array.of(1, 0, 0), minScore: 1 }),
        [1],
      )
    },
  },
  {
    name: 'SS-31 both together find what each alone ranks lower',
    run: async ({ search }) => {
      // The wanted document is second in both rankings; a different one leads each.
      await fill(
        search,
        doc('words', { title: 'refund refund' }, [0, 0, 1]),
        doc('wanted', { title: 'refund policy of the shop' }, [1, 0.2, 0]),
        doc('meaning', { title: 'money back' }, [1, 0, 0]),
        ...Array.from({ length: 20 }, (_, i) => doc(`noise${i}`, { title: `other ${i}` }, [0, 1, i / 20])),
      )
      const text = { query: 'refund' }
      const vector = Float32Array.of(1, 0, 0)
      assert.equal((await ids(search, { text }))[0], 'words')
      assert.equal((await ids(search, { vector }))[0], 'meaning')
      assert.equal((await ids(search, { text, vector }))[0], 'wanted')
    },
  },
  {
    name: 'hybrid search still answers when one side finds nothing',
    run: async ({ search }) => {
      await fill(search, doc('1', { title: 'word' }, [1, 0, 0]), doc('2', { title: 'word' }))
      assert.deepEqual(await ids(search, { text: { query: 'unknown' }, vector: Float32Array.of(1, 0, 0) }), ['1'])
      assert.deepEqual(await ids(search, { text: { query: 'word' }, vector: new Float32Array(3) }), ['1', '2'])
    },
  },
  {
    name: 'SS-40 what scan gives can be put elsewhere and ranks the same',
    run: async ({ search }) => {
      await fill(search, ...scattered(100))
      await search.ensureIndex('copy', SPEC)
      const copied: SearchDocument[] = []
      for await (const found of search.scan(INDEX)) copied.push(found)
      await search.put('copy', copied)
      const request = { text: { query: 'word3 word4' }, vector: Float32Array.of(1, 2, 3), limit: 5 }
      assert.deepEqual(await ids(search, request, 'copy'), await ids(search, request))
    },
  },
]

/** Documents with vectors of fixed pseudo-random directions. */
function scattered(count: number): SearchDocument[] {
  let state = 1
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647 - 0.5
  }
  return Array.from({ length: count }, (_, i) =>
    doc(`d${i}`, { title: `unique${i} word${i % 10}`, count: i }, [next(), next(), next()]),
  )
}
