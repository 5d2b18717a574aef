import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { searchHarness } from '../../../../test-kit/search-harness.ts'
import { milvusPlace } from '../../../../test-kit/search-servers.ts'
import { service } from '../../../../test-kit/services.ts'
import { startTcpProxy } from '../../../../test-kit/tcp-proxy.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { refusesUris, testUnreachableUris } from '../../../../test-kit/uris.ts'
import { codeOf } from '../../../base/errors.ts'
import { retry } from '../../../base/retry.ts'
import { searchCases } from '../conformance.ts'
import { openSearch, openVectors } from '../open.ts'
import type { Filter, IndexSpec, Search } from '../search.ts'

const milvus = service('milvus')

if (milvus.skip !== false) test('search duckdb and milvus', { skip: milvus.skip }, () => undefined)
else
  runConformance('search duckdb and milvus', searchCases, {
    features: new Set(['text', 'vector']),
    open: async () => {
      const folder = await temporaryFolder()
      const vectors = milvusPlace()
      const open = async () => {
        const search = await openSearch('duckdb://search.db', { home: folder.path, vector: vectors.uri })
        assert.equal((await search.vectorHealth())?.provider, 'milvus')
        return search
      }
      const remove = async () => {
        await folder.remove()
        await vectors.remove()
      }
      return searchHarness(open, remove)
    },
  })

const HOME = { home: '/nowhere' }
const joined = (vector: string, home: string) => openSearch('sqlite://search.db', { home, vector })
const SPEC: IndexSpec = {
  fields: {
    title: { type: 'text' },
    tag: { type: 'keyword' },
    count: { type: 'long' },
    price: { type: 'double' },
    open: { type: 'boolean' },
  },
  vector: { dims: 2 },
}

