import assert from 'node:assert/strict'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import { collect, gate, type MqHarness, numberOf, publishNumbers, until } from './kit.ts'

/** Counts how many handlers run at once, in all and per key. */
function watch() {
  const running = new Map<string, number>()
  const seen = { now: 0, most: 0, mostPerKey: 0 }
  const during = async (key: string, work: () => Promise<unknown>) => {
    const ofKey = (running.get(key) ?? 0) + 1
    running.set(key, ofKey)
    seen.most = Math.max(seen.most, ++seen.now)
    seen.mostPerKey = Math.max(seen.mostPerKey, ofKey)
    await work()
    seen.now--
    running.set(key, ofKey - 1)
  }
  return { seen, during }
}

/** Who waits for whom. */
export const orderCases: readonly Case<MqHarness>[] = [
  {
    name: 'MQ-13 1,000 messages of 10 keys keep the order of each key at concurrency 8',
    run: async (h) => {
      const perKey = new Map<string, number[]>()
      const { got } = await collect(h, { concurrency: 8 }, async (m) => {
        for (let turns = Math.floor(Math.random() * 3); turns > 0; turns--) await turn()
        perKey.set(m.key ?? '', [...(perKey.get(m.key ?? '') ?? []), numberOf(m)])
      })
      await publishNumbers(h, 1000, (n) => `key${n % 10}`)
      await until(() => [...perKey.values()].flat().length === 1000, 'all messages')
      assert.equal(got.length, 1000)
      for (const numbers of perKey.values())
        assert.deepEqual(
          numbers,
          numbers.toSorted((x, y) => x - y),
        )
    },
  },
  {
    name: 'MQ-14 a retrying message blocks its key and no other',
    run: async (h) => {
      const done: number[] = []
      const backoff = { baseMs: 150, factor: 1, maxMs: 150 }
      await collect(h, { concurrency: 1, backoff }, async (m) => {
        if (numberOf(m) === 0 && m.attempt === 1) throw new Error('not yet')
        done.push(numberOf(m))
      })
      // 0 and 2 share a key, 1 and 3 another.
      await publishNumbers(h, 4, (n) => `key${n % 2}`)
      await until(() => done.length === 4, 'all four')
      assert.deepEqual(done, [1, 3, 0, 2])
    },
  },
  {
    name: 'MQ-14 more messages than anyone holds at once do not keep the one from coming back that they wait for',
    run: async (h) => {
      const done: number[] = []
      const backoff = { baseMs: 50, factor: 1, maxMs: 50 }
      await collect(h, { concurrency: 1, backoff }, async (m) => {
        if (numberOf(m) % 200 === 0 && m.attempt < 3) throw new Error('not yet')
        done.push(numberOf(m))
      })
      await publishNumbers(h, 600, () => 'same')
      await until(() => done.length === 600, 'all of them')
      assert.deepEqual(
        done,
        done.toSorted((x, y) => x - y),
      )
    },
  },
  {
    name: 'MQ-15 one message in flight per key, whatever the number of members',
    run: async (h) => {
      const { seen, during } = watch()
      let count = 0
      const work = async (m: { key: string | undefined }) => {
        await during(m.key ?? '', () => sleep(1))
        count++
      }
      await collect(h, { concurrency: 8 }, work)
      await collect(h, { concurrency: 8 }, work)
      await publishNumbers(h, 120, (n) => `key${n % 4}`)
      await until(() => count === 120, 'all messages')
      assert.equal(seen.mostPerKey, 1)
      assert.ok(seen.most > 1, 'different keys never ran together')
    },
  },
  {
    name: 'MQ-16 concurrency is reached and never passed',
    run: async (h) => {
      const { seen, during } = watch()
      const held = gate()
      const { got } = await collect(h, { concurrency: 5 }, () => during('', () => held.opened))
      await publishNumbers(h, 40)
      await until(() => seen.now === 5, 'five at once')
      held.open()
      await until(() => got.length === 40 && seen.now === 0, 'all messages')
      assert.equal(seen.most, 5)
    },
  },
  {
    name: 'MQ-17 without order messages of one key run together',
    run: async (h) => {
      const { seen, during } = watch()
      const held = gate()
      await collect(h, { concurrency: 3, ordered: 'none' }, () => during('', () => held.opened))
      await publishNumbers(h, 3, () => 'same')
      await until(() => seen.now === 3, 'three at once')
      held.open()
    },
  },
  {
    name: 'MQ-17 consumers of one group that disagree about order are refused',
    run: async (h) => {
      await collect(h)
      await assert.rejects(
        collect(h, { ordered: 'none' }),
        (err) => err instanceof AppError && err.code === 'failed_precondition',
      )
    },
  },
]
