import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startNsq } from '../../../../test-kit/brokers.ts'
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
import { removeTopics, topicsOf } from '../../../../test-kit/queues.ts'
import { service } from '../../../../test-kit/services.ts'
import { until } from '../conformance/kit.ts'
import { mqCases } from '../conformance.ts'
import type { Message, Mq } from '../mq.ts'

const { uri, skip } = service('nsq')
const features = new Set(['shared', 'delay', 'counts.losses'])

/** A queue of its own on the shared server. */
async function scratch(params = ''): Promise<{ mq: Mq; text: string } & AsyncDisposable> {
  const prefix = `t${randomUUID().slice(0, 8)}`
  const text = `${uri}&prefix=${prefix}${params}`
  const mq = await open(text)
  await mq.declare([{ topic: TOPIC, groups: ['a', 'b'] }])
  const dispose = async () => {
    await mq.close()
    await removeTopics(uri ?? '', prefix)
  }
  return { mq, text, [Symbol.asyncDispose]: dispose }
}

if (uri === undefined) test('mq nsq: the conformance suite', { skip })
else
  runConformance('mq nsq', mqCases, {
    features,
    open: async () => {
      const world = await scratch()
      return { harness: { mq: world.mq, topic: TOPIC }, close: async () => world[Symbol.asyncDispose]() }
    },
  })

test('nsq declares what it can do and tells facts about itself', { skip }, async () => {
  await using world = await scratch('&durable=1&concurrency=2')
  assert.deepEqual([world.mq.provider, world.mq.features], ['nsq', new Set(['durable', ...features])])
  await world.mq.publishMany(TOPIC, numbers(3))
  await until(async () => (await world.mq.health()).checks.lag === 6, 'a lag of 6')
  const { status, engine, checks } = await world.mq.health()
  assert.match(engine ?? '', /^nsqd \d/)
  const { memory_queue: memory, max_handler_ms: longest, ...counts } = checks
  assert.deepEqual([status, counts], ['up', { lag: 6, dead: 0, nsqd: '1/1', lookupd: '1/1' }])
  assert.deepEqual([typeof memory, longest], ['number', 900_000])
})

test('a handler that outlives msg_timeout is not disturbed, nor is a message that waits for its turn', {
  skip,
}, async () => {
  await using world = await scratch('&msg_timeout=1s')
  const got: number[] = []
  const slow = async (m: Message) => {
    got.push(numberOf(m))
    await sleep(2_300)
  }
  await world.mq.consume(TOPIC, 'a', slow, { concurrency: 1 })
  await world.mq.publishMany(TOPIC, numbers(2))
  await until(async () => got.length === 2 && (await world.mq.lag(TOPIC, 'a')) === 0, 'both handlers')
  assert.deepEqual(got, [0, 1])
})

