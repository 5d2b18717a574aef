import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { registerUser, type TestUser } from '../../test-kit/account.ts'
import { assertCalm, assertRefusal, rawRequest } from '../../test-kit/refusal.ts'
import { startServer, type TestServer } from '../../test-kit/server.ts'

let server: TestServer
let user: TestUser

before(async () => {
  server = await startServer()
  user = await registerUser(server.url, 'owner')
})
after(() => server[Symbol.asyncDispose]())

const raw = (lines: string[], body = '') =>
  rawRequest(server.url, `${lines.join('\r\n')}\r\n\r\n${body}`, { keepOpen: true })
const auth = () => `authorization: Bearer ${user.token}`
const LOGIN = 'POST /api/passport/web/email/login/ HTTP/1.1'
const ME = 'GET /v1/users/me HTTP/1.1'

/** What is sent, and the status it may get. */
const REQUESTS: readonly [what: string, lines: () => string[], body: string, statuses: readonly number[]][] = [
  ['no HTTP at all', () => ['HELLO'], '', [400]],
  ['a request line without a version', () => ['GET /v1/users/me'], '', [400, 401]],
  ['HTTP/9.9', () => ['GET /healthz HTTP/9.9', 'host: x'], '', [400, 505]],
  ['an unknown method', () => ['BREW /v1/users/me HTTP/1.1', 'host: x', auth()], '', [400, 404, 405]],
  ['TRACE', () => ['TRACE /v1/users/me HTTP/1.1', 'host: x', auth()], '', [404, 405]],
  ['no host', () => [ME, auth()], '', [400]],
  ['two hosts', () => [ME, 'host: a', 'host: b', auth()], '', [200, 400]],
  ['a header without a colon', () => [ME, 'host: x', 'nonsense'], '', [400]],
  ['a header with a control character', () => [ME, 'host: x', 'a: b\0c'], '', [400]],
  ['headers of 64 KiB', () => [ME, 'host: x', `a: ${'x'.repeat(65_536)}`], '', [431]],
  [
    '3,000 headers',
    () => [ME, 'host: x', ...Array.from({ length: 3000 }, (_, i) => `h${i}: v`), auth()],
    '',
    [400, 401, 431],
  ],
  ['an address of 100 KiB', () => [`GET /v1/${'x'.repeat(100_000)} HTTP/1.1`, 'host: x'], '', [404, 414, 431]],
  ['an address of broken escapes', () => ['GET /v1/bots/%zz%ff HTTP/1.1', 'host: x', auth()], '', [400, 404]],
  ['a token of 10 KiB', () => [ME, 'host: x', `authorization: Bearer pat_${'x'.repeat(10_000)}`], '', [401]],
  ['two authorization headers', () => [ME, 'host: x', 'authorization: Bearer pat_x', auth()], '', [400, 401]],
  ['a token with spaces', () => [ME, 'host: x', `authorization: Bearer ${user.token} x`], '', [401]],
  ['a basic authorization', () => [ME, 'host: x', 'authorization: Basic OjpAOg=='], '', [401]],
  ['a length that is no number', () => [LOGIN, 'host: x', 'content-length: abc'], '', [400]],
  ['two lengths', () => [LOGIN, 'host: x', 'content-length: 2', 'content-length: 3'], '{}', [400]],
  ['a length below zero', () => [LOGIN, 'host: x', 'content-length: -1'], '', [400]],
  [
    'a length and chunks',
    () => [LOGIN, 'host: x', 'content-length: 2', 'transfer-encoding: chunked'],
    '0\r\n\r\n',
    [400],
  ],
  ['chunks that are none', () => [LOGIN, 'host: x', 'transfer-encoding: chunked'], 'zz\r\n{}\r\n', [400]],
  ['an unknown transfer encoding', () => [LOGIN, 'host: x', 'transfer-encoding: gzip'], '{}', [400, 501]],
  [
    'more than was announced',
    () => [LOGIN, 'host: x', 'content-type: application/json', 'content-length: 2'],
    '{}{}',
    [400],
  ],
  [
    'UTF-16',
    () => [LOGIN, 'host: x', 'content-type: application/json; charset=utf-16', 'content-length: 6'],
    '\0{\0}\0 ',
    [400, 415],
  ],
  ['an expectation nobody knows', () => [LOGIN, 'host: x', 'expect: miracles', 'content-length: 2'], '{}', [417, 400]],
]
/** Node itself answers these, with a status alone. */
const BY_NODE: ReadonlySet<string> = new Set(['no host', 'an expectation nobody knows'])

