import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSearch } from '../open.ts'
import type { Search, SearchDocument, SearchRequest } from '../search.ts'

const INDEX = 'docs'
const DIMS = 20
const HOMES = { home: '/nowhere' }

/** The same numbers on every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const words = (next: () => number, count: number): string =>
  Array.from({ length: count }, () => `w${Math.floor(200 * next() ** 3)}`).join(' ')
const vector = (next: () => number): Float32Array => Float32Array.from({ length: DIMS }, () => next() - 0.5)

function documents(next: () => number, from: number, count: number): SearchDocument[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `d${from + i}`,
    fields: {
      title: words(next, 1 + Math.floor(next() * 6)),
      body: words(next, 5 + Math.floor(next() * 60)),
      tag: `t${Math.floor(next() * 5)}`,
      count: Math.floor(next() * 20),
    },
    ...(next() < 0.9 ? { vector: vector(next) } : {}),
  }))
}

/** Writes, replaces, deletes and updates, the same way for every provider. */
async function play(search: Search): Promise<void> {
  const next = numbers(7)
  await search.ensureIndex(INDEX, {
    fields: { title: { type: 'text' }, body: { type: 'text' }, tag: { type: 'keyword' }, count: { type: 'long' } },
    vector: { dims: DIMS },
  })
  await search.put(INDEX, documents(next, 0, 600))
  await search.put(INDEX, documents(next, 100, 150))
  await search.delete(
    INDEX,
    Array.from({ length: 80 }, (_, i) => `d${i * 5}`),
  )
  await search.deleteWhere(INDEX, {
    op: 'and',
    args: [
      { op: 'eq', field: 'tag', value: 't3' },
      { op: 'range', field: 'count', lt: 5 },
    ],
  })
  for (let i = 1; i < 40; i++)
    await search.update(INDEX, `d${i * 5 + 1}`, { fields: { title: words(next, 4) } }, { upsert: true })
}

function requests(): SearchRequest[] {
  const next = numbers(11)
  return Array.from({ length: 40 }, (_, i): SearchRequest => {
    const text = { query: words(next, 1 + (i % 6)), operator: i % 7 === 6 ? ('and' as const) : ('or' as const) }
    const tagged = { filter: { op: 'in' as const, field: 'tag', values: ['t1', 't2'] } }
    const shapes: SearchRequest[] = [
      { text },
      { vector: vector(next) },
      { text, vector: vector(next) },
      { text, ...tagged, minScore: 0.3 },
      { text, vector: vector(next), ...tagged },
      { sort: [{ field: 'count', order: 'desc' }], ...tagged, offset: 3 },
    ]
    return { limit: 25, ...shapes[i % shapes.length] }
  })
}

test('DuckDB and SQLite give the same hits in the same order with the same scores', async () => {
  const providers = await Promise.all([openSearch('duckdb://:memory:', HOMES), openSearch('sqlite://:memory:', HOMES)])
  try {
    for (const search of providers) await play(search)
    for (const request of requests()) {
      const [duckdb, sqlite] = await Promise.all(providers.map((search) => search.search(INDEX, request)))
      assert.deepEqual(duckdb, sqlite)
      assert.ok((duckdb?.hits.length ?? 0) > 0 || request.text?.operator === 'and')
    }
  } finally {
    for (const search of providers) await search.close()
  }
})

test('an index that was written piece by piece ranks like one that holds the result only', async () => {
  const search = await openSearch('duckdb://:memory:', HOMES)
  try {
    await play(search)
    const result: SearchDocument[] = []
    for await (const found of search.scan(INDEX)) result.push(found)
    await search.ensureIndex('fresh', {
      ...(await search.indexes())[0]?.spec,
      fields: (await search.indexes())[0]?.spec.fields ?? {},
    })
    await search.put('fresh', result.reverse())
    for (const request of requests()) {
      const plain = async (index: string) => {
        const { hits, total } = await search.search(index, request)
        return { hits: hits.map(({ id, score, fields }) => ({ id, score: score?.toFixed(9), fields })), total }
      }
      assert.deepEqual(await plain('fresh'), await plain(INDEX))
    }
  } finally {
    await search.close()
  }
})
