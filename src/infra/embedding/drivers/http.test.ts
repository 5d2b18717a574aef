import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { startEmbeddingServer } from '../../../../test-kit/embedding-server.ts'
import { AppError } from '../../../base/errors.ts'
import { embeddingCases } from '../conformance.ts'
import { openEmbedding } from '../open.ts'

const API_KEY = 'sk-secret-of-the-test'

async function connect(params: string) {
  const server = await startEmbeddingServer('http')
  const embedding = await openEmbedding(`http://${server.host}?${params}`, { apiKey: API_KEY })
  const close = async () => {
    await embedding.close()
    await server.close()
  }
  const hungUp = () => server.requests.filter((request) => request.closedEarly).length
  return { server, embedding, close, remote: { batches: server.batches, next: server.next, hungUp, apiKey: API_KEY } }
}

runConformance('http:', embeddingCases, {
  features: new Set(['remote']),
  open: async () => {
    const { embedding, remote, close } = await connect('timeout=300ms&max_chars=1000')
    return { harness: { embedding, remote }, close }
  },
})

test('the request is the plain one', async () => {
  const { server, embedding, close } = await connect('model=ours&dims=8')
  await embedding.embed(['a', 'b'])
  const [request] = server.requests
  assert.equal(request?.path, '/embedding')
  assert.deepEqual(request.body, { texts: ['a', 'b'], need_sparse: false })
  assert.equal(embedding.id, 'http:ours:8')
  await close()
})

test('URIs are checked', async () => {
  for (const uri of ['http://host:8000', 'https://example.com/base?dims=1024&batch=50&timeout=5s'])
    await (await openEmbedding(uri)).close()
  const bad = ['http://', 'http://host?need_sparse=1', 'https://me:hunter2@host', 'http://host?dims=-1']
  for (const uri of bad)
    await assert.rejects(openEmbedding(uri), (err: unknown) => {
      assert.ok(err instanceof AppError && err.code === 'invalid_argument', uri)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    })
})
