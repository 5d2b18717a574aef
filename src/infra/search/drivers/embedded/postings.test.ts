import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Postings } from './postings.ts'

test('postings come back in order, whatever their number and however they are mixed', () => {
  const postings = new Postings()
  const counts = new Map([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 1_000],
    [4, 5_000],
    [900, 70_000],
  ])
  for (let slot = 0; slot < 70_000; slot++)
    for (const [term, count] of counts) if (slot < count) postings.add(term, slot * 3, (slot % 7) + 1)
  for (const [term, count] of counts) {
    const read = postings.read(term)
    assert.equal(read.length, count)
    for (let i = 0; i < count; i++) {
      const posting = read[i] ?? 0
      if (posting >>> 8 !== i * 3 || postings.frequencyOf(term, posting) !== (i % 7) + 1) assert.fail(`${term}: ${i}`)
    }
  }
  assert.deepEqual([...postings.read(5)], [])
  assert.deepEqual([...postings.read(1_000_000)], [])
})

test('frequencies above 8 bits are exact', () => {
  const postings = new Postings()
  for (const [slot, frequency] of [254, 255, 256, 70_000].entries()) postings.add(3, slot, frequency)
  const read = [...postings.read(3)].map((posting) => postings.frequencyOf(3, posting))
  assert.deepEqual(read, [254, 255, 256, 70_000])
})

test('the largest document number fits, the next is refused', () => {
  const postings = new Postings()
  postings.add(0, 2 ** 24 - 1, 1)
  assert.equal((postings.read(0)[0] ?? 0) >>> 8, 2 ** 24 - 1)
  assert.throws(() => postings.add(0, 2 ** 24, 1), { code: 'resource_exhausted' })
})
