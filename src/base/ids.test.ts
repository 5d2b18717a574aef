import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeId, idGenerator, isId } from './ids.ts'

const NOON = Date.UTC(2026, 10, 21, 12, 0, 0, 7)

test('IDGEN-02 the bits are seconds, milliseconds, counter and server number', () => {
  const id = idGenerator(() => NOON, 5)()
  assert.equal(BigInt(id), (BigInt(Math.floor(NOON / 1000)) << 32n) | (7n << 22n) | 5n)
  assert.deepEqual(decodeId(id), { atMs: NOON, counter: 0, server: 5 })
})

test('100,000 ids of one instant are unique and ascending', () => {
  const next = idGenerator(() => NOON, 1)
  let last = 0n
  for (let i = 0; i < 100_000; i++) {
    const id = BigInt(next())
    assert.ok(id > last)
    last = id
  }
  assert.ok(isId(String(last)))
})

test('a clock that steps back a little goes on ascending, a lot is refused', () => {
  let now = NOON
  const next = idGenerator(() => now, 1)
  const first = BigInt(next())
  now -= 3_000
  assert.ok(BigInt(next()) > first)
  now -= 10_000
  assert.throws(next, /clock/)
})

test('only positive 63-bit decimals are ids', () => {
  for (const good of ['1', '999', '7563957783431741441', '9223372036854775807']) assert.ok(isId(good), good)
  for (const wrong of ['', '0', '-1', '01', '1.5', 'abc', '9223372036854775808', '1 ', '１'])
    assert.ok(!isId(wrong), wrong)
})
