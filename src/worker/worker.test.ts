import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../../test-kit/db.ts'
import { AppError } from '../base/errors.ts'
import { idGenerator } from '../base/ids.ts'
import { addEvent, Outbox } from '../domain/outbox.ts'
import type { Mq } from '../infra/mq/mq.ts'
import { openMq } from '../infra/mq/open.ts'
import { Relay } from './relay.ts'
import { handler, type TopicHandler, Worker } from './worker.ts'

const TOPIC = 'knowledge.index_document'

async function setUp(handle: TopicHandler<typeof TOPIC>['handle'], giveUp?: TopicHandler<typeof TOPIC>['giveUp']) {
  const database = await testDatabase()
  const outbox = new Outbox(database)
  const context = { database, newId: idGenerator(Date.now, 0), clock: Date.now, nudge: () => undefined }
  const errors: unknown[] = []
  const onError = (err: unknown) => errors.push(err)
  const one = handler({ topic: TOPIC, concurrency: 4, handle, ...(giveUp ? { giveUp } : {}) })
  const start = async () => {
    const mq = await openMq('mem://', { home: '/' })
    const backoff = { baseMs: 1, factor: 1, maxMs: 1 }
    const worker = new Worker({ context, mq, outbox, handlers: [one], maxAttempts: 3, backoff, onError })
    const relay = new Relay({ outbox, mq, clock: Date.now, ownsDatabase: true, pollMs: 20, onError })
    await worker.declare()
    relay.start()
    return { mq, worker, relay }
  }
  const add = (id: string) =>
    database.transaction((tx) => addEvent(tx, TOPIC, id, { dataset_id: '1', document_id: id }, 1_700_000_000_000))
  const settled = async () => {
    while ((await outbox.count()).waiting > 0) await sleep(5)
  }
  return { database, outbox, errors, start, add, settled }
}

test('an event is handled, in the order of its key, and forgotten', async () => {
  const seen: string[] = []
  const { database, errors, start, add, settled } = await setUp(async (body) => {
    seen.push(body.document_id)
  })
  const { mq, worker, relay } = await start()
  await worker.start()
  for (const id of ['1', '2', '3']) await add(id)
  relay.nudge()
  await settled()
  assert.deepEqual(seen.sort(), ['1', '2', '3'])
  assert.deepEqual(errors, [])
  await relay.stop()
  await mq.close()
  await database[Symbol.asyncDispose]()
})

test('a rolled-back change leaves no event', async () => {
  const { database, outbox } = await setUp(async () => undefined)
  const failing = database.transaction(async (tx) => {
    await addEvent(tx, TOPIC, '1', { dataset_id: '1', document_id: '1' }, 1)
    throw new Error('no')
  })
  await assert.rejects(failing)
  assert.deepEqual(await outbox.count(), { waiting: 0, dead: 0 })
  await database[Symbol.asyncDispose]()
})

test('what a lost queue held is published again at the next start', async () => {
  const seen: string[] = []
  const { database, outbox, start, add, settled } = await setUp(async (body) => {
    seen.push(body.document_id)
  })
  await add('1')
  const lost = await start()
  await sleep(30)
  await lost.relay.stop()
  await lost.mq.close()
  assert.deepEqual(await outbox.count(), { waiting: 1, dead: 0 })
  const { mq, worker, relay } = await start()
  await worker.start()
  await settled()
  assert.deepEqual(seen, ['1'])
  await relay.stop()
  await mq.close()
  await database[Symbol.asyncDispose]()
})

test('a failing event is tried again, then given up and buried with the reason', async () => {
  const attempts: number[] = []
  const givenUp: string[] = []
  const { database, outbox, errors, start, add, settled } = await setUp(
    async (_body, { attempt }) => {
      attempts.push(attempt)
      throw new Error('the disk is full')
    },
    async (body, reason) => {
      givenUp.push(`${body.document_id}: ${reason}`)
    },
  )
  const { mq, worker, relay } = await start()
  await worker.start()
  await add('7')
  await settled()
  assert.deepEqual(attempts, [1, 2, 3])
  assert.equal(errors.length, 3)
  assert.equal(givenUp.length, 1)
  assert.match(givenUp[0] ?? '', /^7: .*disk is full/)
  assert.deepEqual(await outbox.count(), { waiting: 0, dead: 1 })
  await relay.stop()
  await mq.close()
  await database[Symbol.asyncDispose]()
})

test('an event that the queue can never take is buried, and those behind it are handled', async () => {
  const seen: string[] = []
  const { database, outbox, errors, start, add, settled } = await setUp(async (body) => {
    seen.push(body.document_id)
  })
  // MySQL takes no key of that length in the first place
  const isTaken = database.dialect !== 'mysql'
  const adding = add('x'.repeat(1_000_001))
  await (isTaken ? adding : assert.rejects(adding, { code: 'invalid_argument' }))
  await database.transaction((tx) => addEvent(tx, 'knowledge.delete_dataset', '1', { dataset_id: '1' }, 1))
  await add('2')
  const { mq, worker, relay } = await start()
  await worker.start()
  await settled()
  assert.deepEqual(seen, ['2'])
  assert.deepEqual(await outbox.count(), { waiting: 0, dead: isTaken ? 2 : 1 })
  assert.equal(errors.length, isTaken ? 2 : 1)
  await relay.stop()
  await mq.close()
  await database[Symbol.asyncDispose]()
})

