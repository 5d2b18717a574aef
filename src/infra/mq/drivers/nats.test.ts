import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startNats } from '../../../../test-kit/brokers.ts'
import { runConformance } from '../../../../test-kit/conformance.ts'
import {
  expectUnavailable,
  hasCode,
  insist,
  numberOf,
  numbers,
  openBroker as open,
  openedBroker as opened,
  QUICK,
  startMember,
  survive,
  TOPIC,
} from '../../../../test-kit/mq.ts'
import { removeStreams } from '../../../../test-kit/queues.ts'
import { service } from '../../../../test-kit/services.ts'
import { until } from '../conformance/kit.ts'
import { mqCases } from '../conformance.ts'
import type { Message, Mq } from '../mq.ts'

const { uri, skip } = service('nats')
const features = new Set(['durable', 'shared', 'delay', 'counts.losses'])
const topology = [{ topic: TOPIC, groups: ['a', 'b'] }]

/** A queue of its own on the shared server. */
async function scratch(params = ''): Promise<{ mq: Mq; text: string } & AsyncDisposable> {
  const prefix = `t${randomUUID().slice(0, 8)}`
  const text = `${uri}?prefix=${prefix}${params}`
  const mq = await open(text)
  await mq.declare(topology)
  const dispose = async () => {
    await mq.close()
    await removeStreams(uri ?? '', prefix)
  }
  return { mq, text, [Symbol.asyncDispose]: dispose }
}

if (uri === undefined) test('mq nats: the conformance suite', { skip })
else
  runConformance('mq nats', mqCases, {
    features,
    open: async () => {
      const scratched = await scratch()
      const close = async () => scratched[Symbol.asyncDispose]()
      return { harness: { mq: scratched.mq, topic: TOPIC }, close }
    },
  })

test('nats declares what it can do and tells facts about itself', { skip }, async () => {
  await using world = await scratch('&concurrency=2')
  assert.deepEqual([world.mq.provider, world.mq.features], ['nats', features])
  await world.mq.publishMany(TOPIC, numbers(3))
  const { status, engine, checks } = await world.mq.health()
  assert.match(engine ?? '', /^nats-server \d/)
  assert.deepEqual([status, checks], ['up', { lag: 6, dead: 0, replicas: 1, acknowledged: 'written, synced later' }])
})

test('a handler that outlives ack_wait is not disturbed, nor is a message that waits for its turn', {
  skip,
}, async () => {
  await using world = await scratch('&ack_wait=500ms')
  const got: number[] = []
  await world.mq.consume(
    TOPIC,
    'a',
    async (m) => {
      got.push(numberOf(m))
      await sleep(1_600)
    },
    { concurrency: 1 },
  )
  await world.mq.publishMany(TOPIC, numbers(2))
  await until(async () => (await world.mq.lag(TOPIC, 'a')) === 0, 'both handlers')
  assert.deepEqual(got, [0, 1])
})

test('what a killed process had in hand goes to another, as a further attempt', { skip }, async () => {
  await using world = await scratch('&ack_wait=1s')
  const starting = startMember(world.text, TOPIC)
  await world.mq.publishMany(TOPIC, numbers(3))
  const member = await starting
  const got: Message[] = []
  // The loss counts, but nobody has failed: one attempt is left even where one is all there is.
  await world.mq.consume(TOPIC, 'a', async (m) => void got.push(m), { maxAttempts: 1 })
  await sleep(1_500)
  assert.ok(!got.some(({ id }) => id === member.holds), 'it was taken from a process that lives')
  await member.kill()
  await until(() => got.length === 3, 'three messages')
  assert.equal(got.find(({ id }) => id === member.holds)?.attempt, 2)
})

test('two processes share a group: a retry never leaves its lane', { skip }, async () => {
  await using world = await scratch()
  await using other = await opened(world.text)
  const seen: number[] = []
  const flaky = async (m: Message) => {
    if (m.attempt < 3 && numberOf(m) % 5 === 0) throw new Error('not yet')
    seen.push(numberOf(m))
  }
  await world.mq.consume(TOPIC, 'a', flaky, { ...QUICK, concurrency: 2 })
  await other.mq.consume(TOPIC, 'a', flaky, { ...QUICK, concurrency: 2 })
  await world.mq.publishMany(
    TOPIC,
    numbers(600).map((message, n) => ({ ...message, key: `${n % 3}` })),
  )
  await until(() => seen.length >= 600, 'all of them')
  assert.equal(new Set(seen).size, 600)
})

