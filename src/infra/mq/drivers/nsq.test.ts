import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { type BrokerHarness, brokerCases } from '../../../../test-kit/broker-cases.ts'
import { startNsq } from '../../../../test-kit/brokers.ts'
import { runConformance } from '../../../../test-kit/conformance.ts'
import {
  expectKept,
  hasCode,
  insist,
  numbers,
  openBroker as open,
  openedBroker as opened,
  scratchQueue,
  TOPIC,
} from '../../../../test-kit/mq.ts'
import { removeTopics, topicsOf } from '../../../../test-kit/queues.ts'
import { service } from '../../../../test-kit/services.ts'
import { testRefusedUris, testUnreachableUris, withParams } from '../../../../test-kit/uris.ts'
import { numberOf, until } from '../conformance/kit.ts'
import { mqCases } from '../conformance.ts'

const { uri, skip } = service('nsq')
const features = new Set(['shared', 'delay', 'counts.losses'])

const scratch = (params?: string) => scratchQueue(uri ?? '', removeTopics, params)
const broker: BrokerHarness = { scratch, start: startNsq, ackTimeout: 'msg_timeout', letterId: `${TOPIC}/a/x` }

if (uri === undefined) test('mq nsq: the conformance suite', { skip })
else {
  runConformance('mq nsq', mqCases, {
    features,
    open: async () => {
      const world = await scratch()
      return { harness: { mq: world.mq, topic: TOPIC }, close: async () => world[Symbol.asyncDispose]() }
    },
  })
  runConformance('mq nsq', brokerCases, { open: async () => ({ harness: broker, close: async () => {} }) })
}

test('nsq declares what it can do and tells facts about itself', { skip }, async () => {
  await using world = await scratch('durable=1&concurrency=2')
  assert.deepEqual([world.mq.provider, world.mq.features], ['nsq', new Set(['durable', ...features])])
  await world.mq.publishMany(TOPIC, numbers(3))
  await until(async () => (await world.mq.health()).checks.lag === 6, 'a lag of 6')
  const { status, engine, checks } = await world.mq.health()
  assert.match(engine ?? '', /^nsqd \d/)
  const { memory_queue: memory, max_handler_ms: longest, ...counts } = checks
  assert.deepEqual([status, counts], ['up', { lag: 6, dead: 0, nsqd: '1/1', lookupd: '1/1' }])
  assert.deepEqual([typeof memory, longest], ['number', 900_000])
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

test('nsqd killed with its queues on the disk alone gives what waited there', { skip }, async () => {
  await using server = await startNsq({ more: ['-mem-queue-size=0', '-sync-every=1'] })
  await using world = await opened(`${server.uri}&timeout=30s`)
  const { mq } = world
  assert.equal((await mq.health()).checks.memory_queue, 0)
  await mq.publishMany(TOPIC, numbers(50))
  const waiting = async () => {
    const own = (await topicsOf(server.lookup?.uri ?? '')).find(({ topic_name: name }) => name === `snug.${TOPIC}`)
    return own?.channels.find(({ channel_name: name }) => name === 'a')?.depth
  }
  await until(async () => (await waiting()) === 50, 'all of them in the channel')
  await expectKept(server, mq, 50)
})

test('consumers find an nsqd that only nsqlookupd knows, and go on when nsqlookupd has ended', { skip }, async () => {
  await using server = await startNsq()
  await using other = await startNsq({ joins: server })
  await using sender = await opened(other.uri)
  await using receiver = await opened(server.uri)
  const got: number[] = []
  await receiver.mq.consume(TOPIC, 'a', async (m) => void got.push(numberOf(m)))
  await sender.mq.publish(TOPIC, { body: { n: 1 } })
  await until(() => got.length === 1, 'the message on the nsqd that the URI does not name')
  await server.lookup?.stop()
  await sender.mq.publish(TOPIC, { body: { n: 2 } })
  await receiver.mq.publish(TOPIC, { body: { n: 3 } })
  await until(() => got.length === 3, 'the messages without nsqlookupd')
  const { status, checks } = await receiver.mq.health()
  assert.deepEqual([status, checks.lookupd], ['degraded', '0/1'])
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
  await using server = await startNsq({ more: [`-auth-http-address=127.0.0.1:${address.port}`] })
  {
    await using world = await opened(`${server.uri}&auth_secret=opensesame`)
    const got: number[] = []
    await world.mq.consume(TOPIC, 'a', async (m) => void got.push(numberOf(m)))
    await world.mq.publish(TOPIC, { body: { n: 1 } })
    await until(() => got.length === 1, 'the message')
  }
  const refused = (err: Error) => hasCode('unauthenticated')(err) && !err.message.includes('hunter2')
  await assert.rejects(open(`${server.uri}&auth_secret=hunter2`), refused)
  await assert.rejects(open(server.uri), (err: Error) => refused(err) && /auth_secret/.test(err.message))
  auth.close()
})

testUnreachableUris('openMq', (text) => open(withParams(text, 'timeout=200ms')), [
  'nsq://127.0.0.1:9',
  'nsq://127.0.0.1:9,127.0.0.1:10/?auth_secret=hunter2',
  'nsq://127.0.0.1:9?lookupd=http://127.0.0.1:9,http://127.0.0.1:10/&x-note=hunter2',
  'nsq://127.0.0.1:9?prefix=a_b-C&msg_timeout=30s&concurrency=8&durable=1&auth_secret=hunter2',
])

testRefusedUris('openMq', open, [
  ['nsq://', /names no host/],
  ['nsq://u:hunter2@h', /no user or password/],
  ['nsq://:hunter2@h:4150', /no user or password/],
  ['nsq://h/hunter2', /no path/],
  ['nsq://h?channel=hunter2', /"channel"; known: auth_secret/],
  ['nsq://h?auth_secret=hunter2&lookupd=h:4161', /lookupd/],
  ['nsq://h?lookupd=http://u:hunter2@h:4161', /lookupd/],
  ['nsq://h?auth_secret=hunter2&prefix=a.b', /prefix/],
  ['nsq://h?auth_secret=hunter2&msg_timeout=10', /msg_timeout/],
  ['nsq://h?auth_secret=hunter2&timeout=0s', /timeout/],
  ['nsq://h?auth_secret=hunter2&durable=yes', /durable/],
  ['nsq://h?auth_secret=hunter2&concurrency=0', /concurrency/],
  ['nsq://h?auth_secret=', /auth_secret/],
])
