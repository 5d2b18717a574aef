import assert from 'node:assert/strict'
import type { Kv } from '../kv.ts'

/** One case gets an empty store. */
export type KvHarness = {
  kv: Kv
  /** Closes the store, waits and opens it again; for the feature `reopen`. */
  reopen(afterMs: number): Promise<Kv>
}

export const WRONG_TYPE = { code: 'wrong_type' }
export const INVALID = { code: 'invalid_argument' }
export const NOT_UTF8 = Uint8Array.of(0, 255, 128, 10)

/** Fails unless the lifetime of the key is within what `ttlMs` allows a moment after it was set. */
export async function assertTtl(kv: Kv, key: string, ttlMs: number): Promise<void> {
  const left = await kv.admin.ttl(key)
  assert.ok(typeof left === 'number' && left <= ttlMs && left > ttlMs - 5_000, `${left} ms left of ${ttlMs}`)
}

/** One key of each type. */
export async function fill(kv: Kv): Promise<void> {
  await kv.set('string', 'text')
  await kv.hset('hash', { a: '1' })
  await kv.rpush('list', 'x')
}
