import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInt64, parseInt64 } from './int64.ts'

test('canonical decimals within 64 bits are integers', () => {
  assert.equal(parseInt64('0'), 0n)
  assert.equal(parseInt64('-5'), -5n)
  assert.equal(parseInt64('9223372036854775807'), 2n ** 63n - 1n)
  assert.equal(parseInt64('-9223372036854775808'), -(2n ** 63n))
})

test('everything else is none', () => {
  for (const text of ['', ' 1', '1 ', '+1', '01', '-0', '1.0', '1e3', 'abc', '0x1', '9223372036854775808', '١'])
    assert.equal(parseInt64(text), undefined, text)
  assert.equal(isInt64(2n ** 63n), false)
  assert.equal(isInt64(-(2n ** 63n)), true)
})
