import assert from 'node:assert/strict'
import type { Case } from '../../base/conformance.ts'
import { type EmbeddingHarness, remoteCases } from './conformance-remote.ts'
import { refuses, texts } from './conformance-support.ts'

const SENTENCES = ['The warranty lasts 24 months.', '保修期为24个月。', 'รับประกัน 24 เดือน', 'Ünïcödé 👩‍👩‍👧 works']

function norm(vector: Float32Array | undefined): number {
  assert.ok(vector)
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
}
const cosine = (a: Float32Array | undefined, b: Float32Array | undefined): number => {
  assert.ok(a && b)
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
}
/** What every provider of embeddings must keep. */
export const embeddingCases: readonly Case<EmbeddingHarness>[] = [
  {
    name: 'EMB-01 250 texts come back in their order',
    run: async ({ embedding }) => {
      const many = texts(250)
      const vectors = await embedding.embed(many)
      for (const i of [0, 99, 100, 101, 249]) {
        const [alone] = await embedding.embed([many[i] ?? ''])
        assert.ok(cosine(vectors[i], alone) > 0.999, `vector ${i}`)
      }
    },
  },
  {
    name: 'EMB-02 there are as many vectors as texts',
    run: async ({ embedding }) => {
      for (const count of [1, 2, 100, 101]) assert.equal((await embedding.embed(texts(count))).length, count)
    },
  },
  {
    name: 'EMB-03 every vector has exactly dims numbers',
    run: async ({ embedding }) => {
      const dims = await embedding.dims()
      assert.ok(Number.isInteger(dims) && dims > 0)
      for (const vector of await embedding.embed(SENTENCES)) assert.equal(vector.length, dims)
    },
  },
  {
    name: 'EMB-04 every vector has length 1',
    run: async ({ embedding }) => {
      for (const vector of await embedding.embed([...SENTENCES, 'x'.repeat(5_000)]))
        assert.ok(Math.abs(norm(vector) - 1) < 1e-3)
    },
  },
  {
    name: 'EMB-05 no texts, no vectors',
    run: async ({ embedding }) => assert.deepEqual(await embedding.embed([]), []),
  },
  {
    name: 'EMB-06 an empty text keeps its place and is the zero vector',
    run: async ({ embedding }) => {
      const [first, empty, blank, last] = await embedding.embed(['one thing', '', ' \n\t', 'another thing'])
      const [alone, other] = await embedding.embed(['one thing', 'another thing'])
      assert.ok(cosine(first, alone) > 0.999 && cosine(last, other) > 0.999)
      assert.equal(norm(empty), 0)
      assert.equal(norm(blank), 0)
      assert.equal(empty?.length, await embedding.dims())
    },
  },
  {
    name: 'EMB-06 nothing but empty texts gives zero vectors of the right length',
    run: async ({ embedding }) => {
      const [empty] = await embedding.embed([''])
      assert.equal(empty?.length, await embedding.dims())
    },
  },
  {
    name: 'EMB-07 the same text gives the same vector',
    run: async ({ embedding }) => {
      const [a] = await embedding.embed(SENTENCES)
      const [b] = await embedding.embed(SENTENCES.slice(0, 1))
      for (const [i, value] of (a ?? []).entries()) assert.ok(Math.abs(value - (b?.[i] ?? 0)) <= 1e-6)
    },
  },
  {
    name: 'EMB-21 an aborted signal is heard before anything is sent',
    run: async ({ embedding }) => {
      await refuses('canceled', () => embedding.embed(['a'], { signal: AbortSignal.abort() }))
    },
  },
  {
    name: 'EMB-23 half a character in a text does no harm',
    run: async ({ embedding }) => assert.equal((await embedding.embed(['broken \ud83d text'])).length, 1),
  },
  {
    name: 'EMB-25 documents and queries are both embedded, to the same length',
    run: async ({ embedding }) => {
      const [document] = await embedding.embed(['warranty'], { kind: 'document' })
      const [query] = await embedding.embed(['warranty'], { kind: 'query' })
      assert.equal(document?.length, query?.length)
    },
  },
  {
    name: 'EMB-26 calls at the same time do not mix',
    run: async ({ embedding }) => {
      const many = texts(20)
      const alone = await embedding.embed(many)
      const together = await Promise.all(many.map((text) => embedding.embed([text])))
      for (const [i, [vector]] of together.entries()) assert.ok(cosine(vector, alone[i]) > 0.999)
    },
  },
  {
    name: 'EMB-27 the id names the provider and does not change',
    run: async ({ embedding }) => {
      const { id } = embedding
      assert.ok(id.startsWith(embedding.provider))
      await embedding.dims()
      assert.equal(embedding.id, id)
    },
  },
  {
    name: 'EMB-28 health says up; after close it says down and every call is refused',
    run: async ({ embedding }) => {
      const health = await embedding.health()
      assert.equal(health.status, 'up', health.error)
      await embedding.close()
      await embedding.close()
      assert.equal((await embedding.health()).status, 'down')
      await refuses('closed', () => embedding.embed(['a']))
      await refuses('closed', () => embedding.embed([]))
      await refuses('closed', () => embedding.dims())
    },
  },
  ...remoteCases,
]

// Left out, because this contract has dense vectors only: EMB-16, EMB-17 and EMB-19 (hybrid embedding).
// EMB-24 (vectors that outlive a runtime) is a fixture beside the one driver that computes them, hash.
