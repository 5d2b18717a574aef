import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { mqCases } from '../conformance.ts'
import { openMq } from '../open.ts'

const features = new Set(['delay'])
const open = (text = 'mem://') => openMq(text, { home: '/nowhere' })

runConformance('mq mem', mqCases, {
  features,
  open: async () => {
    const mq = await open()
    await mq.declare([{ topic: 'topic.one', groups: ['a', 'b'] }])
    return { harness: { mq, topic: 'topic.one' }, close: () => mq.close() }
  },
})

test('mem declares what it can do and who it is', async () => {
  const mq = await open('mem://?concurrency=2')
  assert.deepEqual([mq.provider, mq.features], ['mem', features])
  const health = await mq.health()
  assert.deepEqual([health.status, health.checks], ['up', { lag: 0, dead: 0 }])
  await mq.close()
})

test('the concurrency of the URI is what consumers get that do not say', async () => {
  const mq = await open('mem://?concurrency=2')
  await mq.declare([{ topic: 't', groups: ['g'] }])
  const held = Promise.withResolvers<void>()
  let running = 0
  await mq.consume('t', 'g', async () => {
    running++
    await held.promise
  })
  await mq.publishMany('t', [{ body: {} }, { body: {} }, { body: {} }])
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(running, 2)
  held.resolve()
  await mq.close()
})

test('health is degraded while there are dead letters', async () => {
  const mq = await open()
  await mq.declare([{ topic: 't', groups: ['g'] }])
  const dead = Promise.withResolvers<void>()
  await mq.consume('t', 'g', async () => ({ action: 'dead', reason: 'x' }), { onDead: async () => dead.resolve() })
  await mq.publish('t', { body: {} })
  await dead.promise
  await new Promise((resolve) => setImmediate(resolve))
  const health = await mq.health()
  assert.deepEqual([health.status, health.checks.dead], ['degraded', 1])
  await mq.close()
})

test('100,000 messages cost constant time each, also behind one busy key', async () => {
  const mq = await open()
  await mq.declare([{ topic: 't', groups: ['g'] }])
  const time = async (count: number, keyOf: (n: number) => string) => {
    const startedMs = performance.now()
    const done = Promise.withResolvers<void>()
    let left = count
    const consumer = await mq.consume('t', 'g', async () => {
      if (--left === 0) done.resolve()
    })
    const message = (n: number) => ({ body: { n }, key: keyOf(n) })
    await mq.publishMany(
      't',
      Array.from({ length: count }, (_, n) => message(n)),
    )
    await done.promise
    await consumer.drain()
    return performance.now() - startedMs
  }
  await time(5_000, (n) => `${n}`)
  const keyOf = (n: number) => (n % 2 === 0 ? 'busy' : `${n % 1000}`)
  const few = await time(10_000, keyOf)
  const many = await time(100_000, keyOf)
  // Ten times the messages; quadratic work would take a hundred times as long.
  assert.ok(many < few * 40 + 1_000, `10,000: ${Math.round(few)} ms, 100,000: ${Math.round(many)} ms`)
  await mq.close()
})

test('when the consumers change, a message that waits for its retry is not overtaken by its key', async () => {
  const mq = await open()
  await mq.declare([{ topic: 't', groups: ['g'] }])
  const failed = Promise.withResolvers<void>()
  const first = await mq.consume('t', 'g', async () => {
    failed.resolve()
    return { action: 'retry', afterMs: 3_600_000 }
  })
  await mq.publishMany(
    't',
    [0, 1, 2].map((n) => ({ body: { n }, key: 'same' })),
  )
  await failed.promise
  await first.drain()
  const seen: number[] = []
  const done = Promise.withResolvers<void>()
  await mq.consume('t', 'g', async (m) => {
    seen.push(m.json<{ n: number }>().n)
    if (seen.length === 3) done.resolve()
  })
  await done.promise
  assert.deepEqual(seen, [0, 1, 2])
  await mq.close()
})

test('an open queue with waiting retries leaves nothing behind that keeps the process alive after close', async () => {
  const mq = await open()
  await mq.declare([{ topic: 't', groups: ['g'] }])
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  await mq.consume('t', 'g', async () => ({ action: 'retry', afterMs: 3_600_000 }))
  await mq.publish('t', { body: {} })
  await mq.publish('t', { body: {}, delayMs: 3_600_000 })
  await new Promise((resolve) => setTimeout(resolve, 30))
  await mq.close()
  const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  assert.ok(after <= before, `${before} timers before, ${after} after`)
})

for (const text of ['mem:', 'mem://', 'mem://topic', 'mem://?concurrency=8', 'mem://?x-note=1'])
  test(`openMq accepts ${text}`, async () => (await open(text)).close())

const REJECTED = [
  { text: 'mem://?concurrency=0', says: /concurrency/ },
  { text: 'mem://?concurrency=many', says: /concurrency/ },
  { text: 'mem://?journal=x', says: /"journal"; known: concurrency/ },
  { text: 'mem://u:secret@topic', says: /no address/ },
  { text: 'mem://host:4150', says: /no address/ },
  { text: 'mem://topic/path', says: /no address/ },
  {
    text: 'kafka://u:secret@h:9092',
    says: /MQ_URI: the scheme "kafka:" is not available in this build; available: mem:/,
  },
  { text: 'MEM', says: /scheme/ },
]
for (const { text, says } of REJECTED)
  test(`openMq rejects ${text} and keeps the password out of the message`, async () => {
    await assert.rejects(open(text), (err: Error) => says.test(err.message) && !err.message.includes('secret'))
  })
