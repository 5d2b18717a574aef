import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../../test-kit/db.ts'
import { sharedView } from '../../test-kit/shared-view.ts'
import { idGenerator } from '../base/ids.ts'
import { withLease } from './lease.ts'

const { signal } = new AbortController()

async function setUp() {
  const database = await testDatabase()
  const nudge = () => undefined
  const process = (server: number, clock = () => Date.now()) => ({
    database: sharedView(database),
    newId: idGenerator(clock, server),
    clock,
    nudge,
  })
  return { database, process }
}

test('work of one name is done by one process at a time, other work at once', async () => {
  const { database, process } = await setUp()
  const [a, b] = [process(1), process(2)]
  const running = { same: 0, most: 0 }
  const { promise: otherRan, resolve: tellOther } = Promise.withResolvers<boolean>()
  const same = async () => {
    running.most = Math.max(running.most, ++running.same)
    assert.ok(await Promise.race([otherRan, sleep(20_000, false, { ref: false })]), 'another name had to wait')
    await sleep(20)
    running.same--
  }
  const jobs = [a, b, a, b].map((context) => withLease(context, 'topic:1', { signal }, same))
  const other = withLease(b, 'topic:2', { signal }, async () => tellOther(true))
  await Promise.all([...jobs, other])
  assert.equal(running.most, 1)
  assert.deepEqual(await database.db.selectFrom('lease').selectAll().execute(), [])
  await database[Symbol.asyncDispose]()
})

test('the lease of a process that is silent passes on, and its work is told', async () => {
  const { database, process } = await setUp()
  let behindMs = 0
  const slow = process(1, () => Date.now() - behindMs)
  const { promise: told, resolve: tell } = Promise.withResolvers<string>()
  const first = withLease(slow, 'x', { signal, ttlMs: 90 }, async (until) => {
    behindMs = 1_000_000 // what it renews has long run out for everyone else
    until.addEventListener('abort', () => tell(String(until.reason.message)), { once: true })
    await told
  })
  await sleep(50)
  await withLease(process(2), 'x', { signal }, async () => assert.match(await told, /another process/))
  await first
  await database[Symbol.asyncDispose]()
})

test('waiting ends with the signal, and a failure frees the name', async () => {
  const { database, process } = await setUp()
  const stop = new AbortController()
  const failing = withLease(process(1), 'x', { signal }, async () => {
    const waiting = withLease(process(2), 'x', { signal: stop.signal }, async () => assert.fail('it ran'))
    stop.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    throw new Error('no')
  })
  await assert.rejects(failing, /^Error: no$/)
  assert.equal(await withLease(process(2), 'x', { signal }, async () => 'mine'), 'mine')
  await database[Symbol.asyncDispose]()
})