test('what is no proper request gets a 4xx in the envelope', async () => {
  for (const [what, lines, body, statuses] of REQUESTS) {
    const answer = await raw(lines(), body)
    assert.ok(statuses.includes(answer.status), `${what} is answered ${answer.status}: ${answer.body}`)
    if (BY_NODE.has(what) || answer.status === 200) continue
    assertRefusal({ status: answer.status, text: answer.body }, what)
    assert.match(answer.headers['content-type'] ?? '', /^application\/json/, what)
    assert.match(answer.headers['x-tt-logid'] ?? '', /^\d{14}/, what)
  }
})

const bodies: readonly [
  what: string,
  type: string | undefined,
  body: string | Uint8Array,
  more: Record<string, string>,
  status: number,
][] = [
  ['JSON that calls itself XML', 'text/xml', '{"name":"x"}', {}, 200],
  ['XML', 'text/xml', '<name>x</name>', {}, 400],
  ['a form', 'application/x-www-form-urlencoded', 'conversation_id=1&chat_id=2', {}, 404],
  ['a form without a boundary', 'multipart/form-data', '--x', {}, 400],
  ['a form with a boundary', 'multipart/form-data; boundary=x', '--x--\r\n', {}, 400],
  [
    'compressed JSON',
    'application/json',
    gzipSync('{"conversation_id":"1","chat_id":"2"}'),
    { 'content-encoding': 'gzip' },
    400,
  ],
  [
    'bytes that are no UTF-8',
    'application/json',
    Buffer.from('7b22636f6e766572736174696f6e5f6964223a22ff227d', 'hex'),
    {},
    400,
  ],
  ['a type that is none', ';;;', '{"conversation_id":"1","chat_id":"2"}', {}, 415],
  ['no type', undefined, '{"conversation_id":"1","chat_id":"2"}', {}, 404],
]
test('bodies of every kind are read as JSON or refused', async () => {
  for (const [what, type, body, more, status] of bodies) {
    const path = status === 200 ? '/v1/conversation/create' : '/v3/chat/cancel'
    const headers = { authorization: `Bearer ${user.token}`, ...(type && { 'content-type': type }), ...more }
    const answer = await fetch(server.url + path, { method: 'POST', headers, body: Buffer.from(body) })
    const text = await answer.text()
    assert.equal(answer.status, status, `${what}: ${text}`)
    if (status !== 200) assertRefusal({ status, text }, what)
  }
})

test('a client that never finishes its request takes no room for ever, and others are served meanwhile', async () => {
  const { hostname, port } = new URL(server.url)
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined).write(`${LOGIN}\r\nhost: x\r\ncontent-length: 100\r\n`)
    return socket
  })
  const started = performance.now()
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  assert.ok(performance.now() - started < 2_000)
  for (const socket of slow) socket.destroy()
})

test('an answer cannot be split by what a request says', async () => {
  const evil = encodeURIComponent('x\r\nset-cookie: a=b\r\n\r\n<html>')
  for (const path of [`/v1/${evil}`, `/docs/${evil}`, `/api/blob/${evil}`, `/v1/users/me?x=${evil}`]) {
    const answer = await raw([`GET ${path} HTTP/1.1`, 'host: x', `accept-language: ${'a'.repeat(100)}`])
    assert.equal(answer.headers['set-cookie'], undefined)
    assertRefusal({ status: answer.status, text: answer.body }, path)
  }
})

test('after all of it the server answers, small and calm, with nothing in its log', () => assertCalm(server))
