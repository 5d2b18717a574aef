import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../src/base/conformance.ts'
import { numberOf, QUICK, until } from '../src/infra/mq/conformance/kit.ts'
import type { Message, Mq } from '../src/infra/mq/mq.ts'
import type { Broker } from './brokers.ts'
import {
  expectUnavailable,
  hasCode,
  insist,
  numbers,
  type OpenQueue,
  openBroker,
  openedBroker,
  startMember,
  survive,
  TOPIC,
} from './mq.ts'
import { withParams } from './uris.ts'

/** A kind of broker: queues of their own on the server that tests share, and servers that a case may stop. */
export type BrokerHarness = {
  scratch(params?: string): Promise<OpenQueue>
  start(): Promise<Broker>
  /** The parameter that is its acknowledgement timeout: what a dead process had in hand goes to another after it. */
  ackTimeout: string
  /** What the id of a dead letter looks like. */
  letterId: string
}

/** What every broker does beyond the suite of all queues: among several processes, and while it is away. */
export const brokerCases: readonly Case<BrokerHarness>[] = [
  {
    name: 'a handler that outlives the acknowledgement timeout is not disturbed, nor is a message that waits for its turn',
    run: async (h) => {
      await using world = await h.scratch(`${h.ackTimeout}=1s`)
      const got: number[] = []
      const slow = async (m: Message) => {
        got.push(numberOf(m))
        await sleep(2_300)
      }
      await world.mq.consume(TOPIC, 'a', slow, { concurrency: 1 })
      await world.mq.publishMany(TOPIC, numbers(2))
      await until(async () => got.length === 2 && (await world.mq.lag(TOPIC, 'a')) === 0, 'both handlers')
      assert.deepEqual(got, [0, 1])
    },
  },
  {
    name: 'what a killed process had in hand goes to another, as a further attempt',
    run: async (h) => {
      await using world = await h.scratch(`${h.ackTimeout}=1s`)
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
    },
  },
  {
    name: 'two processes share a group: a retry never leaves its lane',
    run: async (h) => {
      await using world = await h.scratch()
      await using other = await openedBroker(world.text)
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
    },
  },
  {
    name: 'dead letters outlive the process, are listed again and again, and go back to their own group, once',
    run: async (h) => {
      await using world = await h.scratch()
      const inB: number[] = []
      await world.mq.consume(TOPIC, 'b', async (m) => void inB.push(numberOf(m)))
      const first = await world.mq.consume(TOPIC, 'a', async () => ({ action: 'dead', reason: 'never' }))
      await world.mq.publishMany(TOPIC, numbers(300))
      const letters = async (mq: Mq) => Array.fromAsync(mq.deadLetters(TOPIC, 'a'))
      await until(async () => (await letters(world.mq)).length === 300, 'the dead letters')
      await first.drain()
      await using next = await openedBroker(world.text)
      assert.equal((await letters(next.mq)).length, 300)
      assert.equal((await letters(next.mq)).length, 300)
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
    },
  },
  {
    name: 'MQ-29 a server that ends in order under load and comes back has lost nothing',
    run: async (h) => surviveRestarts(h, 'SIGTERM'),
  },
  {
    name: 'MQ-29 a handler that runs while the server restarts ends in peace, and its message is not given to it again',
    run: async (h) => {
      await using broker = await h.start()
      await using world = await openedBroker(withParams(broker.uri, `timeout=1s&${h.ackTimeout}=1s`))
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
    },
  },
  {
    name: 'MQ-29 a dead server is "unavailable" in time, for every call, and "down" in health',
    run: async (h) => {
      await using broker = await h.start()
      const text = withParams(broker.uri, 'timeout=500ms')
      await using world = await openedBroker(text)
      await broker.stop('SIGKILL')
      await expectUnavailable(world.mq, h.letterId)
      await assert.rejects(openBroker(text), hasCode('unavailable'))
    },
  },
  {
    name: 'MQ-29 a server that hangs is "unavailable" in time, and goes on afterwards',
    run: async (h) => {
      await using broker = await h.start()
      await using world = await openedBroker(withParams(broker.uri, 'timeout=500ms'))
      broker.freeze(true)
      const startedMs = performance.now()
      await assert.rejects(world.mq.publish(TOPIC, { body: {} }), hasCode('unavailable'))
      assert.ok(performance.now() - startedMs < 2_000)
      assert.equal((await world.mq.health()).status, 'down')
      broker.freeze(false)
      await insist(world.mq, 1)
    },
  },
]

/** Ends the server twice by a signal while messages come and go; none may be lost. */
export async function surviveRestarts(h: BrokerHarness, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await using broker = await h.start()
  await survive(withParams(broker.uri, `timeout=1s&${h.ackTimeout}=1s`), async () => {
    for (let round = 0; round < 2; round++) {
      await sleep(300)
      await broker.stop(signal)
      await sleep(300)
      await broker.start()
      await sleep(300)
    }
  })
}
