import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { AppError } from '../base/errors.ts'
import type { Actor } from '../domain/actor.ts'
import { type Authenticator, actorOf } from './auth.ts'
import { type App, createServer } from './server.ts'
import { openEventStream } from './sse.ts'
import { envelope, Id, ok } from './wire.ts'

const actor: Actor = { accountId: '1', personalSpaceId: '2', spaces: new Map([['2', 'owner']]), connectorId: '1024' }

const authenticator: Authenticator = {
  byToken: async (token) => {
    if (token !== 'pat_good') throw new AppError('unauthenticated', 'the token is not valid')
    return actor
  },
  bySession: async () => {
    throw new AppError('unauthenticated', 'the session has ended')
  },
}

const largeApp = () =>
  createServer({
    maxBodyBytes: 50e6,
    authenticator,
    routes: [
      (routes) => {
        const size = async (request: { body: unknown }) => ok({ size: JSON.stringify(request.body).length })
        const schema = { response: { 200: z.unknown() } }
        routes.post('/v1/files', { config: { carriesFiles: true }, schema }, size)
        routes.post('/v1/texts', { schema }, size)
        routes.post('/api/open', { config: { public: true }, schema }, size)
      },
    ],
  })

let app: App
before(async () => {
  app = await createServer({
    maxBodyBytes: 10_000,
    authenticator,
    routes: [
      (routes) => {
        const Echo = z.object({
          bot_id: Id,
          document_ids: z.array(Id).optional(),
          size: z.number().optional(),
          name: z.string().max(10).optional(),
        })
        routes.post(
          '/v1/echo',
          {
            schema: {
              body: Echo,
              querystring: z.object({ page: z.coerce.number().optional() }),
              response: { 200: envelope(Echo) },
            },
          },
          async (request) => {
            assert.equal(actorOf(request), actor)
            return ok({ ...request.body, secret: 'never sent' })
          },
        )
        routes.post('/v1/empty', { schema: { response: { 200: z.unknown() } } }, async (request) => ok(request.body))
        routes.get('/v1/fail', async () => {
          throw new Error('password=hunter2 at /srv/file.ts')
        })
        routes.get('/v1/busy', async () => {
          throw new AppError('conflict', 'a chat is running', { details: { reason: 'chat_in_progress' } })
        })
        routes.get('/v1/stream', async (_request, reply) => {
          const stream = openEventStream(reply)
          await stream.send('conversation.message.delta', { content: 'line\nline' })
          await stream.send('done', '[DONE]')
          stream.end()
        })
      },
    ],
  })
})
after(() => app.close())

const post = (url: string, payload: string, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: 'Bearer pat_good', 'content-type': 'application/json', ...headers },
  })

test('ids may be numbers of any length, null is absent, unknown fields never come back', async () => {
  const big = '7563957783431741441'
  const answer = await post('/v1/echo', `{"bot_id":${big},"document_ids":[1,"2"],"size":3,"name":null,"other":1}`)
  assert.deepEqual(answer.json(), { code: 0, msg: '', data: { bot_id: big, document_ids: ['1', '2'], size: 3 } })
})

test('an empty body of any content type is an empty object', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/html'])
    assert.deepEqual((await post('/v1/empty', '', { 'content-type': type })).json().data, {}, type)
})

test('JSON that calls itself a form, as from curl -d, is read as JSON', async () => {
  const answer = await post('/v1/empty', '{"a":1}', { 'content-type': 'application/x-www-form-urlencoded' })
  assert.deepEqual(answer.json().data, { a: 1 })
})

test('prototype keys are dropped', async () => {
  const answer = await post('/v1/empty', '{"__proto__":{"polluted":true},"a":1}')
  assert.deepEqual(answer.json().data, { a: 1 })
})

