import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../../../scripts/services/place.ts'
import { startRedis, withoutRedis } from '../../../../../test-kit/redis.ts'
import type { Kv } from '../../kv.ts'
import { openKv } from '../../open.ts'

const open = (port: number, query = 'timeout=500ms') =>
  openKv(`redis://127.0.0.1:${port}?${query}`, { home: '/nowhere' })
async function openFor(t: TestContext, port: number, query?: string): Promise<Kv> {
  const kv = await open(port, query)
  t.after(() => kv.close())
  return kv
}

const UNAVAILABLE = { code: 'unavailable' }

/** How long a call takes that fails because nobody answers. */
async function failsAfterMs(call: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await assert.rejects(call(), UNAVAILABLE)
  return performance.now() - startedMs
}

async function recovers(kv: Kv): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await kv.health()).status === 'up') return
    await sleep(50)
  }
  assert.fail('it does not come back')
}

describe('redis that fails', { skip: withoutRedis }, () => {
  test('killed under load: unavailable in time, health down; started again: recovers by itself, nothing is sent twice', async (t) => {
    await using server = await startRedis('--appendfsync', 'always')
    const kv = await openFor(t, server.port)
    let [sent, acknowledged, lost] = [0, 0, 0]
    let stop = false
    const load = async () => {
      while (!stop) {
        sent++
        const startedMs = performance.now()
        await kv.incr('n').then(
          () => acknowledged++,
          (err: { code: string }) => {
            lost++
            assert.equal(err.code, 'unavailable')
            assert.ok(performance.now() - startedMs < 3_000)
          },
        )
        await sleep(1)
      }
    }
    const workers = Promise.all(Array.from({ length: 8 }, load))
    await sleep(100)
    await server.kill()
    await sleep(900) // longer than the limit
    assert.ok((await failsAfterMs(() => kv.get('n'))) < 400, 'after the limit a call fails at once')
    const health = await kv.health()
    assert.deepEqual([health.status, /not connected/.test(health.error ?? '')], ['down', true])
    await server.start()
    await recovers(kv)
    await sleep(100)
    stop = true
    await workers
    const value = Number(await kv.get('n'))
    assert.ok(acknowledged > 50 && lost > 0)
    assert.ok(value >= acknowledged && value <= sent, `${acknowledged} acknowledged, ${value} counted, ${sent} sent`)
  })

  test('a short outage is waited out, and what waited is sent in its order', async (t) => {
    await using server = await startRedis()
    const kv = await openFor(t, server.port, 'timeout=5s')
    await server.kill()
    const calls = [kv.set('k', 1), kv.incrBy('k', 4), kv.set('k', 10), kv.incr('k')]
    const pipeline = kv.pipeline().incr('k').get('k').exec()
    await server.start()
    assert.deepEqual(await Promise.all(calls), [undefined, 5n, undefined, 11n])
    assert.deepEqual(
      (await pipeline).map((item) => item.ok && item.value),
      [12n, '12'],
    )
  })

  test('frozen: commands that were sent, and those behind them, fail in time; then it goes on', async (t) => {
    await using server = await startRedis()
    const kv = await openFor(t, server.port)
    await kv.set('k', 'kept')
    server.freeze()
    for (let round = 0; round < 3; round++) assert.ok((await failsAfterMs(() => kv.get('k'))) < 2_000, `round ${round}`)
    await assert.rejects(kv.pipeline().get('k').set('x', 1).exec(), UNAVAILABLE)
    assert.equal((await kv.health()).status, 'down')
    server.resume()
    await recovers(kv)
    assert.equal(await kv.get('k'), 'kept')
  })

  test('close does not hang while the server is away', async (t) => {
    await using server = await startRedis()
    const kv = await openFor(t, server.port)
    server.freeze()
    const late = assert.rejects(kv.get('k'), UNAVAILABLE)
    const startedMs = performance.now()
    await kv.close()
    assert.ok(performance.now() - startedMs < 2_000)
    await late
  })

  test('nobody there at start: unavailable after the time to dial, and the address is named', async () => {
    const port = await freePort()
    const startedMs = performance.now()
    await assert.rejects(open(port, 'dial=300ms'), { code: 'unavailable', message: /127\.0\.0\.1:\d+ .*ECONNREFUSED/ })
    assert.ok(performance.now() - startedMs < 2_000)
  })

  test('a node of a cluster is refused at start, and says why', async () => {
    await using server = await startRedis('--cluster-enabled', 'yes')
    await assert.rejects(open(server.port), { code: 'failed_precondition', message: /cluster/ })
  })

  test('after a failover it looks for the new primary: a replica refuses writes, reads go on', async (t) => {
    await using server = await startRedis()
    const kv = await openFor(t, server.port)
    await kv.set('k', 'kept')
    const control = (...words: string[]) => execFileSync('redis-cli', ['-p', String(server.port), ...words])
    control('replicaof', '127.0.0.1', '1')
    await assert.rejects(kv.set('k', 'lost'), UNAVAILABLE)
    assert.equal(await kv.get('k'), 'kept')
    const health = await kv.health()
    assert.notEqual(health.status, 'up')
    control('replicaof', 'no', 'one')
    await recovers(kv)
    await kv.set('k', 'new')
    assert.equal(await kv.get('k'), 'new')
  })

  test('full memory is resource_exhausted, and reading goes on', async (t) => {
    await using server = await startRedis('--maxmemory', '3mb')
    const kv = await openFor(t, server.port)
    await kv.set('kept', 'x')
    const fill = async () => {
      for (let n = 0; n < 100; n++) await kv.set(`fill ${n}`, 'x'.repeat(100_000))
    }
    await assert.rejects(fill(), { code: 'resource_exhausted' })
    assert.equal(await kv.get('kept'), 'x')
  })
})