test('dead letters outlive the process and go back to their own group, once', { skip }, async () => {
  await using world = await scratch()
  const inB: number[] = []
  await world.mq.consume(TOPIC, 'b', async (m) => void inB.push(numberOf(m)))
  const first = await world.mq.consume(TOPIC, 'a', async () => ({ action: 'dead', reason: 'never' }))
  await world.mq.publishMany(TOPIC, numbers(300))
  const letters = async (mq: Mq) => Array.fromAsync(mq.deadLetters(TOPIC, 'a'))
  await until(async () => (await letters(world.mq)).length === 300, 'the dead letters')
  await first.drain()
  await using next = await opened(world.text)
  assert.equal((await next.mq.health()).status, 'degraded')
  const got: Message[] = []
  await next.mq.consume(TOPIC, 'a', async (m) => void got.push(m))
  const ids = (await letters(next.mq)).slice(0, 200).map(({ id }) => id)
  const both = await Promise.all([next.mq.requeueDead(ids), world.mq.requeueDead(ids)])
  assert.equal(both[0] + both[1], 200)
  await until(() => got.length >= 200 && inB.length >= 300, 'those that were put back')
  assert.ok(got.every(({ attempt }) => attempt === 1))
  assert.equal((await letters(next.mq)).length, 100)
  assert.deepEqual([got.length, inB.length], [200, 300])
})

test('a group that joins later gets what is published from then on', { skip }, async () => {
  await using world = await scratch()
  await world.mq.publishMany(TOPIC, numbers(2))
  await world.mq.declare([{ topic: TOPIC, groups: ['late'] }])
  await world.mq.publishMany(TOPIC, numbers(2, 2))
  const got: number[] = []
  await world.mq.consume(TOPIC, 'late', async (m) => void got.push(numberOf(m)), { concurrency: 1 })
  await until(() => got.length === 2, 'two messages')
  assert.deepEqual(got, [2, 3])
})

test('settings that change are taken over by what is there', { skip }, async () => {
  await using world = await scratch()
  await world.mq.publishMany(TOPIC, numbers(2))
  await using again = await opened(`${world.text}&ack_wait=7s&max_age=8d`)
  assert.equal(await again.mq.lag(TOPIC, 'a'), 2)
})

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`a server that ends by ${signal} under load and comes back has lost nothing`, { skip }, async () => {
    await using broker = await startNats()
    await survive(`${broker.uri}?timeout=1s&ack_wait=1s`, async () => {
      for (let round = 0; round < 2; round++) {
        await sleep(300)
        await broker.stop(signal)
        await sleep(300)
        await broker.start()
        await sleep(300)
      }
    })
  })

test('what was accepted before SIGKILL is there after it, also for a process that starts then', { skip }, async () => {
  await using broker = await startNats()
  const mq = await open(broker.uri)
  await mq.declare(topology)
  await mq.publishMany(TOPIC, numbers(500))
  await broker.stop('SIGKILL')
  await mq.close()
  await broker.start()
  await using next = await opened(broker.uri)
  const seen = new Set<number>()
  await next.mq.consume(TOPIC, 'a', async (m) => void seen.add(numberOf(m)))
  await until(() => seen.size === 500, 'all of them')
})

test('a handler that runs while the server restarts ends in peace, and its message is not given to it again', {
  skip,
}, async () => {
  await using broker = await startNats()
  await using world = await opened(`${broker.uri}?timeout=1s&ack_wait=1s`)
  const got: number[] = []
  const slow = async (m: Message) => {
    got.push(numberOf(m))
    await sleep(3_000)
  }
  await world.mq.consume(TOPIC, 'a', slow, { concurrency: 2 })
  await world.mq.publishMany(TOPIC, numbers(2))
  await until(() => got.length === 2, 'both handlers at work')
  await broker.stop()
  await broker.start()
  await until(async () => (await world.mq.lag(TOPIC, 'a').catch(() => 1)) === 0, 'the end of both')
  assert.deepEqual(got.toSorted(), [0, 1])
})

test('a dead server is "unavailable" in time, for every call, and "down" in health', { skip }, async () => {
  await using broker = await startNats()
  await using world = await opened(`${broker.uri}?timeout=500ms`)
  const { mq } = world
  await broker.stop('SIGKILL')
  await expectUnavailable(mq, '1/x')
  await assert.rejects(open(`${broker.uri}?timeout=500ms`), hasCode('unavailable'))
})

test('a server that hangs is "unavailable" in time, and goes on afterwards', { skip }, async () => {
  await using broker = await startNats()
  await using world = await opened(`${broker.uri}?timeout=500ms`)
  const { mq } = world
  broker.freeze(true)
  const startedMs = performance.now()
  await assert.rejects(mq.publish(TOPIC, { body: {} }), hasCode('unavailable'))
  assert.ok(performance.now() - startedMs < 2_000)
  assert.equal((await mq.health()).status, 'down')
  broker.freeze(false)
  await insist(mq, 1)
})

