import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import { assertTtl, INVALID, type KvHarness, NOT_UTF8, WRONG_TYPE } from './harness.ts'

/** Hashes and lists. */
export const collectionCases: readonly Case<KvHarness>[] = [
  {
    name: 'KV-22 hset counts the new fields only',
    run: async ({ kv }) => {
      assert.equal(await kv.hset('h', { a: 1, b: 2 }), 2)
      assert.equal(await kv.hset('h', { a: 3, b: 2 }), 0)
      assert.equal(
        await kv.hset(
          'h',
          new Map([
            ['b', '4'],
            ['', 'empty name'],
          ]),
        ),
        1,
      )
      assert.deepEqual(await kv.hgetall('h'), { a: '3', b: '4', '': 'empty name' })
    },
  },
  {
    name: 'KV-23 hset keeps the lifetime',
    run: async ({ kv }) => {
      await kv.hset('h', { a: 1 })
      await kv.expire('h', 60_000)
      await kv.hset('h', { b: 1 })
      await assertTtl(kv, 'h', 60_000)
    },
  },
  { name: 'KV-24 a missing hash is {}', run: async ({ kv }) => assert.deepEqual(await kv.hgetall('none'), {}) },
  {
    name: 'KV-25 a hash command on another type is wrong_type and changes nothing',
    run: async ({ kv }) => {
      await kv.set('k', 'text')
      await assert.rejects(kv.hgetall('k'), WRONG_TYPE)
      await assert.rejects(kv.hset('k', { a: 1 }), WRONG_TYPE)
      assert.equal(await kv.get('k'), 'text')
    },
  },
  {
    name: 'KV-26 hset without fields is refused',
    run: async ({ kv }) => {
      await assert.rejects(kv.hset('h', {}), INVALID)
      await assert.rejects(kv.hset('h', new Map()), INVALID)
      assert.equal(await kv.exists('h'), 0)
    },
  },
  {
    name: 'KV-27 hash values are binary-safe, field names any text',
    run: async ({ kv }) => {
      await kv.hset('h', { __proto: NOT_UTF8, '中\0文': 'v' })
      await kv.hset('h', new Map([['__proto__', 'own']]))
      const entry = await kv.admin.dump('h')
      assert.ok(entry?.type === 'hash')
      const bytes = new Map(entry.value).get('__proto')
      assert.deepEqual(Uint8Array.from(bytes ?? []), NOT_UTF8)
      const all = await kv.hgetall('h')
      assert.equal(Object.getOwnPropertyDescriptor(all, '__proto__')?.value, 'own')
      assert.equal(all['中\0文'], 'v')
    },
  },
  {
    name: 'KV-35 hset after the lifetime starts fresh and stays, KV-36 so does rpush',
    run: async ({ kv }) => {
      await kv.hset('h', { old: 1 })
      await kv.rpush('l', 'old')
      await kv.expire('h', 20)
      await kv.expire('l', 20)
      await sleep(50)
      assert.equal(await kv.hset('h', { new: 1 }), 1)
      assert.equal(await kv.rpush('l', 'new'), 1)
      assert.deepEqual(await kv.hgetall('h'), { new: '1' })
      assert.deepEqual(await kv.lrange('l', 0, -1), ['new'])
      assert.deepEqual([await kv.admin.ttl('h'), await kv.admin.ttl('l')], ['none', 'none'])
    },
  },
  {
    name: 'KV-37 lpush a b c is c b a, KV-38 rpush keeps the order, KV-39 both answer the length',
    run: async ({ kv }) => {
      assert.equal(await kv.lpush('l', 'a', 'b', 'c'), 3)
      assert.equal(await kv.rpush('l', 'd', 5), 5)
      assert.deepEqual(await kv.lrange('l', 0, -1), ['c', 'b', 'a', 'd', '5'])
      await assert.rejects(kv.lpush('l'), INVALID)
      await assert.rejects(kv.rpush('l'), INVALID)
    },
  },
  {
    name: 'KV-40 a list command on another type is wrong_type',
    run: async ({ kv }) => {
      await kv.set('k', 'text')
      await assert.rejects(kv.lpush('k', 1), WRONG_TYPE)
      await assert.rejects(kv.rpush('k', 1), WRONG_TYPE)
      await assert.rejects(kv.lpop('k'), WRONG_TYPE)
      await assert.rejects(kv.lrange('k', 0, -1), WRONG_TYPE)
      await assert.rejects(kv.lindex('k', 0), WRONG_TYPE)
      await assert.rejects(kv.lset('k', 0, 1), WRONG_TYPE)
      assert.equal(await kv.get('k'), 'text')
    },
  },
  {
    name: 'KV-41 lindex counts from both ends, null outside and without the key',
    run: async ({ kv }) => {
      await kv.rpush('l', 'a', 'b', 'c')
      const found = await Promise.all([0, 2, -1, -3, 3, -4].map((index) => kv.lindex('l', index)))
      assert.deepEqual(found, ['a', 'c', 'c', 'a', null, null])
      assert.equal(await kv.lindex('none', 0), null)
      await assert.rejects(kv.lindex('l', 0.5), INVALID)
    },
  },
  {
    name: 'KV-42 lset replaces from both ends and keeps the lifetime',
    run: async ({ kv }) => {
      await kv.rpush('l', 'a', 'b', 'c')
      await kv.expire('l', 60_000)
      await kv.lset('l', 0, 'first')
      await kv.lset('l', -1, 'last')
      assert.deepEqual(await kv.lrange('l', 0, -1), ['first', 'b', 'last'])
      await assertTtl(kv, 'l', 60_000)
    },
  },
  {
    name: 'KV-43 lset without the key is not_found, KV-44 outside of the list out_of_range',
    run: async ({ kv }) => {
      await assert.rejects(kv.lset('none', 0, 'x'), { code: 'not_found' })
      await kv.rpush('l', 'a')
      await assert.rejects(kv.lset('l', 1, 'x'), { code: 'out_of_range' })
      await assert.rejects(kv.lset('l', -2, 'x'), { code: 'out_of_range' })
    },
  },
  {
    name: 'KV-45 lpop takes in order, then null, and the key is gone',
    run: async ({ kv }) => {
      await kv.rpush('l', 'a', 'b')
      await kv.expire('l', 60_000)
      assert.equal(await kv.lpop('l'), 'a')
      await assertTtl(kv, 'l', 60_000)
      assert.equal(await kv.lpop('l'), 'b')
      assert.equal(await kv.lpop('l'), null)
      assert.equal(await kv.exists('l'), 0)
    },
  },
  {
    name: 'KV-46 a list that was emptied and filled again has no lifetime',
    run: async ({ kv }) => {
      await kv.rpush('l', 'a')
      await kv.expire('l', 60_000)
      await kv.lpop('l')
      await kv.rpush('l', 'b')
      assert.equal(await kv.admin.ttl('l'), 'none')
    },
  },
  {
    name: 'KV-47 lrange includes both ends and is cut off at the bounds',
    run: async ({ kv }) => {
      await kv.rpush('l', 'b', 'c')
      await kv.lpush('l', 'a')
      const range = (start: number, stop: number) => kv.lrange('l', start, stop).then((items) => items.join(''))
      assert.equal(await range(0, -1), 'abc')
      assert.equal(await range(-2, -1), 'bc')
      assert.equal(await range(5, 10), '')
      assert.equal(await range(2, 1), '')
      assert.equal(await range(-100, 100), 'abc')
      assert.equal(await range(1, 1), 'b')
      assert.equal(await range(0, -4), '')
      assert.deepEqual(await kv.lrange('none', 0, -1), [])
    },
  },
  {
    name: 'KV-48 a list of 100 000 items is read whole',
    run: async ({ kv }) => {
      const items = Array.from({ length: 100_000 }, (_, i) => `item ${i}`)
      for (let start = 0; start < items.length; start += 10_000)
        await kv.rpush('l', ...items.slice(start, start + 10_000))
      assert.deepEqual(await kv.lrange('l', 0, -1), items)
      assert.equal(await kv.lindex('l', -1), 'item 99999')
    },
  },
  {
    name: 'KV-65 a hash that was replaced has no ghost fields when it is one again',
    run: async ({ kv }) => {
      await kv.hset('k', { ghost: 1 })
      await kv.set('k', 'text')
      await kv.del('k')
      assert.equal(await kv.hset('k', { real: 1 }), 1)
      assert.deepEqual(await kv.hgetall('k'), { real: '1' })
      await kv.del('k')
      await kv.rpush('k', 'item')
      await kv.del('k')
      await kv.hset('k', { other: 1 })
      assert.deepEqual(await kv.hgetall('k'), { other: '1' })
    },
  },
]
