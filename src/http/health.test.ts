import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../base/errors.ts'
import type { Health } from '../base/health.ts'
import { healthRoutes } from './health.ts'
import { createServer } from './server.ts'

const kv: Health = { status: 'up', provider: 'badger', engine: 'sqlite', latencyMs: 2, checks: { walBytes: 7, lag: 0 } }
const noOne = async () => {
  throw new AppError('unauthenticated', 'no')
}

async function ask(url: string, ready: boolean, health: Health) {
  const app = await createServer({
    maxBodyBytes: 1_000,
    authenticator: { byToken: noOne, bySession: noOne },
    routes: [healthRoutes(async () => ({ ready, providers: { kv: health } }))],
  })
  const answer = await app.inject({ url })
  await app.close()
  return { status: answer.statusCode, body: answer.json() as object }
}

test('readiness shows every provider, all names in one spelling', async () => {
  const { status, body } = await ask('/readyz', true, kv)
  assert.equal(status, 200)
  const checks = { wal_bytes: 7, lag: 0 }
  const shown = { status: 'up', provider: 'badger', engine: 'sqlite', latency_ms: 2, checks }
  assert.deepEqual(body, { status: 'ready', providers: { kv: shown } })
})

test('a server that cannot work says 503 and why, and is alive all the same', async () => {
  const down: Health = { status: 'down', provider: 'badger', latencyMs: 2_000, checks: {}, error: 'disk I/O error' }
  const { status, body } = await ask('/readyz', false, down)
  assert.equal(status, 503)
  assert.match(JSON.stringify(body), /"not_ready".*"disk I\/O error"/)
  assert.deepEqual(await ask('/healthz', false, down), { status: 200, body: { status: 'ok' } })
})