test('a server that comes back without its data gets its topics again', { skip }, async () => {
  await using broker = await startNats()
  await using world = await opened(`${broker.uri}?timeout=1s`)
  const { mq } = world
  const got: number[] = []
  await mq.consume(TOPIC, 'a', async (m) => void got.push(numberOf(m)))
  await insist(mq, 1)
  await until(() => got.includes(1), 'the first message')
  await removeStreams(broker.uri, 'snug')
  await broker.stop()
  await broker.start()
  await insist(mq, 2)
  await until(() => got.includes(2), 'the message after the loss')
})

test('a message that is too long for the server is refused for good, and the connection lives on', {
  skip,
}, async () => {
  await using broker = await startNats({ config: 'max_payload: 65536' })
  await using world = await opened(broker.uri)
  await assert.rejects(world.mq.publish(TOPIC, { body: new Uint8Array(100_000) }), hasCode('resource_exhausted'))
  await world.mq.publish(TOPIC, { body: new Uint8Array(10_000) })
  assert.equal(await world.mq.lag(TOPIC, 'a'), 1)
})

test('credentials: the right ones pass, wrong ones are "unauthenticated" and stay secret', { skip }, async () => {
  await using broker = await startNats({ more: ['--user', 'snug', '--pass', 'p@ss word'] })
  const at = broker.uri.slice('nats://'.length)
  const mq = await open(`nats://snug:p%40ss%20word@${at}`)
  await mq.declare(topology)
  await mq.close()
  for (const wrong of ['snug:secret@', ''])
    await assert.rejects(
      open(`nats://${wrong}${at}`),
      (err: Error) => hasCode('unauthenticated')(err) && !err.message.includes('secret'),
    )
})

test('a server without JetStream is refused with the way out', { skip }, async () => {
  await using broker = await startNats({ isDurable: false })
  await assert.rejects(open(broker.uri), (err: Error) => hasCode('failed_precondition')(err) && /-js/.test(err.message))
})

// Good URIs: nothing listens there, so that they fail late and for that reason only.
for (const text of [
  'nats://127.0.0.1:9',
  'nats://u:secret@127.0.0.1:9,127.0.0.1:10/',
  'nats://127.0.0.1:9?token=secret',
  'nats://127.0.0.1:9?prefix=a_b-C&replicas=3&max_age=7d&ack_wait=30s&concurrency=8&tls=0&x-note=1',
  'nats://127.0.0.1:9?nkey_seed=SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU',
])
  test(`openMq understands ${text}`, async () => {
    const joined = `${text}${text.includes('?') ? '&' : '?'}timeout=200ms`
    await assert.rejects(open(joined), (err: Error) => hasCode('unavailable')(err) && !/secret|SUAM/.test(err.message))
  })

const REJECTED = [
  { text: 'nats://u:secret@', says: /names no host/ },
  { text: 'nats:u:secret@h', says: /names no host/ },
  { text: 'nats://:secret@h', says: /needs a user/ },
  { text: 'nats://u:secret@h/path', says: /no path/ },
  { text: 'nats://u:secret@h?cluster=x', says: /"cluster"; known: ack_wait/ },
  { text: 'nats://u:secret@h?token=secret', says: /one of user/ },
  { text: 'nats://u:secret@h?replicas=0', says: /replicas/ },
  { text: 'nats://u:secret@h?replicas=6', says: /replicas/ },
  { text: 'nats://u:secret@h?max_age=1d', says: /max_age.*7d/ },
  { text: 'nats://u:secret@h?ack_wait=1ms', says: /ack_wait/ },
  { text: 'nats://u:secret@h?timeout=soon', says: /timeout/ },
  { text: 'nats://u:secret@h?prefix=a.b', says: /prefix/ },
  { text: 'nats://u:secret@h?tls=yes', says: /tls/ },
  { text: 'nats://h?token=', says: /token/ },
  { text: 'nats://h?jwt=secret', says: /nkey_seed/ },
  { text: 'nats://h?nkey_seed=secret', says: /nkey_seed/ },
]
for (const { text, says } of REJECTED)
  test(`openMq rejects ${text} and keeps the password out of the message`, async () => {
    await assert.rejects(
      open(text),
      (err: Error) => hasCode('invalid_argument')(err) && says.test(err.message) && !err.message.includes('secret'),
    )
  })
