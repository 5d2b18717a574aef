import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { startEmbeddingServer } from '../../../../test-kit/embedding-server.ts'
import { refusesUris } from '../../../../test-kit/uris.ts'
import { AppError } from '../../../base/errors.ts'
import { embeddingCases } from '../conformance.ts'
import { openEmbedding } from '../open.ts'

const API_KEY = 'sk-secret-of-the-test'

async function connect(params: string, model = 'm1') {
  const server = await startEmbeddingServer('gemini')
  const embedding = await openEmbedding(`gemini://${server.host}?model=${model}&${params}`, { apiKey: API_KEY })
  const close = async () => {
    await embedding.close()
    await server.close()
  }
  const hungUp = () => server.requests.filter((request) => request.closedEarly).length
  return { server, embedding, close, remote: { batches: server.batches, next: server.next, hungUp, apiKey: API_KEY } }
}

runConformance('gemini:', embeddingCases, {
  features: new Set(['remote']),
  open: async () => {
    const { embedding, remote, close } = await connect('timeout=300ms&max_chars=1000')
    return { harness: { embedding, remote }, close }
  },
})

test('the request is the one that Google documents, for each generation of models', async () => {
  const request = (model: string, text: string, more: object = {}) => ({
    model: `models/${model}`,
    content: { parts: [{ text }] },
    ...more,
    outputDimensionality: 8,
  })
  const table: [model: string, document: object, query: object][] = [
    ['m1', {}, {}],
    ['gemini-embedding-001', { taskType: 'RETRIEVAL_DOCUMENT' }, { taskType: 'RETRIEVAL_QUERY' }],
  ]
  for (const [model, document, query] of table) {
    const { server, embedding, close } = await connect('dims=8', model)
    await embedding.embed(['a', 'b'])
    await embedding.embed(['c'], { kind: 'query' })
    assert.deepEqual(
      server.requests.map(({ path, headers, body }) => [path, headers['x-goog-api-key'], headers.authorization, body]),
      [
        { requests: [request(model, 'a', document), request(model, 'b', document)] },
        { requests: [request(model, 'c', query)] },
      ].map((body) => [`/v1beta/models/${model}:batchEmbedContents`, API_KEY, undefined, body]),
    )
    assert.equal(embedding.id, `gemini:${model}:8`)
    await close()
  }
  const { server, embedding, close } = await connect('', 'gemini-embedding-2')
  await embedding.embed(['a'])
  await embedding.embed(['c'], { kind: 'query' })
  assert.deepEqual(server.batches(), [['title: none | text: a'], ['task: search result | query: c']])
  await close()
})

test('failures in the words of Google have the code that fits', async () => {
  const key = { error: { code: 400, message: 'API key not valid.', details: [{ reason: 'API_KEY_INVALID' }] } }
  const wait = { error: { code: 429, message: 'quota', details: [{ retryDelay: '3600s' }] } }
  const daily = { error: { code: 429, message: 'quota', details: [{ quotaId: 'EmbedContentRequestsPerDayPerUser' }] } }
  const table: [status: number, body: unknown, code: string, retryAfterMs?: number][] = [
    [400, key, 'unauthenticated'],
    [429, wait, 'rate_limited', 3_600_000],
    [429, daily, 'resource_exhausted'],
  ]
  const { server, embedding, close } = await connect('retries=0')
  for (const [status, body, code, retryAfterMs] of table) {
    server.next({ status, body })
    await assert.rejects(embedding.embed(['a']), (err: unknown) => {
      assert.ok(err instanceof AppError)
      assert.deepEqual([err.code, err.details.retryAfterMs], [code, retryAfterMs])
      return true
    })
  }
  await close()
})

test('URIs are checked', async () => {
  for (const uri of ['gemini:?model=gemini-embedding-001&dims=768', 'gemini://127.0.0.1:1/v1beta?model=m&batch=10'])
    await (await openEmbedding(uri)).close()
  await refusesUris(openEmbedding, [
    ['gemini:?api_key=hunter2', /"model"/],
    ['gemini:?model=m&batch=101&api_key=hunter2', /"batch"/],
    ['gemini:?model=m&key=hunter2', /no parameter "key"/],
    ['gemini://a,b?model=m&api_key=hunter2', /one host/],
    ['gemini://me:hunter2@host?model=m', /password/],
  ])
})
