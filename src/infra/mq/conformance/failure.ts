import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { collect, lettersOf, type MqHarness, numberOf, publishNumbers, QUICK, until } from './kit.ts'

const boom = async (): Promise<void> => {
  throw new Error('boom 7')
}

/** What happens to messages that cannot be handled. */
export const failureCases: readonly Case<MqHarness>[] = [
  {
    name: 'MQ-07 a message whose handler throws comes again as attempt 2',
    run: async (h) => {
      const { got } = await collect(h, {}, async (m) => {
        if (m.attempt === 1) throw new Error('once')
      })
      await h.mq.publish(h.topic, { body: { n: 1 } })
      await until(() => got.length === 2, 'the second attempt')
      assert.deepEqual(
        got.map((m) => m.attempt),
        [1, 2],
      )
      assert.equal(got[0]?.id, got[1]?.id)
    },
  },
  {
    name: 'MQ-08 the wait grows with each attempt, up to the limit',
    run: async (h) => {
      const startsMs: number[] = []
      const backoff = { baseMs: 60, factor: 3, maxMs: 180 }
      await collect(h, { backoff, maxAttempts: 4 }, async () => {
        startsMs.push(performance.now())
        throw new Error('always')
      })
      await h.mq.publish(h.topic, { body: {} })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      const waits = startsMs.slice(1).map((ms, i) => ms - (startsMs[i] ?? 0))
      // From below exactly; from above a busy machine may add to it.
      const least = [60, 180, 180].map((ms) => ms * 0.8 - 2)
      assert.ok(
        waits.length === 3 && waits.every((ms, i) => ms >= (least[i] ?? 0) && ms < (least[i] ?? 0) * 1.5 + 150),
        `waits: ${waits.map(Math.round)}`,
      )
    },
  },
  {
    name: 'MQ-09 after the last attempt a message is a dead letter with body, error and count',
    run: async (h) => {
      const { got } = await collect(h, { maxAttempts: 3 }, boom)
      await h.mq.publish(h.topic, { body: { n: 4 }, key: 'k', headers: { a: 'b' } })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      const [letter] = await lettersOf(h)
      assert.equal(got.length, 3)
      assert.match(letter?.reason ?? '', /boom 7/)
      assert.deepEqual([letter?.attempts, letter?.key, letter?.group, letter?.topic], [3, 'k', 'a', h.topic])
      assert.deepEqual({ ...letter?.headers }, { a: 'b' })
      assert.equal(Buffer.from(letter?.body ?? []).toString(), '{"n":4}')
      assert.equal(letter?.messageId, got[0]?.id)
      assert.deepEqual(await lettersOf(h, 'b'), [])
    },
  },
  {
    name: 'MQ-09 onDead hears of a dead letter before it is one; while it fails the message comes again',
    run: async (h) => {
      const heard: string[] = []
      const onDead = async (letter: { reason: string; attempts: number }) => {
        heard.push(`${letter.attempts} ${letter.reason}`)
        if (heard.length === 1) throw new Error('the database is away')
      }
      await collect(h, { maxAttempts: 2, onDead }, boom)
      await h.mq.publish(h.topic, { body: {} })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      assert.deepEqual([heard.length, heard[0]], [2, '2 boom 7'])
    },
  },
  {
    name: 'MQ-10 a handler may give a message up at once',
    run: async (h) => {
      const { got } = await collect(h, {}, async () => ({ action: 'dead', reason: 'no such document' }))
      await h.mq.publish(h.topic, { body: {} })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      const [letter] = await lettersOf(h)
      assert.deepEqual([got.length, letter?.attempts, letter?.reason], [1, 1, 'no such document'])
    },
  },
  {
    name: 'MQ-11 a dead letter put back starts again with attempt 1',
    run: async (h) => {
      let broken = true
      const { got } = await collect(h, { maxAttempts: 2 }, async () => {
        if (broken) throw new Error('still broken')
      })
      await h.mq.publish(h.topic, { body: { n: 1 } })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      broken = false
      const ids = (await lettersOf(h)).map((letter) => letter.id)
      assert.equal(await h.mq.requeueDead([...ids, 'nobody']), 1)
      await until(() => got.length === 3, 'the new attempt')
      assert.deepEqual([got[2]?.attempt, got[2]?.json()], [1, { n: 1 }])
      assert.deepEqual(await lettersOf(h), [])
      assert.equal(await h.mq.requeueDead(ids), 0)
    },
  },
  {
    name: 'MQ-12 a handler may say when it wants the message again, and the attempts still count',
    run: async (h) => {
      const startsMs: number[] = []
      await collect(h, { maxAttempts: 2 }, async () => {
        startsMs.push(performance.now())
        return { action: 'retry', afterMs: 120 }
      })
      await h.mq.publish(h.topic, { body: {} })
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      assert.equal(startsMs.length, 2)
      assert.ok((startsMs[1] ?? 0) - (startsMs[0] ?? 0) >= 115, 'came back too early')
    },
  },
  {
    name: 'MQ-36 whatever a handler throws, rejects or returns, the others go on',
    run: async (h) => {
      const { got } = await collect(h, { maxAttempts: 1 }, (m): Promise<void> => {
        if (numberOf(m) === 0) throw new Error('before the first await')
        if (numberOf(m) === 1) return Promise.reject(undefined)
        if (numberOf(m) === 2) return Promise.resolve({ action: 'wat' } as never)
        return Promise.resolve()
      })
      await publishNumbers(h, 4)
      await until(() => got.length === 4, 'all four')
      await until(async () => (await lettersOf(h)).length === 3, 'three dead letters')
    },
  },
  {
    name: 'MQ-41 a failing message is not skipped: later ones finish, it comes again',
    run: async (h) => {
      const done: number[] = []
      await h.mq.consume(
        h.topic,
        'a',
        async (m) => {
          if (numberOf(m) === 0 && m.attempt < 4) throw new Error('not yet')
          done.push(numberOf(m))
        },
        { ...QUICK, concurrency: 1 },
      )
      await publishNumbers(h, 5)
      await until(() => done.length === 5, 'all five')
      assert.ok(done.includes(0))
    },
  },
  {
    name: 'MQ-42 a body that is no JSON dies after its attempts, the others pass',
    run: async (h) => {
      const done: number[] = []
      await collect(h, { maxAttempts: 2 }, async (m) => void done.push(numberOf(m)))
      await h.mq.publish(h.topic, { body: Buffer.from('{"n":') })
      await publishNumbers(h, 3)
      await until(async () => (await lettersOf(h)).length === 1, 'the dead letter')
      await until(() => done.length === 3, 'the others')
      assert.equal((await lettersOf(h))[0]?.attempts, 2)
    },
  },
]
