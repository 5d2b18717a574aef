import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOfStatus, endpointUrl, isPrivateHost, parseRetryAfter, reasonIn } from './endpoint.ts'
import { AppError } from './errors.ts'
import { parseUri } from './uri.ts'

test('TLS follows the host and the port unless it is set', () => {
  const url = (text: string, tls?: boolean) => endpointUrl(parseUri(text), { path: '/v1', tls })
  assert.equal(url('openai://api.example.com'), 'https://api.example.com/v1')
  assert.equal(url('openai://api.example.com:8443/a/b/'), 'https://api.example.com:8443/a/b')
  assert.equal(url('openai://api.example.com:80'), 'http://api.example.com:80/v1')
  assert.equal(url('openai://127.0.0.1:11434/v1'), 'http://127.0.0.1:11434/v1')
  assert.equal(url('openai://[::1]:8000'), 'http://[::1]:8000/v1')
  assert.equal(url('openai://ollama:11434'), 'http://ollama:11434/v1')
  assert.equal(url('openai://10.0.0.3:443'), 'https://10.0.0.3:443/v1')
  assert.equal(url('openai://10.0.0.3', true), 'https://10.0.0.3/v1')
  assert.equal(url('openai://api.example.com', false), 'http://api.example.com/v1')
})

test('private hosts are told from public ones by their spelling', () => {
  for (const host of [
    'localhost',
    'a.localhost',
    '127.9.9.9',
    '172.16.0.1',
    '192.168.1.1',
    '[fd00::1]',
    'nas.local',
    'vllm',
  ])
    assert.ok(isPrivateHost(host), host)
  for (const host of ['example.com', '8.8.8.8', '172.32.0.1', '[2001:db8::1]', 'local.example.com'])
    assert.ok(!isPrivateHost(host), host)
})

test('an address without host, with two hosts or with a password is refused without repeating it', () => {
  for (const text of ['openai:///v1', 'openai://a,b/v1', 'openai://me:hunter2@host/v1'])
    assert.throws(
      () => endpointUrl(parseUri(text)),
      (err: unknown) => err instanceof AppError && err.code === 'invalid_argument' && !err.message.includes('hunter2'),
    )
})

test('statuses have codes', () => {
  const table = {
    302: 'invalid_argument',
    400: 'invalid_argument',
    401: 'unauthenticated',
    403: 'permission_denied',
    404: 'failed_precondition',
    429: 'rate_limited',
    500: 'unavailable',
    503: 'unavailable',
    504: 'deadline_exceeded',
  }
  for (const [status, code] of Object.entries(table)) assert.equal(codeOfStatus(Number(status)), code, status)
})

test('Retry-After is read in both spellings', () => {
  const now = Date.UTC(2026, 0, 1)
  assert.equal(parseRetryAfter('2', now), 2_000)
  assert.equal(parseRetryAfter('0.5', now), 500)
  assert.equal(parseRetryAfter(new Date(now + 3_000).toUTCString(), now), 3_000)
  assert.equal(parseRetryAfter(new Date(now - 3_000).toUTCString(), now), 0)
  for (const header of [null, undefined, '', 'soon', '-1']) assert.equal(parseRetryAfter(header, now), undefined)
})

test('the reason of a failure is found in the usual bodies, without secrets', () => {
  assert.equal(reasonIn('{"error":{"message":"too\\n long","code":1}}'), 'too long')
  assert.equal(reasonIn('{"error":"no such model"}'), 'no such model')
  assert.equal(reasonIn('{"message":"bad key sk-1"}', ['sk-1', undefined]), 'bad key ***')
  assert.equal(reasonIn('{"detail":[{"loc":"model"}]}'), '[{"loc":"model"}]')
  assert.equal(reasonIn('<html>nginx</html>'), '')
  assert.equal(reasonIn(''), '')
  assert.equal(reasonIn('plain words'), 'plain words')
  assert.equal(reasonIn('x'.repeat(900)).length, 300)
})