const refusals: readonly [name: string, body: string, status: number, code: number, text: RegExp][] = [
  ['malformed JSON', '{"bot_id":', 400, 4000, /not valid JSON/],
  ['a JSON array', '[1]', 400, 4000, /JSON object/],
  ['a missing field', '{}', 400, 4000, /bot_id/],
  ['an id that is none', '{"bot_id":"abc"}', 400, 4000, /bot_id.*decimal/],
  ['a wrong type', '{"bot_id":"1","size":"big"}', 400, 4000, /size/],
  ['a long field', `{"bot_id":"1","name":"${'x'.repeat(11)}"}`, 400, 4000, /name/],
  ['a body over the limit', `{"bot_id":"1","name":"${'x'.repeat(20_000)}"}`, 413, 4000, /larger/],
  ['100,000 brackets', `${'['.repeat(4_900)}${']'.repeat(4_900)}`, 400, 4000, /JSON/],
]
for (const [name, body, status, code, text] of refusals) {
  test(`${name} is refused in the envelope`, async () => {
    const answer = await post('/v1/echo', body)
    assert.equal(answer.statusCode, status, answer.body)
    assert.equal(answer.json().code, code)
    assert.match(answer.json().msg, text)
    assert.equal(answer.json().detail.logid, answer.headers['x-tt-logid'])
  })
}

test('JSON without files has a limit of its own, and a stranger may say little', async () => {
  await using big = await largeApp()
  const sizes = [
    ['/v1/files', 20e6, 200],
    ['/v1/texts', 20e6, 413],
    ['/v1/texts', 1e6, 200],
    ['/api/open', 1e6, 413],
    ['/api/open', 1e4, 200],
  ] as const
  for (const [url, bytes, status] of sizes) {
    const payload = `{"a":"${'x'.repeat(bytes)}"}`
    const headers = { authorization: 'Bearer pat_good', 'content-type': 'application/json' }
    const answer = await big.inject({ method: 'POST', url, payload, headers })
    assert.equal(answer.statusCode, status, `${url} with ${bytes} bytes`)
  }
})

test('an empty query value is absent', async () => {
  assert.equal((await post('/v1/echo?page=', '{"bot_id":"1"}')).statusCode, 200)
  assert.equal((await post('/v1/echo?page=x', '{"bot_id":"1"}')).statusCode, 400)
})

test('tokens and cookies are checked before anything else', async () => {
  const cases = [
    ['/v1/echo', { authorization: '' }],
    ['/v1/echo', { authorization: 'Bearer pat_bad' }],
    ['/v1/echo', { authorization: 'Basic x', cookie: 'session_key=x' }],
  ] as const
  for (const [url, headers] of cases) {
    const answer = await post(url, '{', headers)
    assert.equal(answer.statusCode, 401)
    assert.equal(answer.json().code, 4100)
  }
})

test('an unknown path is not found, with or without a token', async () => {
  const answer = await app.inject({ url: '/v1/nothing' })
  assert.equal(answer.statusCode, 404)
  assert.equal(answer.json().code, 4200)
})

test('an unexpected error shows nothing of its inside', async () => {
  const answer = await app.inject({ url: '/v1/fail', headers: { authorization: 'Bearer pat_good' } })
  assert.equal(answer.statusCode, 500)
  assert.doesNotMatch(answer.body, /hunter2|file\.ts/)
})

test('a reason picks the finer Coze code', async () => {
  const answer = await app.inject({ url: '/v1/busy', headers: { authorization: 'Bearer pat_good' } })
  assert.deepEqual([answer.statusCode, answer.json().code], [400, 4016])
})

test('a preflight succeeds without a token', async () => {
  const headers = {
    origin: 'https://example.org',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,x-anything',
  }
  const answer = await app.inject({ method: 'OPTIONS', url: '/v1/echo', headers })
  assert.equal(answer.statusCode, 204)
  assert.equal(answer.headers['access-control-allow-headers'], 'authorization,x-anything')
})

test('events are two lines and a blank one', async () => {
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await fetch(`${url}/v1/stream`, { headers: { authorization: 'Bearer pat_good', origin: 'http://x' } })
  assert.equal(
    await answer.text(),
    'event:conversation.message.delta\ndata:{"content":"line\\nline"}\n\nevent:done\ndata:"[DONE]"\n\n',
  )
  assert.match(String(answer.headers.get('content-type')), /^text\/event-stream/)
  assert.equal(answer.headers.get('access-control-allow-origin'), '*')
})
