import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VectorArena } from './vector-arena.ts'
import { Vectors } from './vectors.ts'

function random(dims: number, seed: number): Float32Array {
  let state = seed * 7 + 1
  return Float32Array.from({ length: dims }, () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647 - 0.5
  })
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

const all = (slots: number): Uint8Array => new Uint8Array(slots).fill(1)

for (const dims of [1, 3, 16, 17, 256, 1_536, 16_384]) {
  test(`cosines of ${dims} dimensions are those worked out by hand`, () => {
    const vectors = new Vectors(dims, new VectorArena())
    const stored = Array.from({ length: 40 }, (_, i) => random(dims, i + 1))
    for (const [slot, vector] of stored.entries()) vectors.set(slot * 3, vector)
    const query = random(dims, 999)
    const found = new Map<number, number>()
    vectors.score(query, all(120), (slot, score) => found.set(slot, score))
    assert.equal(found.size, 40)
    for (const [slot, vector] of stored.entries())
      assert.ok(Math.abs((found.get(slot * 3) ?? 9) - cosine(vector, query)) < 1e-6)
  })
}

test('the mask leaves out, and so does what has no direction or no vector', () => {
  const vectors = new Vectors(2, new VectorArena())
  for (const [slot, x] of [1, 0, 3].entries()) vectors.set(slot, Float32Array.of(x, 0))
  vectors.set(100_000, Float32Array.of(1, 1))
  const mask = all(100_001)
  mask[2] = 0
  const found: number[] = []
  vectors.score(Float32Array.of(1, 0), mask, (slot) => found.push(slot))
  assert.deepEqual(found, [0, 100_000])
  vectors.score(Float32Array.of(0, 0), mask, () => assert.fail('a zero vector is near nothing'))
})

test('memory that one index gives back serves the next, without what was in it', () => {
  const arena = new VectorArena()
  const [first, other] = [new Vectors(5, arena), new Vectors(5, arena)]
  for (let slot = 0; slot < 10_000; slot++) first.set(slot, random(5, slot))
  other.set(0, Float32Array.of(1, 0, 0, 0, 0))
  first.release()
  first.release()
  first.score(random(5, 1), all(10_000), () => assert.fail('released vectors are not found'))
  const next = new Vectors(3, arena)
  for (let slot = 0; slot < 100; slot++) next.set(slot, Float32Array.of(0, 1, 0))
  next.score(Float32Array.of(0, 2, 0), all(100), (_slot, score) => assert.equal(score, 1))
  other.score(Float32Array.of(1, 0, 0, 0, 0), all(1), (_slot, score) => assert.equal(score, 1))
})
