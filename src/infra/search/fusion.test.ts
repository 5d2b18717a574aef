import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuse } from './fusion.ts'

test('RR-03 RR-13 ranks count from 1 with k = 60, and first everywhere is 1', () => {
  const [a, b, c] = fuse([
    ['a', 'b'],
    ['a', 'c', 'b'],
  ])
  assert.deepEqual([a?.key, b?.key, c?.key], ['a', 'b', 'c'])
  assert.equal(a?.score, 1)
  assert.ok(Math.abs((b?.score ?? 0) - ((1 / 62 + 1 / 63) * 61) / 2) < 1e-12)
  assert.ok(Math.abs((c?.score ?? 0) - 61 / 62 / 2) < 1e-12)
})

test('RR-01 RR-09 one ranking keeps its order, an empty one still counts as one', () => {
  assert.deepEqual(
    fuse([['c', 'a', 'b']]).map(({ key }) => key),
    ['c', 'a', 'b'],
  )
  assert.deepEqual(fuse([[], ['x']]), [{ key: 'x', score: 0.5 }])
  assert.deepEqual(fuse([]), [])
})

test('RR-10 ties are ordered by key', () => {
  assert.deepEqual(
    fuse([['b'], ['a']]).map(({ key }) => key),
    ['a', 'b'],
  )
})
