import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import { collect, gate, type MqHarness, numberOf, publishNumbers, QUICK, until } from './kit.ts'

const code = (expected: string) => (err: unknown) => err instanceof AppError && err.code === expected

/** What arrives, at whom, and what is refused. */
export const deliveryCases: readonly Case<MqHarness>[] = [
  {
    name: 'MQ-01 a body arrives byte for byte: binary, UTF-8, empty',
    run: async (h) => {
      const bodies = [Uint8Array.of(0, 255, 128, 10), Buffer.from('größer 知识 🦉'), new Uint8Array(0)]
      const { got } = await collect(h, { concurrency: 1 })
      await h.mq.publishMany(
        h.topic,
        bodies.map((body) => ({ body })),
      )
      await until(() => got.length === 3, 'three messages')
      assert.deepEqual(
        got.map((m) => [...m.body]),
        bodies.map((body) => [...body]),
      )
    },
  },
  {
    name: 'MQ-01 the sender may change its bytes after publish',
    run: async (h) => {
      const body = Uint8Array.of(1, 2, 3)
      await h.mq.publish(h.topic, { body })
      body.fill(9)
      const { got } = await collect(h)
      await until(() => got.length === 1, 'the message')
      assert.deepEqual([...(got[0]?.body ?? [])], [1, 2, 3])
    },
  },
  {
    name: 'MQ-02 json keeps every digit of a 64-bit integer',
    run: async (h) => {
      const { got } = await collect(h, { concurrency: 1 })
      await h.mq.publish(h.topic, { body: Buffer.from('{"id":9007199254740993,"small":7,"f":1.5e300}') })
      await h.mq.publish(h.topic, { body: { id: 9223372036854775807n, text: '9007199254740993' } })
      await until(() => got.length === 2, 'two messages')
      assert.deepEqual(got[0]?.json(), { id: 9007199254740993n, small: 7, f: 1.5e300 })
      assert.deepEqual(got[1]?.json(), { id: 9223372036854775807n, text: '9007199254740993' })
    },
  },
  {
    name: 'MQ-03 every group gets each message',
    run: async (h) => {
      const inB: number[] = []
      const { got } = await collect(h)
      await h.mq.consume(h.topic, 'b', async (m) => void inB.push(numberOf(m)))
      await publishNumbers(h, 20)
      await until(() => got.length === 20 && inB.length === 20, 'both groups')
    },
  },
  {
    name: 'MQ-04 members of a group share: each message once, and both get some',
    run: async (h) => {
      const pause = () => sleep(1)
      const one = await collect(h, { concurrency: 1 }, pause)
      const two = await collect(h, { concurrency: 1 }, pause)
      await publishNumbers(h, 60)
      await until(() => one.got.length + two.got.length >= 60, 'sixty messages')
      const all = [...one.got, ...two.got].map(numberOf).sort((x, y) => x - y)
      assert.deepEqual(
        all,
        Array.from({ length: 60 }, (_, n) => n),
      )
      assert.ok(one.got.length > 0 && two.got.length > 0, 'one member got nothing')
    },
  },
  {
    name: 'MQ-05 what was published before the first consumer is delivered, in order',
    run: async (h) => {
      await publishNumbers(h, 10)
      const { got } = await collect(h, { concurrency: 1 })
      await until(() => got.length === 10, 'ten messages')
      assert.deepEqual(
        got.map(numberOf),
        Array.from({ length: 10 }, (_, n) => n),
      )
    },
  },
  {
    name: 'MQ-06 an undeclared topic or group is refused',
    run: async (h) => {
      await assert.rejects(h.mq.publish('nobody', { body: {} }), code('invalid_argument'))
      await assert.rejects(
        h.mq.consume(h.topic, 'nobody', async () => {}),
        code('invalid_argument'),
      )
      await assert.rejects(h.mq.lag(h.topic, 'nobody'), code('invalid_argument'))
    },
  },
  {
    name: 'MQ-20 a batch keeps its order; an empty one does nothing',
    run: async (h) => {
      await h.mq.publishMany(h.topic, [])
      const { got } = await collect(h, { concurrency: 1 })
      await publishNumbers(h, 50)
      await until(() => got.length === 50, 'fifty messages')
      assert.deepEqual(
        got.map(numberOf),
        Array.from({ length: 50 }, (_, n) => n),
      )
    },
  },
  {
    name: 'MQ-21 a body of 1,000,000 bytes passes, one more is refused and nothing of its batch is sent',
    run: async (h) => {
      const { got } = await collect(h)
      const tooLong = { body: new Uint8Array(1_000_001) }
      await assert.rejects(h.mq.publishMany(h.topic, [{ body: {} }, tooLong]), code('resource_exhausted'))
      await h.mq.publish(h.topic, { body: new Uint8Array(1_000_000) })
      await until(() => got.length > 0, 'the long message')
      assert.deepEqual(
        got.map((m) => m.body.length),
        [1_000_000],
      )
    },
  },
  {
    name: 'MQ-22 two messages of one key sent at once both arrive',
    run: async (h) => {
      const { got } = await collect(h)
      await Promise.all([1, 2].map((n) => h.mq.publish(h.topic, { body: { n }, key: 'k' })))
      await until(() => got.length === 2, 'both messages')
    },
  },
  {
    name: 'MQ-24 a handler may publish to its own topic: 500 at once, concurrency 1',
    run: async (h) => {
      const { got } = await collect(h, { concurrency: 1 }, async (m) => {
        if (numberOf(m) < 0) await publishNumbers(h, 500)
      })
      await h.mq.publish(h.topic, { body: { n: -1 } })
      await until(() => got.length === 501, 'the fan-out')
    },
  },
  {
    name: 'MQ-28 after close everything is refused, and closing again is fine',
    run: async (h) => {
      const { subscription } = await collect(h)
      await h.mq.close()
      await h.mq.close()
      await assert.rejects(h.mq.publish(h.topic, { body: {} }), code('closed'))
      await assert.rejects(
        h.mq.consume(h.topic, 'a', async () => {}),
        code('closed'),
      )
      assert.deepEqual(await subscription.drain(), { inFlight: 0 })
      assert.equal((await h.mq.health()).status, 'down')
    },
  },
  {
    name: 'MQ-30 registering the same group twice makes two members',
    run: async (h) => {
      const held = gate()
      const running: number[] = []
      for (const member of [1, 2])
        await collect(h, { concurrency: 1 }, async () => {
          running.push(member)
          await held.opened
        })
      await publishNumbers(h, 2)
      await until(() => running.length === 2, 'both members at work')
      assert.deepEqual(running.sort(), [1, 2])
      held.open()
    },
  },
  {
    name: 'MQ-31 empty and impossible names are refused',
    run: async (h) => {
      for (const name of ['', 'a b', 'x'.repeat(65), 'a/b'])
        await assert.rejects(h.mq.declare([{ topic: name, groups: [] }]), code('invalid_argument'))
      await assert.rejects(h.mq.declare([{ topic: h.topic, groups: [''] }]), code('invalid_argument'))
      await assert.rejects(h.mq.publish('', { body: {} }), code('invalid_argument'))
    },
  },
  {
    name: 'MQ-32 key, headers and time travel with a message; the id is its own',
    run: async (h) => {
      const { got } = await collect(h)
      const headers = { 'x-trace': 'a b=c', 'x-name': 'größer' }
      const beforeMs = Date.now()
      await h.mq.publishMany(h.topic, [{ body: {}, key: 'k 1', headers }, { body: {} }])
      await until(() => got.length === 2, 'two messages')
      const [first, second] = got
      assert.deepEqual({ ...first?.headers }, headers)
      assert.deepEqual([first?.key, second?.key, first?.group, first?.topic], ['k 1', undefined, 'a', h.topic])
      assert.notEqual(first?.id, second?.id)
      assert.ok(Math.abs((first?.publishedAtMs ?? 0) - beforeMs) < 60_000)
    },
  },
  {
    name: 'MQ-34 a slow group does not delay another',
    run: async (h) => {
      const held = gate()
      await h.mq.consume(h.topic, 'b', () => held.opened, { concurrency: 1 })
      const { got } = await collect(h)
      await publishNumbers(h, 30)
      await until(() => got.length === 30, 'the quick group')
      held.open()
    },
  },
  {
    name: 'MQ-37 of 10,000 messages none is lost',
    run: async (h) => {
      const seen = new Set<number>()
      const flaky = async (m: Parameters<typeof numberOf>[0]) => {
        if (numberOf(m) % 100 === 0 && m.attempt === 1) throw new Error('once')
        seen.add(numberOf(m))
      }
      await h.mq.consume(h.topic, 'a', flaky, { ...QUICK, concurrency: 16 })
      for (let round = 0; round < 10; round++)
        await h.mq.publishMany(
          h.topic,
          Array.from({ length: 1000 }, (_, n) => ({ body: { n: round * 1000 + n }, key: `${n % 37}` })),
        )
      await until(() => seen.size === 10_000, 'all of them')
      await until(async () => ((await h.mq.lag(h.topic, 'a')) ?? 0) === 0, 'nothing left')
    },
  },
]
