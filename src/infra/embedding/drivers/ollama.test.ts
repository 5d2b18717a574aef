import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { startEmbeddingServer } from '../../../../test-kit/embedding-server.ts'
import { AppError } from '../../../base/errors.ts'
import { embeddingCases } from '../conformance.ts'
import { openEmbedding } from '../open.ts'

const API_KEY = 'sk-secret-of-the-test'

async function connect(params: string) {
  const server = await startEmbeddingServer('ollama')
  const embedding = await openEmbedding(`ollama://${server.host}?model=m1&${params}`, { apiKey: API_KEY })
  const close = async () => {
    await embedding.close()
    await server.close()
  }
  const hungUp = () => server.requests.filter((request) => request.closedEarly).length
  return { server, embedding, close, remote: { batches: server.batches, next: server.next, hungUp, apiKey: API_KEY } }
}

runConformance('ollama:', embeddingCases, {
  features: new Set(['remote']),
  open: async () => {
    const { embedding, remote, close } = await connect('timeout=300ms&max_chars=1000')
    return { harness: { embedding, remote }, close }
  },
})

test('the request is the one that Ollama documents', async () => {
  const { server, embedding, close } = await connect('dims=8')
  await embedding.embed(['a', 'b'])
  const [request] = server.requests
  assert.equal(request?.path, '/api/embed')
  assert.deepEqual(request.body, { model: 'm1', input: ['a', 'b'], truncate: true, dimensions: 8 })
  assert.equal(embedding.id, 'ollama:m1:8')
  await close()
})

test('Ollama is asked not to cut texts where cutting is an error, and its refusal is told', async () => {
  const { server, embedding, close } = await connect('truncate=error')
  server.next({ status: 400, body: { error: 'the input length exceeds the context length' } })
  await assert.rejects(
    embedding.embed(['a']),
    (err: unknown) => err instanceof AppError && err.code === 'invalid_argument' && /exceeds/.test(err.message),
  )
  assert.deepEqual(server.requests[0]?.body, { model: 'm1', input: ['a'], truncate: false })
  await close()
})

test('a model that is not pulled is told in the words of Ollama', async () => {
  const { server, embedding, close } = await connect('')
  server.next({ status: 404, body: { error: 'model "m1" not found, try pulling it first' } })
  await assert.rejects(
    embedding.embed(['a']),
    (err: unknown) => err instanceof AppError && err.code === 'failed_precondition' && /try pulling/.test(err.message),
  )
  await close()
})

test('URIs are checked', async () => {
  for (const uri of ['ollama://localhost:11434?model=bge-m3', 'ollama://?model=bge-m3'])
    await (await openEmbedding(uri)).close()
  const bad = ['ollama://host', 'ollama://host?modl=x', 'ollama://me:hunter2@host?model=m', 'ollama://a,b?model=m']
  for (const uri of bad)
    await assert.rejects(openEmbedding(uri), (err: unknown) => {
      assert.ok(err instanceof AppError && err.code === 'invalid_argument', uri)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    })
})
