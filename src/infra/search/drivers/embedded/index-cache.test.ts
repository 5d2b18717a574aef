import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IndexCache } from './index-cache.ts'
import type { LoadedRow, Store, StoredIndex, Term } from './store.ts'
import { bytesOf } from './vector-bytes.ts'

const DIMS = 256
const index = (num: number): StoredIndex => ({
  num,
  name: `i${num}`,
  spec: { fields: { tag: { type: 'keyword' } }, vector: { dims: DIMS } },
  textFields: [],
})

/** Every index holds one block of vectors, so some 256 KiB. */
function setUp(maxBytes: number) {
  const loads: number[] = []
  const load = async (
    { num }: StoredIndex,
    visit: { terms(t: readonly Term[]): void; rows(r: readonly LoadedRow[]): void },
  ): Promise<void> => {
    loads.push(num)
    if (num === 13) throw new Error('unreadable')
    await Promise.resolve()
    const vector = bytesOf(new Float32Array(DIMS).fill(num))
    visit.rows([{ seq: 1, id: 'd', values: '{"tag":["x"]}', words: new Uint8Array(), vector }])
  }
  return { loads, cache: new IndexCache({ load } as unknown as Store, maxBytes) }
}

test('an index is loaded once, also for many callers at the same time', async () => {
  const { loads, cache } = setUp(1e9)
  await Promise.all(
    Array.from({ length: 20 }, () => cache.use(index(1), (memory) => assert.equal(memory.liveCount, 1))),
  )
  await cache.use(index(1), () => {})
  assert.deepEqual(loads, [1])
})

test('over the limit the one used longest ago goes, and what is leased stays', async () => {
  const { loads, cache } = setUp(700_000)
  const lease = await cache.lease(index(1))
  for (const num of [2, 3, 4, 2, 3, 4]) await cache.use(index(num), () => {})
  assert.ok(cache.sizeBytes <= 700_000, String(cache.sizeBytes))
  const found: number[] = []
  lease.memory.vectors?.score(new Float32Array(DIMS).fill(1), Uint8Array.of(1), (slot) => found.push(slot))
  assert.deepEqual(found, [0], 'the leased index still has its vectors')
  loads.length = 0
  await cache.use(index(1), () => {})
  assert.deepEqual(loads, [])
  lease.end()
})

test('one index over the limit alone can still be used', async () => {
  const { cache } = setUp(1)
  for (const num of [1, 2, 1, 2]) {
    const ids = await cache.use(index(num), (memory) => memory.liveIds())
    assert.deepEqual(ids, ['d'])
  }
  assert.equal(cache.count, 1)
})

test('many at once under a small limit all get a whole index', async () => {
  const { cache } = setUp(300_000)
  const uses = Array.from({ length: 60 }, async (_, i) => {
    const found: number[] = []
    await cache.use(index(1 + (i % 6)), ({ vectors }) =>
      vectors?.score(new Float32Array(DIMS).fill(1), Uint8Array.of(1), (slot) => found.push(slot)),
    )
    assert.deepEqual(found, [0])
  })
  await Promise.all(uses)
})

test('an index that is forgotten keeps its vectors until the last lease has ended', async () => {
  const { cache } = setUp(1e9)
  const lease = await cache.lease(index(1))
  const found = () => {
    let count = 0
    lease.memory.vectors?.score(new Float32Array(DIMS).fill(1), Uint8Array.of(1), () => count++)
    return count
  }
  cache.forget(index(1))
  assert.equal(found(), 1)
  lease.end()
  assert.equal(found(), 0)
  assert.equal(cache.sizeBytes, 0)
})

test('a load that fails is tried again', async () => {
  const { loads, cache } = setUp(1e9)
  for (let tries = 0; tries < 2; tries++)
    await assert.rejects(
      cache.use(index(13), () => {}),
      /unreadable/,
    )
  assert.deepEqual(loads, [13, 13])
  assert.equal(cache.count, 0)
})

test('new fields reach an index that is being loaded', async () => {
  const { cache } = setUp(1e9)
  const loading = cache.lease(index(1))
  const wider = {
    ...index(1),
    spec: { fields: { tag: { type: 'keyword' as const }, count: { type: 'long' as const } } },
  }
  await cache.extend(wider)
  const { memory, end } = await loading
  assert.ok(memory.columns.has('count'))
  end()
})
