import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BrokerHarness, brokerCases, surviveRestarts } from '../../../../test-kit/broker-cases.ts'
import { startNats } from '../../../../test-kit/brokers.ts'
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
import { removeStreams } from '../../../../test-kit/queues.ts'
import { service } from '../../../../test-kit/services.ts'
import { testRefusedUris, testUnreachableUris, withParams } from '../../../../test-kit/uris.ts'
import { numberOf, until } from '../conformance/kit.ts'
import { mqCases } from '../conformance.ts'

const { uri, skip } = service('nats')
const features = new Set(['durable', 'shared', 'delay', 'counts.losses'])

const scratch = (params?: string) => scratchQueue(uri ?? '', removeStreams, params)
const broker: BrokerHarness = { scratch, start: startNats, ackTimeout: 'ack_wait', letterId: '1/x' }

if (uri === undefined) test('mq nats: the conformance suite', { skip })
else {
  runConformance('mq nats', mqCases, {
    features,
    open: async () => {
      const world = await scratch()
      return { harness: { mq: world.mq, topic: TOPIC }, close: async () => world[Symbol.asyncDispose]() }
    },
  })
  runConformance('mq nats', brokerCases, { open: async () => ({ harness: broker, close: async () => {} }) })
}

test('nats declares what it can do and tells facts about itself', { skip }, async () => {
  await using world = await scratch('concurrency=2')
  assert.deepEqual([world.mq.provider, world.mq.features], ['nats', features])
  await world.mq.publishMany(TOPIC, numbers(3))
  const { status, engine, checks } = await world.mq.health()
  assert.match(engine ?? '', /^nats-server \d/)
  assert.deepEqual([status, checks], ['up', { lag: 6, dead: 0, replicas: 1, acknowledged: 'written, synced later' }])
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

test('a server that is killed under load and comes back has lost nothing', { skip }, async () => {
  await surviveRestarts(broker, 'SIGKILL')
})

test('what was accepted before SIGKILL is there after it, also for a process that starts then', { skip }, async () => {
  await using server = await startNats()
  await using world = await opened(server.uri)
  await world.mq.publishMany(TOPIC, numbers(500))
  await expectKept(server, world.mq, 500)
})

test('a server that comes back without its data gets its topics again', { skip }, async () => {
  await using server = await startNats()
  await using world = await opened(`${server.uri}?timeout=1s`)
  const { mq } = world
  const got: number[] = []
  await mq.consume(TOPIC, 'a', async (m) => void got.push(numberOf(m)))
  await insist(mq, 1)
  await until(() => got.includes(1), 'the first message')
  await removeStreams(server.uri, 'snug')
  await server.stop()
  await server.start()
  await insist(mq, 2)
  await until(() => got.includes(2), 'the message after the loss')
})

test('a message that is too long for the server is refused for good, and the connection lives on', {
  skip,
}, async () => {
  await using server = await startNats({ config: 'max_payload: 65536' })
  await using world = await opened(server.uri)
  await assert.rejects(world.mq.publish(TOPIC, { body: new Uint8Array(100_000) }), hasCode('resource_exhausted'))
  await world.mq.publish(TOPIC, { body: new Uint8Array(10_000) })
  assert.equal(await world.mq.lag(TOPIC, 'a'), 1)
})

test('credentials: the right ones pass, wrong ones are "unauthenticated" and stay secret', { skip }, async () => {
  await using server = await startNats({ more: ['--user', 'snug', '--pass', 'p@ss word'] })
  const at = server.uri.slice('nats://'.length)
  await (await opened(`nats://snug:p%40ss%20word@${at}`)).mq.close()
  for (const wrong of ['snug:secret@', ''])
    await assert.rejects(
      open(`nats://${wrong}${at}`),
      (err: Error) => hasCode('unauthenticated')(err) && !err.message.includes('secret'),
    )
})

test('a server without JetStream is refused with the way out', { skip }, async () => {
  await using server = await startNats({ isDurable: false })
  await assert.rejects(open(server.uri), (err: Error) => hasCode('failed_precondition')(err) && /-js/.test(err.message))
})

testUnreachableUris(
  'openMq',
  (text) => open(withParams(text, 'timeout=200ms')),
  [
    'nats://127.0.0.1:9',
    'nats://u:hunter2@127.0.0.1:9,127.0.0.1:10/',
    'nats://127.0.0.1:9?token=hunter2',
    'nats://127.0.0.1:9?prefix=a_b-C&replicas=3&max_age=7d&ack_wait=30s&concurrency=8&tls=0&x-note=1',
    'nats://127.0.0.1:9?nkey_seed=SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU',
  ],
  { secrets: /hunter2|SUAM/ },
)

testRefusedUris('openMq', open, [
  ['nats://u:hunter2@', /names no host/],
  ['nats:u:hunter2@h', /names no host/],
  ['nats://:hunter2@h', /needs a user/],
  ['nats://u:hunter2@h/path', /no path/],
  ['nats://u:hunter2@h?cluster=x', /"cluster"; known: ack_wait/],
  ['nats://u:hunter2@h?token=hunter2', /one of user/],
  ['nats://u:hunter2@h?replicas=0', /replicas/],
  ['nats://u:hunter2@h?replicas=6', /replicas/],
  ['nats://u:hunter2@h?max_age=1d', /max_age.*7d/],
  ['nats://u:hunter2@h?ack_wait=1ms', /ack_wait/],
  ['nats://u:hunter2@h?timeout=soon', /timeout/],
  ['nats://u:hunter2@h?prefix=a.b', /prefix/],
  ['nats://u:hunter2@h?tls=yes', /tls/],
  ['nats://h?token=', /token/],
  ['nats://h?jwt=hunter2', /nkey_seed/],
  ['nats://h?nkey_seed=hunter2', /nkey_seed/],
])
