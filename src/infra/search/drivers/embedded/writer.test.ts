import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IndexedDocument } from '../../driver.ts'
import { IndexCache } from './index-cache.ts'
import type { IndexWrite, LoadedRow, Store, StoredIndex, StoredRow, Term } from './store.ts'
import { Writer } from './writer.ts'

const INDEX: StoredIndex = { num: 1, name: 'a', spec: { fields: { title: { type: 'text' } } }, textFields: ['title'] }
const OTHER: StoredIndex = { ...INDEX, num: 2, name: 'b' }

const doc = (id: string): IndexedDocument => ({ id, fields: {}, values: {}, words: { title: ['word', id] } })

/** A store in memory whose commits can be made to wait or fail. */
class TestStore implements Pick<Store, 'load' | 'commit' | 'tidy'> {
  readonly rows = new Map<string, StoredRow>()
  readonly terms: Term[] = []
  readonly commits: (readonly IndexWrite[])[] = []
  gate: Promise<unknown> = Promise.resolve()
  loads = 0
  failures = 0

  async load({ num }: StoredIndex, visit: { terms(t: readonly Term[]): void; rows(r: readonly LoadedRow[]): void }) {
    this.loads++
    await sleep(1)
    visit.terms(this.terms)
    visit.rows([...this.rows].filter(([key]) => key.startsWith(`${num}:`)).map(([, row]) => row))
  }

  async commit(writes: readonly IndexWrite[]) {
    await this.gate
    if (this.failures > 0) {
      this.failures--
      throw new Error('the disk is full')
    }
    this.commits.push(writes)
    for (const { index, rows, dead, terms } of writes) {
      for (const seq of dead) this.rows.delete(`${index.num}:${seq}`)
      for (const row of rows) this.rows.set(`${index.num}:${row.seq}`, row)
      this.terms.push(...terms)
    }
  }

  async tidy() {}
}

function setUp() {
  const store = new TestStore()
  const cache = new IndexCache(store as unknown as Store, 1e9)
  const writer = new Writer(store as unknown as Store, cache)
  const put = (id: string, index = INDEX) =>
    writer.change(
      () => index,
      1,
      (plan) => plan.put(doc(id)),
    )
  return { store, cache, writer, put }
}

test('calls that wait for a commit share the next one', async () => {
  const { store, put } = setUp()
  const { promise, resolve } = Promise.withResolvers<void>()
  store.gate = promise
  const first = put('0')
  await sleep(5)
  const others = Array.from({ length: 50 }, (_, i) => put(String(i + 1), i % 2 === 0 ? INDEX : OTHER))
  resolve()
  await Promise.all([first, ...others])
  assert.equal(store.commits.length, 2)
  assert.equal(store.rows.size, 51)
})

test('a call that throws while it is planned fails alone', async () => {
  const { store, writer, put } = setUp()
  const bad = writer.change(
    () => INDEX,
    1,
    () => {
      throw new Error('bad document')
    },
  )
  const results = await Promise.allSettled([put('1'), bad, put('2')])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(store.rows.size, 2)
})

test('when a commit fails its calls fail, memory follows the store, and the next call goes through', async () => {
  const { store, cache, put } = setUp()
  await put('1')
  store.failures = 1
  await assert.rejects(put('2'), /disk is full/)
  assert.equal(await cache.use(INDEX, (memory) => memory.liveCount), 1)
  assert.equal(store.loads, 2)
  await put('3')
  assert.deepEqual(await cache.use(INDEX, (memory) => memory.liveIds()), ['1', '3'])
  const nums = store.terms.map(({ num }) => num)
  assert.equal(new Set(nums).size, nums.length)
})

test('no call is left waiting, in whichever turn it comes after the last one', async () => {
  const { store, put } = setUp()
  for (let i = 0; i < 60; i++) {
    await put(String(i))
    for (let turns = 0; turns < i; turns++) await Promise.resolve()
  }
  assert.equal(store.rows.size, 60)
})

test('what runs alone has no transaction round it, and order is kept', async () => {
  const { store, writer, put } = setUp()
  const seen: string[] = []
  await Promise.all([
    put('1').then(() => seen.push('1')),
    writer.alone(async () => void seen.push(`alone after ${store.commits.length}`)),
    put('2').then(() => seen.push('2')),
  ])
  assert.deepEqual(seen, ['1', 'alone after 1', '2'])
})

test('closing finishes what was accepted and refuses what comes later', async () => {
  const { store, writer, put } = setUp()
  const calls = Array.from({ length: 10 }, (_, i) => put(String(i)))
  await writer.close()
  assert.equal(store.rows.size, 10)
  await Promise.all(calls)
  await assert.rejects(async () => put('late'), { code: 'closed' })
})
