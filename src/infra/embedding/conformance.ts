import assert from 'node:assert/strict'
import type { Case } from '../../base/conformance.ts'
import { AppError, type ErrorCode } from '../../base/errors.ts'
import type { Embedding } from './embedding.ts'

/** The other end of a remote provider, where a test can make it fail. */
export type RemoteEnd = {
  /** Texts of each request so far. */
  batches(): readonly (readonly string[])[]
  /** What the coming requests get instead of vectors, one each. */
  next(
    ...faults: (
      | { status: number; body?: unknown; headers?: Record<string, string> }
      | { fault: 'stall' | 'cut' | 'short' | 'extra' | 'missing' | 'not-finite' | 'not-json' | 'reversed' }
    )[]
  ): void
  /** Requests that the client hung up on. */
  hungUp(): number
  /** The key that the provider was opened with. */
  apiKey: string
}

/** `remote` is there for providers that declare `remote`; it gives up after 300 ms and cuts texts at 1,000 units. */
export type EmbeddingHarness = { embedding: Embedding; remote?: RemoteEnd }

const SENTENCES = ['The warranty lasts 24 months.', '保修期为24个月。', 'รับประกัน 24 เดือน', 'Ünïcödé 👩‍👩‍👧 works']

function norm(vector: Float32Array | undefined): number {
  assert.ok(vector)
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
}
const cosine = (a: Float32Array | undefined, b: Float32Array | undefined): number => {
  assert.ok(a && b)
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
}
async function refuses(code: ErrorCode, run: () => Promise<unknown>): Promise<AppError> {
  try {
    await run()
  } catch (err) {
    assert.ok(err instanceof AppError, `threw ${String(err)}`)
    assert.equal(err.code, code, err.message)
    return err
  }
  assert.fail(`expected ${code}`)
}
const remoteOf = (harness: EmbeddingHarness): RemoteEnd => {
  assert.ok(harness.remote)
  return harness.remote
}
const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `text number ${i} about topic ${i % 7}`)

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
    name: 'EMB-01 vectors that the endpoint sends in another order are put right',
    needs: 'indexed',
    run: async (h) => {
      const straight = await h.embedding.embed(texts(5))
      remoteOf(h).next({ fault: 'reversed' })
      assert.deepEqual(await h.embedding.embed(texts(5)), straight)
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
    name: 'EMB-05 no texts, no request',
    needs: 'remote',
    run: async (h) => {
      await h.embedding.embed([])
      assert.equal(remoteOf(h).batches().length, 0)
    },
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
    name: 'EMB-08 batches are kept small',
    needs: 'remote',
    run: async (h) => {
      await h.embedding.embed(texts(250))
      const sizes = remoteOf(h)
        .batches()
        .map((batch) => batch.length)
      assert.deepEqual(
        sizes.sort((a, b) => b - a),
        [100, 100, 50],
      )
    },
  },
  {
    name: 'EMB-09 a 429 is tried again after the wait that it asks for',
    needs: 'remote',
    run: async (h) => {
      const startedMs = performance.now()
      remoteOf(h).next({ status: 429, headers: { 'retry-after': '1' } })
      assert.equal((await h.embedding.embed(['once more'])).length, 1)
      assert.ok(performance.now() - startedMs >= 990, 'it came back too early')
      assert.equal(remoteOf(h).batches().length, 2)
    },
  },
  {
    name: 'EMB-09 a 429 that lasts is rate_limited and says how long to wait',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ status: 429, headers: { 'retry-after': '3600' } })
      const err = await refuses('rate_limited', () => h.embedding.embed(['once more']))
      assert.equal(err.details.retryAfterMs, 3_600_000)
      assert.equal(remoteOf(h).batches().length, 1)
    },
  },
  {
    name: 'EMB-10 a 400 is not tried again and tells the reason',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ status: 400, body: { error: { message: 'input is too long' } } })
      const err = await refuses('invalid_argument', () => h.embedding.embed(['no']))
      assert.match(err.message, /input is too long/)
      assert.equal(remoteOf(h).batches().length, 1)
    },
  },
  {
    name: 'EMB-11 a 500 that lasts is unavailable after three retries, and one that passes is not seen',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ status: 500 })
      assert.equal((await h.embedding.embed(['yes'])).length, 1)
      remoteOf(h).next({ status: 500 }, { status: 502 }, { status: 503 }, { status: 500 })
      await refuses('unavailable', () => h.embedding.embed(['no']))
      assert.equal(remoteOf(h).batches().length, 6)
    },
  },
  {
    name: 'EMB-11 a connection that breaks in the middle is tried again',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ fault: 'cut' })
      assert.equal((await h.embedding.embed(['yes'])).length, 1)
    },
  },
  {
    name: 'EMB-12 silence ends with deadline_exceeded',
    needs: 'remote',
    run: async (h) => {
      const silence = { fault: 'stall' as const }
      remoteOf(h).next(silence, silence, silence, silence)
      await refuses('deadline_exceeded', () => h.embedding.embed(['hello?']))
    },
  },
  {
    name: 'EMB-13 vectors of another length are corrupt',
    needs: 'remote',
    run: async (h) => {
      await h.embedding.dims()
      remoteOf(h).next({ fault: 'short' })
      await refuses('corrupt', () => h.embedding.embed(['a', 'b']))
    },
  },
  {
    name: 'EMB-14 too many or too few vectors are corrupt',
    needs: 'remote',
    run: async (h) => {
      for (const fault of ['extra', 'missing'] as const) {
        remoteOf(h).next({ fault })
        await refuses('corrupt', () => h.embedding.embed(['a', 'b']))
      }
    },
  },
  {
    name: 'EMB-15 a value that is no finite number is corrupt',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ fault: 'not-finite' })
      await refuses('corrupt', () => h.embedding.embed(['a', 'b']))
    },
  },
  {
    name: 'EMB-18 a status of 500 with a body of JSON is an error all the same',
    needs: 'remote',
    run: async (h) => {
      const body = { dense: [[1]], embeddings: [[1]], data: [{ index: 0, embedding: [1] }] }
      const fault = { status: 500, body }
      remoteOf(h).next(fault, fault, fault, fault)
      await refuses('unavailable', () => h.embedding.embed(['a']))
    },
  },
  {
    name: 'EMB-18 an answer that is not JSON is corrupt',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ fault: 'not-json' })
      await refuses('corrupt', () => h.embedding.embed(['a']))
    },
  },
  {
    name: 'EMB-20 many callers ask for the dims with one request',
    needs: 'remote',
    run: async (h) => {
      const dims = await Promise.all(Array.from({ length: 20 }, () => h.embedding.dims()))
      assert.equal(new Set(dims).size, 1)
      assert.equal(remoteOf(h).batches().length, 1)
      await h.embedding.dims()
      assert.equal(remoteOf(h).batches().length, 1)
    },
  },
  {
    name: 'EMB-20 a failed question for the dims surfaces and is asked again',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ status: 400 })
      await refuses('invalid_argument', () => h.embedding.dims())
      assert.ok((await h.embedding.dims()) > 0)
    },
  },
  {
    name: 'EMB-20 one caller that leaves does not stop the question for the others',
    needs: 'remote',
    run: async (h) => {
      const controller = new AbortController()
      const leaves = refuses('canceled', () => h.embedding.dims({ signal: controller.signal }))
      const stays = h.embedding.dims()
      controller.abort()
      await leaves
      assert.ok((await stays) > 0)
    },
  },
  {
    name: 'EMB-21 an aborted signal is heard before anything is sent',
    run: async ({ embedding }) => {
      await refuses('canceled', () => embedding.embed(['a'], { signal: AbortSignal.abort() }))
    },
  },
  {
    name: 'EMB-21 an abort in flight ends the call at once and hangs up',
    needs: 'remote',
    run: async (h) => {
      const remote = remoteOf(h)
      remote.next({ fault: 'stall' }, { fault: 'stall' })
      const controller = new AbortController()
      const running = refuses('canceled', () => h.embedding.embed(texts(250), { signal: controller.signal }))
      while (remote.batches().length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      controller.abort()
      await running
      while (remote.hungUp() < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      assert.equal(remote.batches().length, 2)
    },
  },
  {
    name: 'EMB-22 the key is sent and is in no error, not even when the endpoint repeats it',
    needs: 'remote',
    run: async (h) => {
      const remote = remoteOf(h)
      for (const status of [400, 401, 403, 404, 422]) {
        remote.next({ status, body: { error: { message: `Incorrect key ${remote.apiKey}` } } })
        const err = await h.embedding.embed(['a']).catch((e: unknown) => e)
        assert.ok(err instanceof AppError)
        assert.ok(!JSON.stringify([err.message, err.details]).includes(remote.apiKey), err.message)
      }
    },
  },
  {
    name: 'EMB-22 a refused key is unauthenticated or permission_denied',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ status: 401 }, { status: 403 })
      await refuses('unauthenticated', () => h.embedding.embed(['a']))
      await refuses('permission_denied', () => h.embedding.embed(['a']))
    },
  },
  {
    name: 'EMB-23 a text over the limit is cut between characters',
    needs: 'remote',
    run: async (h) => {
      await h.embedding.embed([`${'x'.repeat(999)}👍 and more`])
      assert.deepEqual(remoteOf(h).batches(), [['x'.repeat(999)]])
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
  {
    name: 'EMB-28 close ends the calls that are running',
    needs: 'remote',
    run: async (h) => {
      remoteOf(h).next({ fault: 'stall' })
      const running = refuses('closed', () => h.embedding.embed(['a']))
      while (remoteOf(h).batches().length < 1) await new Promise((resolve) => setTimeout(resolve, 5))
      await h.embedding.close()
      await running
    },
  },
]

// Left out, because this contract has dense vectors only: EMB-16, EMB-17 and EMB-19 (hybrid embedding).
// EMB-24 (vectors that outlive a runtime) is a fixture beside the one driver that computes them, hash.