describe('milvus', { skip: milvus.skip }, () => {
  test('filters let through what the embedded provider lets through, and no value leaves its place', async () => {
    await using folder = await temporaryFolder()
    const place = milvusPlace()
    const apart = await joined(place.uri, folder.path)
    const plain = await openSearch('sqlite://:memory:', HOME)
    const tags = [
      'a',
      'b',
      '" or pk != "',
      "' or 1 == 1",
      '\\',
      '\\"',
      'a\nb',
      '%',
      '_',
      'x\u0001y',
      '字',
      ']',
      '😀',
      'z'.repeat(3_000),
    ]
    const docs = tags.map((tag, i) => ({
      id: `d${i}`,
      fields: {
        ...(i === 1 ? {} : { tag: i === 2 ? [tag, 'a'] : tag }),
        ...(i % 3 === 0 ? {} : { count: i % 4 === 0 ? [i, 100 + i] : i - 5, price: i / 3, open: i % 2 === 0 }),
        title: `word${i % 2}`,
      },
      vector: Float32Array.of(1, i + 1),
    }))
    const filters: Filter[] = [
      ...tags.map((tag): Filter => ({ op: 'eq', field: 'tag', value: tag })),
      ...tags.map((tag): Filter => ({ op: 'ne', field: 'tag', value: tag })),
      { op: 'in', field: 'count', values: [-4, 8, 104, 3] },
      { op: 'in', field: 'count', values: [] },
      { op: 'in', field: 'price', values: [1 / 3, 1, 4 / 3] },
      { op: 'eq', field: 'open', value: true },
      { op: 'range', field: 'count', gte: 3, lt: 101 },
      { op: 'range', field: 'price', gt: 1, lte: 3 },
      { op: 'range', field: 'tag', gte: 'a', lt: 'c' },
      { op: 'exists', field: 'count' },
      { op: 'missing', field: 'count' },
      { op: 'missing', field: 'tag' },
      { op: 'exists', field: 'title' },
      { op: 'contains', field: 'title', text: 'word1' },
      { op: 'contains', field: 'tag', text: 'OR' },
      { op: 'not', arg: { op: 'range', field: 'count', gt: 0 } },
      {
        op: 'or',
        args: [
          { op: 'eq', field: 'tag', value: 'a' },
          { op: 'contains', field: 'title', text: 'word0' },
        ],
      },
      { op: 'and', args: [] },
      { op: 'or', args: [] },
      { op: 'not', arg: { op: 'and', args: [] } },
    ]
    try {
      for (const search of [apart, plain]) {
        await search.ensureIndex('a', SPEC)
        await search.put('a', docs)
      }
      for (const filter of filters) {
        const ask = async (search: Search) => {
          const { hits, total } = await search.search('a', { vector: Float32Array.of(1, 3), filter, limit: 50 })
          return { ids: hits.map(({ id }) => id), total }
        }
        assert.deepEqual(await ask(apart), await ask(plain), JSON.stringify(filter))
      }
      assert.equal(await apart.deleteWhere('a', { op: 'contains', field: 'title', text: 'word1' }), 7)
      assert.equal((await apart.search('a', { vector: Float32Array.of(1, 3), limit: 0 })).total, 7)
    } finally {
      await apart.close()
      await plain.close()
      await place.remove()
    }
  })

  test('while it cannot be reached, writes and questions of vectors fail, text is found, and all heals when it is back', async () => {
    await using folder = await temporaryFolder()
    const place = milvusPlace()
    await using proxy = await startTcpProxy(place.port)
    const search = await joined(place.uri.replace(/:\d+/, `:${proxy.port}`), folder.path)
    const doc = (id: string) => ({ id, fields: { title: 'word' }, vector: Float32Array.of(1, 2) })
    const vector = Float32Array.of(1, 2)
    try {
      await search.ensureIndex('a', SPEC)
      await search.put('a', [doc('1')])
      await proxy.cut()
      const startedAtMs = performance.now()
      await assert.rejects(search.put('a', [doc('2')]), { code: 'unavailable' })
      await assert.rejects(search.search('a', { vector }), { code: 'unavailable' })
      await assert.rejects(search.search('a', { vector, text: { query: 'word' } }), { code: 'unavailable' })
      await assert.rejects(search.dropIndex('b'), { code: 'unavailable' })
      assert.ok(performance.now() - startedAtMs < 20_000)
      assert.ok((await search.search('a', { text: { query: 'word' } })).total >= 1)
      assert.deepEqual([(await search.health()).status, (await search.vectorHealth())?.status], ['up', 'down'])
      await proxy.mend()
      await retry(() => search.put('a', [doc('2')]), {
        retries: 20,
        isRetryable: (err) => codeOf(err) === 'unavailable',
      })
      assert.equal((await search.search('a', { vector })).total, 2)
      assert.equal((await search.vectorHealth())?.status, 'up')
    } finally {
      await search.close()
      await place.remove()
    }
  })

  test('a server that hangs ends every call at its time limit', async () => {
    await using folder = await temporaryFolder()
    const place = milvusPlace()
    await using proxy = await startTcpProxy(place.port)
    const search = await joined(`${place.uri.replace(/:\d+/, `:${proxy.port}`)}&timeout=1500ms`, folder.path)
    try {
      await search.ensureIndex('a', SPEC)
      proxy.freeze()
      const startedAtMs = performance.now()
      const code = await search.search('a', { vector: Float32Array.of(1, 2) }).then(() => 'ok', codeOf)
      assert.match(code, /^(deadline_exceeded|unavailable)$/)
      assert.ok(performance.now() - startedAtMs < 10_000)
      assert.equal((await search.vectorHealth())?.status, 'down')
      proxy.resume()
      await retry(() => search.put('a', [{ id: '1', fields: {}, vector: Float32Array.of(1, 2) }]), {
        retries: 20,
        isRetryable: (err) => /^(deadline_exceeded|unavailable)$/.test(codeOf(err)),
      })
      assert.equal((await search.search('a', { vector: Float32Array.of(1, 2) })).total, 1)
    } finally {
      await search.close()
      await place.remove()
    }
  })

  test('processes that make the same collections at once all get them', async () => {
    const place = milvusPlace()
    const opened = await Promise.all(Array.from({ length: 4 }, () => openVectors(place.uri, HOME)))
    try {
      for (let dims = 2; dims < 8; dims++)
        await Promise.all(opened.map(({ driver }) => driver.ensureIndex({ name: 'a', dims })))
    } finally {
      for (const { driver } of opened) await driver.close()
      await place.remove()
    }
  })

  test('two processes share it', async () => {
    await using folder = await temporaryFolder()
    const place = milvusPlace()
    const search = await joined(place.uri, folder.path)
    const vector = Float32Array.of(1, 2)
    const document = { id: '1', fields: {}, values: {}, words: {}, vector }
    const [one, other] = await Promise.all([openVectors(place.uri, HOME), openVectors(place.uri, HOME)])
    try {
      const index = { name: 'a', dims: 2 }
      await Promise.all([one, other].map(({ driver }) => driver.ensureIndex(index)))
      await one.driver.put(index, [document])
      assert.deepEqual(await other.driver.get(index, ['1', '2']), [vector, undefined])
      await other.driver.dropIndex('a')
      assert.deepEqual(await one.driver.search(index, { vector, limit: 5 }), { hits: [], total: 0 })
      await place.remove()
      await one.driver.put(index, [document])
      assert.equal((await one.driver.search(index, { vector, limit: 5 })).total, 1)
    } finally {
      await search.close()
      await one.driver.close()
      await other.driver.close()
      await place.remove()
    }
  })
})

test('URIs that are wrong are refused by what is wrong, without their secrets', async () => {
  await refusesUris(
    (uri) => openVectors(uri, HOME),
    [
      ['milvus://u:hunter2@', /^VECTOR_URI: milvus: .*names no host/],
      ['milvus://u:hunter2@a,b', /one host/],
      ['milvus://u:hunter2@h/a/b', /name of a database/],
      ['milvus://u:hunter2@h?token=hunter2', /not both/],
      ['milvus://:hunter2@h', /no user/],
      ['milvus://u:hunter2@h?prefix=1', /"prefix"/],
      ['milvus://u:hunter2@h?timeout=soon', /"timeout"/],
      ['milvus://u:hunter2@h?tls=yes', /"tls"/],
      ['milvus://u:hunter2@h?ca=x.crt', /tls=1/],
      ['milvus://u:hunter2@h?tls=1&ca=x.crt', /"ca" cannot be read/],
      ['milvus://u:hunter2@h?password=hunter2', /no parameter "password"; known: ca, prefix/],
      ['qdrant://u:hunter2@h', /^VECTOR_URI: the scheme "qdrant:" is not available/],
    ],
  )
})

testUnreachableUris(
  'openVectors',
  (uri) => openVectors(uri, HOME),
  [
    'milvus://127.0.0.1:1',
    'milvus://u:hunter2@127.0.0.1:1/db?prefix=a-b&timeout=2s',
    'milvus://127.0.0.1:1?token=hunter2&tls=1&server_name=x',
  ],
  { says: /^VECTOR_URI: Milvus cannot be used \(/ },
)