test('a handler that is told to stop is no failure, and its event waits for the next start', async () => {
  const { promise: started, resolve: begin } = Promise.withResolvers<void>()
  const { database, outbox, errors, start, add } = await setUp(async (_body, { signal }) => {
    begin()
    await sleep(60_000, undefined, { signal })
  })
  const { mq, worker, relay } = await start()
  await worker.start()
  await add('1')
  relay.nudge()
  await started
  await relay.stop()
  await worker.drain(0)
  assert.deepEqual(errors, [])
  assert.deepEqual(await outbox.count(), { waiting: 1, dead: 0 })
  await mq.close()
  await database[Symbol.asyncDispose]()
})

/** A queue as a broker would offer it, whose messages arrive while it is up. */
function brokerOf(mq: Mq, features: readonly string[], broker: { isUp: boolean }): Mq {
  const publish: Mq['publish'] = async (...args) => {
    if (!broker.isUp) throw new AppError('unavailable', 'the broker is away')
    await mq.publish(...args)
  }
  const own: Partial<Record<PropertyKey, unknown>> = { features: new Set(features), publish }
  return new Proxy(mq, { get: (target, name) => own[name] ?? Reflect.get(target, name, target) })
}

test('with a broker that keeps what it has, an event that it did not take is tried again at once', async () => {
  const { database, outbox, errors, add } = await setUp(async () => undefined)
  const broker = { isUp: false }
  const mq = await openMq('mem://', { home: '/' })
  await mq.declare([{ topic: TOPIC, groups: ['g'] }])
  const options = {
    ...{ outbox, clock: Date.now, pollMs: 10, ownsDatabase: false },
    mq: brokerOf(mq, ['durable', 'shared'], broker),
    onError: (err: unknown) => errors.push(err),
  }
  const relays = [new Relay(options), new Relay(options)]
  for (const id of ['1', '2', '3']) await add(id)
  for (const relay of relays) relay.start()
  while (errors.length < 2) await sleep(5)
  broker.isUp = true
  while ((await outbox.count()).waiting > 0) await sleep(5)
  for (const relay of relays) await relay.stop()
  assert.equal(await mq.lag(TOPIC, 'g'), 3)
  await mq.close()
  await database[Symbol.asyncDispose]()
})

test('what a broker may forget is published again once it is taken for lost', async () => {
  const { database, outbox, errors, add } = await setUp(async () => undefined)
  let nowMs = 1_700_000_000_000
  const mq = await openMq('mem://', { home: '/' })
  await mq.declare([{ topic: TOPIC, groups: ['g'] }])
  const options = { outbox, clock: () => nowMs, pollMs: 10, ownsDatabase: false }
  const onError = (err: unknown) => errors.push(err)
  const relay = new Relay({ ...options, mq: brokerOf(mq, ['shared'], { isUp: true }), onError })
  await add('1')
  relay.start()
  await sleep(60)
  assert.equal(await mq.lag(TOPIC, 'g'), 1)
  nowMs += 10 * 60_000
  while ((await mq.lag(TOPIC, 'g')) === 1) await sleep(5)
  assert.deepEqual(errors, [])
  await relay.stop()
  assert.deepEqual(await outbox.count(), { waiting: 1, dead: 0 })
  await mq.close()
  await database[Symbol.asyncDispose]()
})

test('what a process had taken and not yet handed to the broker when it died is published soon by another', async () => {
  const { database, errors, outbox, add } = await setUp(async () => undefined)
  let nowMs = 1_700_000_000_000
  const mq = await openMq('mem://', { home: '/' })
  await mq.declare([{ topic: TOPIC, groups: ['g'] }])
  const options = {
    outbox,
    clock: () => nowMs,
    pollMs: 10,
    ownsDatabase: false,
    onError: (err: unknown) => errors.push(err),
  }
  const { promise: never } = Promise.withResolvers<void>()
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const stuck: Pick<Mq, 'features' | 'publish'> = {
    features: new Set(['shared']),
    publish: () => {
      reach()
      return never
    },
  }
  await add('1')
  const dying = new Relay({ ...options, mq: stuck as Mq })
  dying.start()
  await reached
  const other = new Relay({ ...options, mq: brokerOf(mq, ['shared'], { isUp: true }) })
  other.start()
  await sleep(50)
  assert.equal(await mq.lag(TOPIC, 'g'), 0)
  nowMs += 30_000
  while ((await mq.lag(TOPIC, 'g')) === 0) await sleep(5)
  nowMs += 60_000
  await sleep(50)
  assert.equal(await mq.lag(TOPIC, 'g'), 1, 'what the broker has was published again')
  assert.deepEqual(errors, [])
  void dying.stop()
  await other.stop()
  await mq.close()
  await database[Symbol.asyncDispose]()
})
