import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { startEmbeddingServer } from '../../../../test-kit/embedding-server.ts'
import { AppError } from '../../../base/errors.ts'
import { embeddingCases } from '../conformance.ts'
import { openEmbedding } from '../open.ts'

const API_KEY = 'sk-secret-of-the-test'

async function connect(params: string) {
  const server = await startEmbeddingServer('openai')
  const embedding = await openEmbedding(`openai://${server.host}/v1?model=m1&${params}`, { apiKey: API_KEY })
  const close = async () => {
    await embedding.close()
    await server.close()
  }
  const hungUp = () => server.requests.filter((request) => request.closedEarly).length
  return { server, embedding, close, remote: { batches: server.batches, next: server.next, hungUp, apiKey: API_KEY } }
}

runConformance('openai:', embeddingCases, {
  features: new Set(['remote', 'indexed']),
  open: async () => {
    const { embedding, remote, close } = await connect('timeout=300ms&max_chars=1000')
    return { harness: { embedding, remote }, close }
  },
})

test('the request is the one that OpenAI documents', async () => {
  const { server, embedding, close } = await connect('dims=8')
  await embedding.embed(['a', 'b'])
  const [request] = server.requests
  assert.equal(request?.path, '/v1/embeddings')
  assert.deepEqual(request.body, { model: 'm1', input: ['a', 'b'], dimensions: 8 })
  assert.equal(request.headers.authorization, `Bearer ${API_KEY}`)
  assert.equal(embedding.id, 'openai:m1:8')
  await close()
})

test('dims that are not asked for are not sent, and dims that are not kept are corrupt', async () => {
  const free = await connect('')
  assert.equal(await free.embedding.dims(), 8)
  assert.equal(free.embedding.id, 'openai:m1')
  assert.deepEqual(Object.keys(free.server.requests[0]?.body ?? {}), ['model', 'input'])
  await free.close()
  const wrong = await connect('dims=16')
  await assert.rejects(wrong.embedding.embed(['a']), /8 numbers instead of 16/)
  await wrong.close()
})

test('a used-up quota is not tried again', async () => {
  const { server, embedding, close } = await connect('')
  server.next({ status: 429, body: { error: { code: 'insufficient_quota', message: 'You exceeded your quota' } } })
  await assert.rejects(
    embedding.embed(['a']),
    (err: unknown) => err instanceof AppError && err.code === 'resource_exhausted',
  )
  assert.equal(server.requests.length, 1)
  await close()
})

test('a redirect is not followed', async () => {
  const { server, embedding, close } = await connect('')
  server.next({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })
  await assert.rejects(embedding.embed(['a']), /status 302/)
  await close()
})

test('truncate=error refuses long texts by their place', async () => {
  const { server, embedding, close } = await connect('truncate=error&max_chars=5')
  await assert.rejects(embedding.embed(['short', 'too long']), /text 1 has more than 5 characters/)
  assert.equal(server.requests.length, 0)
  await close()
})

test('an endpoint that is away is unavailable, in health too', async () => {
  const { server, embedding, close } = await connect('retries=0')
  await server.close()
  await assert.rejects(embedding.embed(['a']), (err: unknown) => err instanceof AppError && err.code === 'unavailable')
  assert.equal((await embedding.health()).status, 'down')
  await close()
})

test('URIs are checked', async () => {
  for (const uri of [
    'openai://api.example.com/v1?model=m',
    'openai://localhost:1234/v1?model=m&tls=1&batch=10&concurrency=4',
  ])
    await (await openEmbedding(uri)).close()
  const bad = [
    'openai://host/v1',
    'openai://host/v1?model=',
    'openai:///v1?model=m',
    'openai://host/v1?model=m&tls=yes',
    'openai://host/v1?model=m&batch=0',
    'openai://host/v1?model=m&timeout=5',
    'openai://host/v1?model=m&normalise=1',
    'openai://me:hunter2@host/v1?model=m',
    'openai://host/v1?model=m&api_key=hunter2&dims=none',
  ]
  for (const uri of bad)
    await assert.rejects(openEmbedding(uri), (err: unknown) => {
      assert.ok(err instanceof AppError && err.code === 'invalid_argument', uri)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    })
})
