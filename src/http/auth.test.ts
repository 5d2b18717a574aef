import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { AppError } from '../base/errors.ts'
import type { Actor } from '../domain/actor.ts'
import { actorOf } from './auth.ts'
import { type App, createServer } from './server.ts'

const actor = (accountId: string): Actor => ({
  accountId,
  personalSpaceId: '2',
  spaces: new Map([['2', 'owner']]),
  connectorId: '1024',
})

let app: App
before(async () => {
  const only = (good: string, who: Actor) => async (secret: string) => {
    if (secret !== good) throw new AppError('unauthenticated', 'no')
    return who
  }
  app = await createServer({
    maxBodyBytes: 10_000,
    authenticator: { byToken: only('pat_good', actor('1')), bySession: only('good', actor('2')) },
    routes: [
      (routes) => {
        for (const url of ['/v1/who', '/v3/who', '/open_api/who', '/api/who'])
          for (const method of ['GET', 'POST'] as const)
            routes.route({ method, url, handler: async (request) => ({ who: actorOf(request).accountId }) })
      },
    ],
  })
})
after(() => app.close())

const TOKEN = { authorization: 'Bearer pat_good' }
const COOKIE = { cookie: 'session_key=good' }

const carriers: readonly [name: string, url: string, headers: Record<string, string>, answer: number | string][] = [
  ['a token opens /v1', '/v1/who', TOKEN, '1'],
  ['a token opens /v3', '/v3/who', TOKEN, '1'],
  ['a token opens /open_api', '/open_api/who', TOKEN, '1'],
  ['a trailing slash changes nothing', '/v1/who/', TOKEN, '1'],
  ['a cookie does not open /v1', '/v1/who', COOKIE, 401],
  ['a cookie does not open /v1 by another spelling', '/%761/who', COOKIE, 401],
  ['a cookie opens /api', '/api/who', COOKIE, '2'],
  ['a token does not open /api', '/api/who', TOKEN, 401],
  ['a wrong token beside a good cookie opens nothing', '/v1/who', { authorization: 'Bearer pat_bad', ...COOKIE }, 401],
  ['an empty token opens nothing', '/v1/who', { authorization: 'Bearer ' }, 401],
  ['two tokens in one header open nothing', '/v1/who', { authorization: 'Bearer pat_good pat_good' }, 401],
  ['an empty cookie opens nothing', '/api/who', { cookie: 'session_key=' }, 401],
  ['upper case is another path', '/V1/who', TOKEN, 404],
  ['headers that rename the path change nothing', '/api/who', { 'x-original-url': '/v1/who', ...TOKEN }, 401],
]
for (const [name, url, headers, expected] of carriers) {
  test(name, async () => {
    const answer = await app.inject({ url, headers })
    const got: unknown = answer.statusCode === 200 ? answer.json().who : answer.statusCode
    assert.equal(got, expected, answer.body)
  })
}

test('a path in absolute form is the same path', async () => {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
  socket.end(
    'GET http://127.0.0.1/v1/who HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: session_key=good\r\nconnection: close\r\n\r\n',
  )
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  assert.match(bytes.toString(), /^HTTP\/1\.1 401 /)
  socket.destroy()
})

const HOST = { host: 'snug.example:8888' }
const pages: readonly [name: string, method: 'GET' | 'POST', headers: Record<string, string>, status: number][] = [
  ['a program without browser headers', 'POST', {}, 200],
  ['our own page', 'POST', { origin: 'http://snug.example:8888' }, 200],
  ['our own page behind TLS', 'POST', { origin: 'https://snug.example:8888' }, 200],
  [
    'our own page, says the browser, behind a proxy',
    'POST',
    { origin: 'https://a.b', 'sec-fetch-site': 'same-origin' },
    200,
  ],
  ['an address typed by hand', 'GET', { accept: 'text/html', 'sec-fetch-site': 'none' }, 200],
  ['another site', 'POST', { origin: 'http://evil.example' }, 403],
  ['another port', 'POST', { origin: 'http://snug.example:9999' }, 403],
  ['a site that ends like ours', 'POST', { origin: 'http://evilsnug.example:8888' }, 403],
  ['a sandboxed frame', 'POST', { origin: 'null' }, 403],
  ['another site, says the browser', 'POST', { 'sec-fetch-site': 'cross-site' }, 403],
  ['a neighbour, says the browser', 'POST', { 'sec-fetch-site': 'same-site' }, 403],
  ['a link on another site', 'GET', { accept: 'text/html,*/*', 'sec-fetch-site': 'cross-site' }, 403],
  ['a link, in a browser that does not say from where', 'GET', { accept: 'text/html,*/*' }, 403],
  ['another site that reads', 'GET', { origin: 'http://evil.example' }, 403],
]
for (const [name, method, headers, status] of pages) {
  test(`with the cookie, ${name}: ${status}`, async () => {
    const answer = await app.inject({ method, url: '/api/who', headers: { ...HOST, ...COOKIE, ...headers } })
    assert.equal(answer.statusCode, status, answer.body)
  })
}

test('pages of any site may use a token', async () => {
  const headers = { ...HOST, ...TOKEN, origin: 'http://other.example', 'sec-fetch-site': 'cross-site' }
  const answer = await app.inject({ method: 'POST', url: '/v1/who', headers })
  assert.equal(answer.statusCode, 200)
})
