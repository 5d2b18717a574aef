import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import type { KvArg } from '../requests.ts'
import { assertTtl, INVALID, type KvHarness, NOT_UTF8, WRONG_TYPE } from './harness.ts'

const MAX = '9223372036854775807'

/** Values, lifetimes and counters. */
export const stringCases: readonly Case<KvHarness>[] = [
  { name: 'KV-01 a missing key is null', run: async ({ kv }) => assert.equal(await kv.get('none'), null) },
  {
    name: 'KV-02 text round-trips',
    run: async ({ kv }) => {
      for (const text of ['', 'plain', '中文 😀', '\uFEFFbom', 'a\0b', "'; --"]) {
        await kv.set('k', text)
        assert.equal(await kv.get('k'), text)
      }
    },
  },
  {
    name: 'KV-03 1 MB of random bytes round-trips, bytes that are not UTF-8 read as text are replaced',
    run: async ({ kv }) => {
      const bytes = new Uint8Array(randomBytes(1_000_000))
      await kv.set('k', bytes)
      assert.ok(Buffer.from(bytes).equals((await kv.getBuffer('k')) ?? Buffer.alloc(0)))
      await kv.set('k', NOT_UTF8)
      assert.deepEqual(Uint8Array.from((await kv.getBuffer('k')) ?? []), NOT_UTF8)
      assert.equal(await kv.get('k'), '\0\uFFFD\uFFFD\n')
      await kv.set('k', 'é')
      assert.deepEqual(Uint8Array.from((await kv.getBuffer('k')) ?? []), Uint8Array.of(0xc3, 0xa9))
    },
  },
  {
    name: 'KV-04 numbers, booleans, bigints and null have one text each, KV-05 without exponents',
    run: async ({ kv }) => {
      const texts: [KvArg, string][] = [
        [true, '1'],
        [false, '0'],
        [null, ''],
        [0, '0'],
        [-0, '0'],
        [1.5, '1.5'],
        [-12, '-12'],
        [2n ** 64n, '18446744073709551616'],
        [1e21, '1000000000000000000000'],
        [-1.25e22, '-12500000000000000000000'],
        [1e-7, '0.0000001'],
        [-1.5e-9, '-0.0000000015'],
      ]
      for (const [value, text] of texts) {
        await kv.set('k', value)
        assert.equal(await kv.get('k'), text)
      }
    },
  },
  {
    name: 'KV-06 NaN and infinity are refused, KV-07 objects and undefined too',
    run: async ({ kv }) => {
      for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, {}, [], undefined, new Date(), Symbol('s')])
        await assert.rejects(kv.set('k', value as KvArg), INVALID)
      assert.equal(await kv.exists('k'), 0)
    },
  },
  {
    name: 'KV-03 a value beyond 64 MiB is resource_exhausted',
    run: async ({ kv }) => {
      await assert.rejects(kv.set('k', new Uint8Array(64 * 1024 ** 2 + 1)), { code: 'resource_exhausted' })
      await assert.rejects(kv.set('k', 'é'.repeat(33 * 1024 ** 2)), { code: 'resource_exhausted' })
    },
  },
  {
    name: 'KV-08 set replaces a list and a hash',
    run: async ({ kv }) => {
      await kv.rpush('k', 'a')
      await kv.set('k', 'text')
      assert.equal(await kv.get('k'), 'text')
      await kv.del('k')
      await kv.hset('k', { f: 'a' })
      await kv.set('k', 'text')
      assert.equal(await kv.get('k'), 'text')
    },
  },
  {
    name: 'KV-09 set ends a lifetime, KV-10 keepTtl keeps it, KV-12 ttl 0 is for ever',
    run: async ({ kv }) => {
      await kv.set('k', 1, { ttlMs: 60_000 })
      await kv.set('k', 2, { keepTtl: true })
      await assertTtl(kv, 'k', 60_000)
      assert.equal(await kv.get('k'), '2')
      await kv.set('k', 3)
      assert.equal(await kv.admin.ttl('k'), 'none')
      await kv.set('k', 4, { ttlMs: 60_000 })
      await kv.set('k', 5, { ttlMs: 0 })
      assert.equal(await kv.admin.ttl('k'), 'none')
      await kv.set('new', 1, { keepTtl: true })
      assert.equal(await kv.admin.ttl('new'), 'none')
      await assert.rejects(kv.set('k', 1, { ttlMs: 5, keepTtl: true }), INVALID)
    },
  },
  {
    name: 'KV-11 a key is visible before its time and gone after it',
    run: async ({ kv }) => {
      await kv.set('k', 'v', { ttlMs: 150 })
      assert.equal(await kv.get('k'), 'v')
      await sleep(190)
      assert.equal(await kv.get('k'), null)
      assert.equal(await kv.exists('k'), 0)
      assert.equal(await kv.del('k'), 0)
      assert.equal(await kv.expire('k', 1000), false)
      await kv.set('k', 'again', { keepTtl: true })
      assert.equal(await kv.admin.ttl('k'), 'none')
    },
  },
  {
    name: 'KV-13 a lifetime that is negative, NaN or endless is refused, a fraction is a whole millisecond at least',
    run: async ({ kv }) => {
      for (const ttlMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
        await assert.rejects(kv.set('k', 1, { ttlMs }), INVALID)
      await kv.set('k', 1, { ttlMs: 0.4 })
      assert.notEqual(await kv.admin.ttl('k'), 'none')
    },
  },
  {
    name: 'KV-14 incr makes a missing key 1, without a lifetime, KV-15 and keeps one that is there',
    run: async ({ kv }) => {
      assert.equal(await kv.incr('n'), 1n)
      assert.equal(await kv.admin.ttl('n'), 'none')
      await kv.expire('n', 60_000)
      assert.equal(await kv.incr('n'), 2n)
      await assertTtl(kv, 'n', 60_000)
      assert.equal(await kv.get('n'), '2')
    },
  },
  {
    name: 'KV-16 KV-17 incr of what is not a canonical integer is wrong_type and changes nothing',
    run: async ({ kv }) => {
      for (const text of ['abc', '1.0', '1.5', ' 1', '1 ', '', '01', '+1', '-0', '1e3', `${MAX}0`, NOT_UTF8]) {
        await kv.set('k', text)
        await assert.rejects(kv.incr('k'), WRONG_TYPE, String(text))
        await assert.rejects(kv.getInt('k'), WRONG_TYPE, String(text))
        assert.deepEqual(await kv.get('k'), typeof text === 'string' ? text : '\0\uFFFD\uFFFD\n')
      }
    },
  },
  {
    name: 'KV-18 incr at the greatest integer is out_of_range and changes nothing',
    run: async ({ kv }) => {
      await kv.set('k', MAX)
      await assert.rejects(kv.incr('k'), { code: 'out_of_range' })
      assert.equal(await kv.getInt('k'), 2n ** 63n - 1n)
      assert.equal(await kv.incrBy('k', -(2n ** 63n - 1n)), 0n)
      await kv.set('k', -(2n ** 63n))
      await assert.rejects(kv.incrBy('k', -1), { code: 'out_of_range' })
      await assert.rejects(kv.incrBy('k', 2n ** 63n), INVALID)
      await assert.rejects(kv.incrBy('k', 1.5), INVALID)
    },
  },
  {
    name: 'KV-19 incrBy takes negatives, and 0 makes a key',
    run: async ({ kv }) => {
      assert.equal(await kv.incrBy('n', 0), 0n)
      assert.equal(await kv.get('n'), '0')
      assert.equal(await kv.incrBy('n', -5), -5n)
      assert.equal(await kv.getInt('n'), -5n)
      assert.equal(await kv.getInt('none'), null)
    },
  },
  {
    name: 'KV-20 strings and other types do not mix: wrong_type, value unchanged',
    run: async ({ kv }) => {
      await kv.rpush('k', 'a')
      await assert.rejects(kv.incr('k'), WRONG_TYPE)
      await assert.rejects(kv.get('k'), WRONG_TYPE)
      await assert.rejects(kv.getBuffer('k'), WRONG_TYPE)
      assert.deepEqual(await kv.lrange('k', 0, -1), ['a'])
    },
  },
  {
    name: 'KV-21 1000 parallel increments give 1000 different sums',
    run: async ({ kv }) => {
      const sums = await Promise.all(Array.from({ length: 1_000 }, () => kv.incr('n')))
      assert.equal(new Set(sums).size, 1_000)
      assert.equal(await kv.getInt('n'), 1_000n)
    },
  },
  {
    name: 'KV-21 calls of one caller take effect in their order, also without waiting',
    run: async ({ kv }) => {
      const first = kv.set('k', 1)
      const read = kv.get('k')
      const second = kv.set('k', 2)
      const sum = kv.incr('k')
      assert.equal(await read, '1')
      assert.equal(await sum, 3n)
      await Promise.all([first, second])
    },
  },
]
