import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { CommandResult } from '../pipeline.ts'
import { assertTtl, type KvHarness } from './harness.ts'

const valuesOf = (results: readonly CommandResult[]) => results.map((item) => (item.ok ? item.value : item.error.code))

/** Many commands at once. */
export const pipelineCases: readonly Case<KvHarness>[] = [
  {
    name: 'KV-49 results come in the order of the commands, KV-52 a missing value is null',
    run: async ({ kv }) => {
      const results = await kv
        .pipeline()
        .set('a', 1)
        .get('a')
        .get('none')
        .incrBy('a', 4)
        .getInt('a')
        .hset('h', { f: 'v' })
        .hgetall('h')
        .rpush('l', 'x', 'y')
        .lpush('l', 'w')
        .lset('l', 0, 'W')
        .lindex('l', 0)
        .lpop('l')
        .lrange('l', 0, -1)
        .exists('a', 'h')
        .expire('a', 1000)
        .del('a')
        .exec()
      assert.deepEqual(valuesOf(results), [
        undefined,
        '1',
        null,
        5n,
        5n,
        1,
        { f: 'v' },
        2,
        3,
        undefined,
        'W',
        'W',
        ['x', 'y'],
        2,
        true,
        1,
      ])
    },
  },
  {
    name: 'KV-50 a command that fails stops no other, KV-51 throwOnError: false resolves with every result',
    run: async ({ kv }) => {
      await kv.set('text', 'abc')
      const results = await kv
        .pipeline()
        .set('a', 1)
        .incr('text')
        .set('b', Number.NaN)
        .lpush('text', 'x')
        .set('c', 3)
        .exec({ throwOnError: false })
      assert.deepEqual(valuesOf(results), [undefined, 'wrong_type', 'invalid_argument', 'wrong_type', undefined])
      assert.deepEqual([await kv.get('a'), await kv.get('b'), await kv.get('c')], ['1', null, '3'])
      assert.equal(await kv.get('text'), 'abc')
    },
  },
  {
    name: 'KV-50 by default the first error is thrown after all have run, with its position',
    run: async ({ kv }) => {
      await kv.set('text', 'abc')
      const failing = kv.pipeline().set('a', 1).incr('text').set('c', 3).exec()
      await assert.rejects(failing, { code: 'wrong_type', details: { index: 1 }, message: /command 2/ })
      assert.deepEqual([await kv.get('a'), await kv.get('c')], ['1', '3'])
    },
  },
  {
    name: 'KV-53 an empty pipeline is [], KV-54 after exec it starts empty again',
    run: async ({ kv }) => {
      const pipeline = kv.pipeline()
      assert.deepEqual(await pipeline.exec(), [])
      assert.equal((await pipeline.incr('n').exec()).length, 1)
      assert.deepEqual(await pipeline.exec(), [])
      assert.deepEqual(valuesOf(await pipeline.incr('n').exec()), [2n])
    },
  },
  {
    name: 'KV-55 the queue of interrupts: push in front, push behind, expire',
    run: async ({ kv }) => {
      await kv.rpush('events', 'old')
      await kv.pipeline().lpush('events', 'top').rpush('events', 'x', 'y').expire('events', 60_000).exec()
      assert.deepEqual(await kv.lrange('events', 0, -1), ['top', 'old', 'x', 'y'])
      await assertTtl(kv, 'events', 60_000)
    },
  },
  {
    name: 'KV-56 an abort before exec sends nothing',
    run: async ({ kv }) => {
      const pipeline = kv.pipeline().set('a', 1)
      await assert.rejects(pipeline.exec({ signal: AbortSignal.abort() }), { code: 'canceled' })
      assert.equal(await kv.exists('a'), 0)
    },
  },
]