test('what a killed process had in hand goes to another, as a further attempt', { skip }, async () => {
  await using world = await scratch('&msg_timeout=1s')
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

test('a batch of long messages is cut into commands that nsqd takes, in order', { skip }, async () => {
  await using world = await scratch()
  const sent = Array.from({ length: 12 }, (_, n) => ({ body: new Uint8Array(900_000).fill(n) }))
  await world.mq.publishMany(TOPIC, sent)
  const got: number[] = []
  await world.mq.consume(TOPIC, 'a', async (m) => void got.push(m.body[0] ?? -1), { concurrency: 1 })
  await until(() => got.length === 12, 'all of them')
  assert.deepEqual(
    got,
    sent.map((_, n) => n),
  )
})

test('dead letters outlive the process, are listed again and again, and go back to their own group', {
  skip,
}, async () => {
  await using world = await scratch()
  const inB: number[] = []
  await world.mq.consume(TOPIC, 'b', async (m) => void inB.push(numberOf(m)))
  const first = await world.mq.consume(TOPIC, 'a', async () => ({ action: 'dead', reason: 'never' }))
  await world.mq.publishMany(TOPIC, numbers(300))
  const letters = async (mq: Mq) => Array.fromAsync(mq.deadLetters(TOPIC, 'a'))
  await until(async () => (await letters(world.mq)).length === 300, 'the dead letters')
  await first.drain()
  await using next = await opened(world.text)
  assert.equal((await letters(next.mq)).length, 300)
  assert.equal((await letters(next.mq)).length, 300)
  assert.equal((await next.mq.health()).status, 'degraded')
  const got: Message[] = []
  await next.mq.consume(TOPIC, 'a', async (m) => void got.push(m))
  const ids = (await letters(next.mq)).slice(0, 200).map(({ id }) => id)
  assert.equal(await next.mq.requeueDead(ids), 200)
  await until(() => got.length === 200, 'those that were put back')
  assert.ok(got.every(({ attempt }) => attempt === 1))
  assert.equal((await letters(next.mq)).length, 100)
  assert.equal(inB.length, 300)
})

test('nsqd that ends in order under load and comes back has lost nothing', { skip }, async () => {
  await using broker = await startNsq()
  await survive(`${broker.uri}&timeout=1s&msg_timeout=1s`, async () => {
    for (let round = 0; round < 2; round++) {
      await sleep(300)
      await broker.stop()
      await sleep(300)
      await broker.start()
      await sleep(300)
    }
  })
})

test('nsqd killed with its queues on the disk alone gives what waited there', { skip }, async () => {
  await using broker = await startNsq({ more: ['-mem-queue-size=0', '-sync-every=1'] })
  const mq = await open(`${broker.uri}&timeout=30s`)
  await mq.declare([{ topic: TOPIC, groups: ['a'] }])
  assert.equal((await mq.health()).checks.memory_queue, 0)
  await mq.publishMany(TOPIC, numbers(50))
  const waiting = async () => {
    const own = (await topicsOf(broker.lookup?.uri ?? '')).find(({ topic_name: name }) => name === `snug.${TOPIC}`)
    return own?.channels.find(({ channel_name: name }) => name === 'a')?.depth
  }
  await until(async () => (await waiting()) === 50, 'all of them in the channel')
  await broker.stop('SIGKILL')
  await mq.close()
  await broker.start()
  await using next = await opened(broker.uri)
  const seen = new Set<number>()
  await next.mq.consume(TOPIC, 'a', async (m) => void seen.add(numberOf(m)))
  await until(() => seen.size === 50, 'all of them')
})

test('consumers find an nsqd that only nsqlookupd knows, and go on when nsqlookupd has ended', { skip }, async () => {
  await using broker = await startNsq()
  await using other = await startNsq({ joins: broker })
  await using sender = await opened(other.uri)
  await using receiver = await opened(broker.uri)
  const got: number[] = []
  await receiver.mq.consume(TOPIC, 'a', async (m) => void got.push(numberOf(m)))
  await sender.mq.publish(TOPIC, { body: { n: 1 } })
  await until(() => got.length === 1, 'the message on the nsqd that the URI does not name')
  await broker.lookup?.stop()
  await sender.mq.publish(TOPIC, { body: { n: 2 } })
  await receiver.mq.publish(TOPIC, { body: { n: 3 } })
  await until(() => got.length === 3, 'the messages without nsqlookupd')
  const { status, checks } = await receiver.mq.health()
  assert.deepEqual([status, checks.lookupd], ['degraded', '0/1'])
})

test('a handler that runs while the server restarts ends in peace, and its message is not given to it again', {
  skip,
}, async () => {
  await using broker = await startNsq()
  await using world = await opened(`${broker.uri}&timeout=1s&msg_timeout=1s`)
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

test('a dead nsqd is "unavailable" in time, for every call, and "down" in health', { skip }, async () => {
  await using broker = await startNsq()
  await using world = await opened(`${broker.uri}&timeout=500ms`)
  await broker.stop('SIGKILL')
  await expectUnavailable(world.mq, `${TOPIC}/a/x`)
  await assert.rejects(open(`${broker.uri}&timeout=500ms`), hasCode('unavailable'))
})

test('an nsqd that hangs is "unavailable" in time, and goes on afterwards', { skip }, async () => {
  await using broker = await startNsq()
  await using world = await opened(`${broker.uri}&timeout=500ms`)
  broker.freeze(true)
  const startedMs = performance.now()
  await assert.rejects(world.mq.publish(TOPIC, { body: {} }), hasCode('unavailable'))
  assert.ok(performance.now() - startedMs < 2_000)
  assert.equal((await world.mq.health()).status, 'down')
  broker.freeze(false)
  await insist(world.mq, 1)
})

test('of two nsqds one may be away: messages go to the other, and health says so', { skip }, async () => {
  await using one = await startNsq({ isAlone: true })
  await using two = await startNsq({ isAlone: true })
  const hosts = [one, two].map(({ uri: text }) => new URL(text).host).join(',')
  await using world = await opened(`nsq://${hosts}?timeout=500ms`)
  const got = new Set<number>()
  await world.mq.consume(TOPIC, 'a', async (m) => void got.add(numberOf(m)))
  await world.mq.publish(TOPIC, { body: { n: 1 } })
  await until(() => got.has(1), 'the first message')
  await one.stop()
  await insist(world.mq, 2)
  await until(() => got.has(2), 'the message by way of the other')
  const { status, checks } = await world.mq.health()
  assert.deepEqual([status, checks.nsqd], ['degraded', '1/2'])
})

test('an nsqd that asks who we are: the right secret passes, a wrong one is "unauthenticated" and stays secret', {
  skip,
}, async () => {
  const all = { topic: '.*', channels: ['.*'], permissions: ['publish', 'subscribe'] }
  const auth = createServer((request, response) => {
    const isRight = new URL(request.url ?? '', 'http://x').searchParams.get('secret') === 'opensesame'
    response.writeHead(isRight ? 200 : 403, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ttl: 3_600, identity: 'snug', authorizations: [all] }))
  })
  await new Promise<void>((done) => auth.listen(0, '127.0.0.1', done))
  const address = auth.address() as AddressInfo
  await using broker = await startNsq({ more: [`-auth-http-address=127.0.0.1:${address.port}`] })
  {
    await using world = await opened(`${broker.uri}&auth_secret=opensesame`)
    const got: number[] = []
    await world.mq.consume(TOPIC, 'a', async (m) => void got.push(numberOf(m)))
    await world.mq.publish(TOPIC, { body: { n: 1 } })
    await until(() => got.length === 1, 'the message')
  }
  const refused = (err: Error) => hasCode('unauthenticated')(err) && !err.message.includes('hunter2')
  await assert.rejects(open(`${broker.uri}&auth_secret=hunter2`), refused)
  await assert.rejects(open(broker.uri), (err: Error) => refused(err) && /auth_secret/.test(err.message))
  auth.close()
})

// Good URIs: nothing listens there, so that they fail late and for that reason only.
for (const text of [
  'nsq://127.0.0.1:9',
  'nsq://127.0.0.1:9,127.0.0.1:10/?auth_secret=hunter2',
  'nsq://127.0.0.1:9?lookupd=http://127.0.0.1:9,http://127.0.0.1:10/&x-note=hunter2',
  'nsq://127.0.0.1:9?prefix=a_b-C&msg_timeout=30s&concurrency=8&durable=1&auth_secret=hunter2',
])
  test(`openMq understands ${text}`, async () => {
    const joined = `${text}${text.includes('?') ? '&' : '?'}timeout=200ms`
    await assert.rejects(open(joined), (err: Error) => hasCode('unavailable')(err) && !err.message.includes('hunter2'))
  })

const REJECTED = [
  { text: 'nsq://', says: /names no host/ },
  { text: 'nsq://u:hunter2@h', says: /no user or password/ },
  { text: 'nsq://:hunter2@h:4150', says: /no user or password/ },
  { text: 'nsq://h/hunter2', says: /no path/ },
  { text: 'nsq://h?channel=hunter2', says: /"channel"; known: auth_secret/ },
  { text: 'nsq://h?auth_secret=hunter2&lookupd=h:4161', says: /lookupd/ },
  { text: 'nsq://h?lookupd=http://u:hunter2@h:4161', says: /lookupd/ },
  { text: 'nsq://h?auth_secret=hunter2&prefix=a.b', says: /prefix/ },
  { text: 'nsq://h?auth_secret=hunter2&msg_timeout=10', says: /msg_timeout/ },
  { text: 'nsq://h?auth_secret=hunter2&timeout=0s', says: /timeout/ },
  { text: 'nsq://h?auth_secret=hunter2&durable=yes', says: /durable/ },
  { text: 'nsq://h?auth_secret=hunter2&concurrency=0', says: /concurrency/ },
  { text: 'nsq://h?auth_secret=', says: /auth_secret/ },
]
for (const { text, says } of REJECTED)
  test(`openMq rejects ${text} and keeps the password out of the message`, async () => {
    await assert.rejects(
      open(text),
      (err: Error) => hasCode('invalid_argument')(err) && says.test(err.message) && !err.message.includes('hunter2'),
    )
  })
