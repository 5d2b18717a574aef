import assert from 'node:assert/strict'
import type { Case } from '../../base/conformance.ts'
import { AppError } from '../../base/errors.ts'
import { refuses, texts } from './conformance-support.ts'
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

const remoteOf = (harness: EmbeddingHarness): RemoteEnd => {
  assert.ok(harness.remote)
  return harness.remote
}
/** What a provider at the other end of a wire must keep when that end fails. */
export const remoteCases: readonly Case<EmbeddingHarness>[] = [
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
    name: 'EMB-05 no texts, no request',
    needs: 'remote',
    run: async (h) => {
      await h.embedding.embed([])
      assert.equal(remoteOf(h).batches().length, 0)
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
