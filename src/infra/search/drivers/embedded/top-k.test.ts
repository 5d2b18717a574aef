import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopK } from './top-k.ts'

test('the first k of a total order are kept, whatever the order of arrival', () => {
  for (const count of [0, 1, 5, 100, 1_000]) {
    for (const k of [0, 1, 3, 100, 2_000]) {
      const values = Array.from({ length: count }, (_, i) => (i * 7_919) % 1_009)
      const top = new TopK(k, (a, b) => (values[a] ?? 0) > (values[b] ?? 0))
      for (const i of values.keys()) top.add(i)
      const expected = [...values].sort((a, b) => b - a).slice(0, k)
      assert.deepEqual(
        top.take().map((i) => values[i]),
        expected,
      )
    }
  }
})
