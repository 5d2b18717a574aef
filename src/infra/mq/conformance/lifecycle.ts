import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import type { Message } from '../mq.ts'
import { collect, gate, lettersOf, type MqHarness, numberOf, publishNumbers, until } from './kit.ts'

/** A handler that runs until its signal is aborted, and then fails as a cancelled call does. */
const untilAborted = (message: Message): Promise<void> =>
  new Promise<void>((_resolve, reject) => {
    message.signal.addEventListener('abort', () => reject(message.signal.reason), { once: true })
  })

/** Time, pausing, stopping. */
export const lifecycleCases: readonly Case<MqHarness>[] = [
  {
    name: 'MQ-18 a handler that takes its time is not given the message twice',
    run: async (h) => {
      const { got } = await collect(h, {}, async () => {
        await sleep(200)
      })
      await h.mq.publish(h.topic, { body: {} })
      // a broker may not count what it is just handing out
      await until(async () => got.length > 0 && ((await h.mq.lag(h.topic, 'a')) ?? 0) === 0, 'the end of the handler')
      assert.equal(got.length, 1)
    },
  },
  {
    name: 'MQ-18 a handler that exceeds its time is aborted and the attempt has failed',
    run: async (h) => {
      const reasons: unknown[] = []
      await collect(h, { maxHandlerMs: 40, maxAttempts: 2 }, async (m) => {
        m.signal.addEventListener('abort', () => reasons.push(m.signal.reason))
        await new Promise<never>(() => undefined)
      })
      await h.mq.publish(h.topic, { body: {} })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      assert.ok(reasons.length === 2 && reasons.every((r) => r instanceof AppError && r.code === 'deadline_exceeded'))
      assert.match((await lettersOf(h))[0]?.reason ?? '', /40 ms/)
    },
  },
  {
    name: 'MQ-19 what a stopped member had in hand goes to another',
    run: async (h) => {
      const first = await collect(h, { concurrency: 1 }, untilAborted)
      await publishNumbers(h, 3, () => 'same')
      await until(() => first.got.length === 1, 'the first member at work')
      const second = await collect(h, { concurrency: 1 })
      assert.deepEqual(await first.subscription.drain({ timeoutMs: 0 }), { inFlight: 1 })
      await until(() => second.got.length === 3, 'the second member')
      assert.deepEqual(second.got.map(numberOf), [0, 1, 2])
      assert.equal(first.got.length, 1)
    },
  },
  {
    name: 'MQ-25 a paused consumer gets nothing until it is resumed',
    run: async (h) => {
      const { got, subscription } = await collect(h)
      subscription.pause()
      await publishNumbers(h, 5)
      await sleep(50)
      assert.equal(got.length, 0)
      subscription.resume()
      await until(() => got.length === 5, 'five messages')
    },
  },
  {
    name: 'MQ-26 drain waits for what is in flight and takes nothing new',
    run: async (h) => {
      const held = gate()
      const { got, subscription } = await collect(h, { concurrency: 1 }, () => held.opened)
      await publishNumbers(h, 3)
      await until(() => got.length === 1, 'the first message')
      const drained = subscription.drain({ timeoutMs: 10_000 })
      setTimeout(held.open, 30)
      assert.deepEqual(await drained, { inFlight: 0 })
      assert.equal(got.length, 1)
      assert.equal(await h.mq.lag(h.topic, 'a'), 2)
      assert.deepEqual(await subscription.drain(), { inFlight: 0 })
    },
  },
  {
    name: 'MQ-27 a drain that takes too long aborts the handler; the message comes again, the rest in order',
    run: async (h) => {
      const { got } = await collect(h, { concurrency: 1, maxAttempts: 1 }, untilAborted)
      await publishNumbers(h, 4, () => 'same')
      await until(() => got.length === 1, 'the first message')
      assert.deepEqual(await h.mq.drain({ timeoutMs: 20 }), { inFlight: 1 })
      assert.equal(got[0]?.signal.aborted, true)
      const next = await collect(h, { concurrency: 4 })
      await until(() => next.got.length === 4, 'all messages again')
      assert.deepEqual(next.got.map(numberOf), [0, 1, 2, 3])
      assert.deepEqual(await lettersOf(h), [])
    },
  },
  {
    name: 'MQ-27 a drain does not wait for a handler that ignores its signal',
    run: async (h) => {
      const { got } = await collect(h, {}, () => new Promise<never>(() => undefined))
      await publishNumbers(h, 1)
      await until(() => got.length === 1, 'the message')
      assert.deepEqual(await h.mq.drain({ timeoutMs: 0 }), { inFlight: 1 })
      const next = await collect(h)
      await until(() => next.got.length === 1, 'the message again')
    },
  },
  {
    name: 'MQ-35 lag counts what is not done yet',
    run: async (h) => {
      const { got, subscription } = await collect(h)
      subscription.pause()
      await publishNumbers(h, 7)
      await until(async () => (await h.mq.lag(h.topic, 'a')) === 7, 'a lag of 7')
      subscription.resume()
      await until(async () => got.length === 7 && (await h.mq.lag(h.topic, 'a')) === 0, 'no lag')
    },
  },
  {
    name: 'MQ-40 a delayed message comes when it is due, and holds up nobody',
    needs: 'delay',
    run: async (h) => {
      const arrivals: [number, number][] = []
      const startedMs = performance.now()
      await collect(h, {}, async (m) => void arrivals.push([numberOf(m), performance.now() - startedMs]))
      await h.mq.publish(h.topic, { body: { n: 1 }, delayMs: 150 })
      await h.mq.publish(h.topic, { body: { n: 2 } })
      await until(() => arrivals.length === 2, 'both messages')
      assert.deepEqual(
        arrivals.map(([n]) => n),
        [2, 1],
      )
      assert.ok((arrivals[1]?.[1] ?? 0) >= 120, `after ${arrivals[1]?.[1]} ms`)
    },
  },
  {
    name: 'MQ-40 impossible delays and limits are refused',
    run: async (h) => {
      const refused = (err: unknown) => err instanceof AppError && err.code === 'invalid_argument'
      for (const delayMs of [-1, 1.5, Number.NaN, 86_400_001])
        await assert.rejects(h.mq.publish(h.topic, { body: {}, delayMs }), refused)
      for (const limits of [{ concurrency: 0 }, { maxAttempts: 0 }, { maxHandlerMs: 0 }])
        await assert.rejects(collect(h, limits), refused)
    },
  },
]
