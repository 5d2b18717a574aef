import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import type { KvEntry } from '../driver.ts'
import type { Kv } from '../kv.ts'
import { assertTtl, fill, INVALID, type KvHarness, NOT_UTF8 } from './harness.ts'

async function scan(kv: Kv, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of kv.admin.scan(prefix === undefined ? {} : { prefix })) keys.push(key)
  return keys
}

/** Whole keys of any type, and what operators do with them. */
export const keyCases: readonly Case<KvHarness>[] = [
  {
    name: 'KV-28 del counts what was there, a key named twice once',
    run: async ({ kv }) => {
      await fill(kv)
      assert.equal(await kv.del('string', 'hash', 'list', 'none', 'string'), 3)
      assert.deepEqual(await scan(kv), [])
    },
  },
  {
    name: 'KV-29 exists counts a key named twice twice',
    run: async ({ kv }) => {
      await fill(kv)
      assert.equal(await kv.exists('string', 'string', 'hash', 'list', 'none'), 4)
    },
  },
  {
    name: 'KV-30 del and exists without keys are refused',
    run: async ({ kv }) => {
      await assert.rejects(kv.del(), INVALID)
      await assert.rejects(kv.exists(), INVALID)
    },
  },
  {
    name: 'KV-31 expire without the key is false, KV-32 with it true on every type',
    run: async ({ kv }) => {
      await fill(kv)
      assert.equal(await kv.expire('none', 1000), false)
      for (const key of ['string', 'hash', 'list']) {
        assert.equal(await kv.expire(key, 20), true)
      }
      await sleep(50)
      assert.equal(await kv.exists('string', 'hash', 'list'), 0)
      assert.deepEqual(await kv.hgetall('hash'), {})
      assert.deepEqual(await kv.lrange('list', 0, -1), [])
    },
  },
  {
    name: 'KV-33 expire by 0 and by less deletes and is true',
    run: async ({ kv }) => {
      await fill(kv)
      assert.equal(await kv.expire('string', 0), true)
      assert.equal(await kv.expire('hash', -1), true)
      assert.equal(await kv.expire('list', -0.5), true)
      assert.deepEqual(await scan(kv), [])
      await assert.rejects(kv.expire('string', Number.NaN), INVALID)
    },
  },
  {
    name: 'KV-34 a later expire wins, shorter or longer',
    run: async ({ kv }) => {
      await kv.set('k', 1, { ttlMs: 150 })
      assert.equal(await kv.expire('k', 60_000), true)
      await sleep(190)
      await assertTtl(kv, 'k', 60_000)
      await kv.expire('k', 10)
      await sleep(30)
      assert.equal(await kv.get('k'), null)
    },
  },
  {
    name: 'KV-57 keys are any Unicode text of 1…4096 bytes, in their case',
    run: async ({ kv }) => {
      const keys = ['a:b/c', '中文', 'A', 'a', 'x y\n', 'nul\0key', '😀', 'k'.repeat(4096), '中'.repeat(1365)]
      for (const [position, key] of keys.entries()) await kv.set(key, position)
      for (const [position, key] of keys.entries()) assert.equal(await kv.get(key), String(position))
      assert.equal(await kv.admin.size(), keys.length)
      for (const key of ['', 'k'.repeat(4097), '中'.repeat(1366), '\uD800', 5 as unknown as string])
        await assert.rejects(kv.set(key, 1), INVALID)
    },
  },
  {
    name: 'KV-58 scan lists exactly the live keys of a prefix, once, also while others write',
    run: async ({ kv }) => {
      const names = Array.from({ length: 1200 }, (_, i) => `p:${String(i).padStart(4, '0')}`)
      await Promise.all(names.map((name) => kv.set(name, 1)))
      await kv.set('p:gone', 1, { ttlMs: 1 })
      for (const key of ['o', 'p', 'p9', 'p;', 'q:1', 'p\u{10FFFF}']) await kv.set(key, 1)
      await sleep(10)
      const seen: string[] = []
      for await (const key of kv.admin.scan({ prefix: 'p:' })) {
        seen.push(key)
        if (seen.length % 300 === 0) await Promise.all([kv.set(key, 2), kv.set(`a${key}`, 2), kv.set('zz', 1)])
      }
      assert.deepEqual(seen.sort(), names)
      assert.deepEqual(await scan(kv, 'p\u{10FFFF}'), ['p\u{10FFFF}'])
      assert.equal((await scan(kv)).length, await kv.admin.size())
    },
  },
  {
    name: 'KV-58 a prefix is taken literally',
    run: async ({ kv }) => {
      for (const key of ['a%b', 'aXb', 'a_b', '中1', '丮', 'A%b', '\uD7FF', '\uE000']) await kv.set(key, 1)
      assert.deepEqual(await scan(kv, 'a%'), ['a%b'])
      assert.deepEqual(await scan(kv, 'a_'), ['a_b'])
      assert.deepEqual(await scan(kv, '中'), ['中1'])
      assert.deepEqual(await scan(kv, '\uD7FF'), ['\uD7FF'])
    },
  },
  {
    name: 'KV-59 dump and restore carry every type with its lifetime',
    run: async ({ kv }) => {
      await kv.set('string', NOT_UTF8, { ttlMs: 60_000 })
      await kv.hset('hash', { a: '1', b: NOT_UTF8 })
      await kv.rpush('list', 'x', NOT_UTF8, '')
      await kv.expire('list', 90_000)
      const entries: KvEntry[] = []
      for (const key of ['string', 'hash', 'list']) {
        const entry = await kv.admin.dump(key)
        assert.ok(entry)
        entries.push(entry)
        await kv.admin.restore({ ...entry, key: `copy of ${key}` })
        assert.deepEqual(await kv.admin.dump(`copy of ${key}`), { ...entry, key: `copy of ${key}` })
      }
      await assertTtl(kv, 'copy of string', 60_000)
      assert.equal(await kv.admin.ttl('copy of hash'), 'none')
      assert.equal(await kv.admin.dump('none'), null)
      const [first] = entries
      assert.ok(first)
      await assert.rejects(kv.admin.restore(first), { code: 'already_exists' })
      await kv.admin.restore({ key: 'hash', type: 'string', value: NOT_UTF8 }, { replace: true })
      assert.deepEqual(Uint8Array.from((await kv.getBuffer('hash')) ?? []), NOT_UTF8)
      await kv.admin.restore({ ...first, expiresAtMs: Date.now() - 1 }, { replace: true })
      assert.equal(await kv.exists(first.key), 0)
      await assert.rejects(kv.admin.restore({ key: 'empty', type: 'list', value: [] }), INVALID)
    },
  },
  {
    name: 'KV-60 ttl tells missing, endless and timed apart',
    run: async ({ kv }) => {
      await kv.set('endless', 1)
      await kv.set('timed', 1, { ttlMs: 60_000 })
      assert.equal(await kv.admin.ttl('missing'), null)
      assert.equal(await kv.admin.ttl('endless'), 'none')
      await assertTtl(kv, 'timed', 60_000)
    },
  },
  {
    name: 'KV-61 what was written is there after a reopen, and lifetimes run meanwhile',
    needs: 'reopen',
    run: async ({ kv, reopen }) => {
      await fill(kv)
      await kv.set('short', 1, { ttlMs: 30 })
      await kv.set('long', 1, { ttlMs: 60_000 })
      const late = kv.set('not awaited', 1)
      const again = await reopen(60)
      await late
      assert.deepEqual(await again.hgetall('hash'), { a: '1' })
      assert.equal(await again.rpush('list', 'y'), 2)
      assert.equal(await again.hset('hash 2', { b: 1 }), 1)
      assert.deepEqual(await again.hgetall('hash'), { a: '1' })
      assert.equal(await again.get('short'), null)
      assert.equal(await again.get('not awaited'), '1')
      await assertTtl(again, 'long', 60_000)
    },
  },
  {
    name: 'KV-61 after close every call is closed and health is down',
    run: async ({ kv }) => {
      assert.equal((await kv.health()).status, 'up')
      await kv.close()
      await kv.close()
      await assert.rejects(kv.get('k'), { code: 'closed' })
      await assert.rejects(kv.pipeline().set('k', 1).exec(), { code: 'closed' })
      assert.equal((await kv.health()).status, 'down')
    },
  },
]
