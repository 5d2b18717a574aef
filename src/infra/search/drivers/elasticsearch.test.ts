import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { searchHarness } from '../../../../test-kit/search-harness.ts'
import { searchPlace, TEXT_SERVERS } from '../../../../test-kit/search-servers.ts'
import { service } from '../../../../test-kit/services.ts'
import { startTcpProxy } from '../../../../test-kit/tcp-proxy.ts'
import { refusesUris, testUnreachableUris } from '../../../../test-kit/uris.ts'
import { codeOf } from '../../../base/errors.ts'
import { searchCases } from '../conformance.ts'
import { openSearch } from '../open.ts'

const HOME = { home: '/nowhere' }
const SPEC = { fields: { title: { type: 'text' as const }, tag: { type: 'keyword' as const } }, vector: { dims: 2 } }
const doc = (id: string, title: string) => ({ id, fields: { title }, vector: Float32Array.of(1, 2) })

/** What each server says it is, and the `version` by which it is refused; only Elasticsearch's is looked at. */
const ENGINES: Readonly<Record<(typeof TEXT_SERVERS)[number], { engine: RegExp; refused?: string }>> = {
  elasticsearch: { engine: /^Elasticsearch 9\./, refused: 'v8' },
  elasticsearch8: { engine: /^Elasticsearch 8\./, refused: 'v9' },
  opensearch: { engine: /^OpenSearch 2\./ },
}

for (const name of TEXT_SERVERS) {
  const { skip } = service(name)
  if (skip !== false) {
    test(`search es on ${name}`, { skip }, () => undefined)
    continue
  }

  runConformance(`search es on ${name}`, searchCases, {
    features: new Set(['text', 'vector']),
    open: async () => {
      const { uri, remove } = searchPlace(name)
      const open = async () => {
        const search = await openSearch(uri, HOME)
        assert.equal(search.provider, 'es')
        return search
      }
      return searchHarness(open, remove)
    },
  })

  describe(`es on ${name}`, () => {
    test('health tells the engine, and "version" refuses one of another version', async () => {
      const { engine, refused } = ENGINES[name]
      const place = searchPlace(name)
      const search = await openSearch(place.uri, HOME)
      try {
        assert.match((await search.health()).engine ?? '', engine)
        if (refused !== undefined)
          await assert.rejects(openSearch(`${place.uri}&version=${refused}`, HOME), { code: 'failed_precondition' })
      } finally {
        await search.close()
        await place.remove()
      }
    })

    test('an index that is closed for writing gives resource_exhausted and shows in health', async () => {
      const place = searchPlace(name)
      const search = await openSearch(place.uri, HOME)
      const block = async (on: boolean | null) => {
        const body = JSON.stringify({ 'index.blocks.read_only_allow_delete': on })
        const headers = { 'content-type': 'application/json' }
        const url = `http://127.0.0.1:${place.port}/${place.prefix}docs-1/_settings`
        assert.equal((await fetch(url, { method: 'PUT', headers, body })).status, 200)
      }
      try {
        await search.ensureIndex('a', SPEC)
        await search.put('a', [doc('1', 'kept')])
        await block(true)
        await assert.rejects(search.put('a', [doc('2', 'x')]), { code: 'resource_exhausted' })
        const { status, error } = await search.health()
        assert.equal(status, 'degraded')
        assert.match(error ?? '', /blocked \(read_only_allow_delete\)/)
        assert.equal(await search.count('a'), 1)
        await block(null)
        await search.put('a', [doc('2', 'x')])
        assert.equal(await search.count('a'), 2)
      } finally {
        await search.close()
        await place.remove()
      }
    })

    test('indexes that someone has removed from the server are missed, not answered as empty, and can be made again', async () => {
      const place = searchPlace(name)
      const search = await openSearch(place.uri, HOME)
      try {
        await search.ensureIndex('a', SPEC)
        await search.put('a', [doc('1', 'gone')])
        await place.remove()
        await assert.rejects(search.put('a', [doc('1', 'x')]), { code: 'not_found' })
        await assert.rejects(search.search('a', { text: { query: 'gone' } }), { code: 'not_found' })
        assert.equal((await search.health()).status, 'degraded')
        const made = await fetch(`http://127.0.0.1:${place.port}/_cat/indices/${place.prefix}*?h=index`)
        assert.equal((await made.text()).trim(), '', 'a write has made an index of its own')
        await search.ensureIndex('a', SPEC)
        await search.put('a', [doc('1', 'back')])
        assert.equal((await search.search('a', { text: { query: 'back' } })).total, 1)
      } finally {
        await search.close()
        await place.remove()
      }
    })

    test('two processes make, change and drop the same indexes at once', async () => {
      const place = searchPlace(name)
      const [one, other] = await Promise.all([openSearch(place.uri, HOME), openSearch(place.uri, HOME)])
      try {
        const both = [one, other]
        await Promise.all(both.map((search) => search.ensureIndex('a', SPEC)))
        assert.equal((await one.indexes()).length, 1)
        await Promise.all(both.map((search, i) => search.put('a', [doc(`d${i}`, 'word')])))
        for (const search of both) assert.equal((await search.search('a', { text: { query: 'word' } })).total, 2)

        const changes = Array.from({ length: 40 }, (_, i) =>
          both[i % 2]?.update('a', 'd0', { fields: { [`f${i}`]: i } }),
        )
        await Promise.all(changes)
        assert.equal(Object.keys((await one.get('a', 'd0'))?.fields ?? {}).length, 41)

        await other.dropIndex('a')
        await assert.rejects(one.put('a', [doc('1', 'x')]), { code: 'not_found' })
        await assert.rejects(one.count('a'), { code: 'not_found' })
        await other.ensureIndex('a', SPEC)
        assert.equal(await one.count('a'), 0)
        await one.put('a', [doc('1', 'anew')])
        assert.equal((await other.search('a', { text: { query: 'anew' } })).total, 1)
      } finally {
        await one.close()
        await other.close()
        await place.remove()
      }
    })

    test('strange ids, fields and values come back as they were and are found by what they are', async () => {
      const place = searchPlace(name)
      const search = await openSearch(place.uri, HOME)
      try {
        await search.ensureIndex('a', SPEC)
        const ids = [
          '"',
          '\\',
          '/',
          '../x',
          '_id',
          ' ',
          'ä€😀',
          '*',
          '#',
          '%2F',
          '{"a":1}',
          'x'.repeat(512),
          '字'.repeat(512),
        ]
        const docs = ids.map((id) => ({
          id,
          fields: { title: id, tag: `${id}${'y'.repeat(20_000)}字`.repeat(3), 'a.b': id },
        }))
        await search.put('a', docs)
        for (const one of docs) {
          assert.deepEqual(await search.get('a', one.id), one)
          const { hits } = await search.search('a', { filter: { op: 'eq', field: 'tag', value: one.fields.tag } })
          assert.deepEqual(
            hits.map(({ id }) => id),
            [one.id],
          )
        }
        assert.equal(await search.delete('a', ids), ids.length)
      } finally {
        await search.close()
        await place.remove()
      }
    })
  })
}

// What the client makes of a network that fails does not depend on the engine behind it: one is enough.
const anyServer = TEXT_SERVERS.find((name) => service(name).skip === false) ?? TEXT_SERVERS[0]
describe('es on a network that fails', { skip: service(anyServer).skip }, () => {
  test('a server that cannot be reached gives unavailable soon, loses nothing, and is used again when it is back', async () => {
    const place = searchPlace(anyServer)
    await using proxy = await startTcpProxy(place.port)
    const search = await openSearch(place.uri.replace(/:\d+/, `:${proxy.port}`), HOME)
    try {
      await search.ensureIndex('a', SPEC)
      await search.put('a', [doc('1', 'kept')])
      await proxy.cut()
      const startedAtMs = performance.now()
      for (const call of [
        () => search.search('a', { text: { query: 'kept' } }),
        () => search.put('a', [doc('2', 'lost')]),
        () => search.count('a'),
        () => search.get('a', '1'),
        () => search.delete('a', ['1']),
        () => search.indexes(),
      ])
        await assert.rejects(call(), { code: 'unavailable' })
      assert.ok(performance.now() - startedAtMs < 10_000)
      const health = await search.health()
      assert.deepEqual([health.status, health.provider], ['down', 'es'])
      await proxy.mend()
      assert.equal((await search.search('a', { text: { query: 'kept' } })).total, 1)
      await search.put('a', [doc('2', 'kept')])
      assert.equal((await search.search('a', { text: { query: 'kept' } })).total, 2)
      assert.notEqual((await search.health()).status, 'down')
    } finally {
      await search.close()
      await place.remove()
    }
  })

  test('a server that hangs ends every call at its time limit', async () => {
    const place = searchPlace(anyServer)
    await using proxy = await startTcpProxy(place.port)
    const search = await openSearch(`${place.uri.replace(/:\d+/, `:${proxy.port}`)}&timeout=1500ms`, HOME)
    try {
      await search.ensureIndex('a', SPEC)
      proxy.freeze()
      const startedAtMs = performance.now()
      const codes = await Promise.all(
        [search.count('a'), search.put('a', [doc('1', 'x')])].map((call) => call.then(() => 'ok', codeOf)),
      )
      assert.deepEqual(codes, ['deadline_exceeded', 'deadline_exceeded'])
      assert.ok(performance.now() - startedAtMs < 8_000)
      assert.equal((await search.health()).status, 'down')
      proxy.resume()
      await search.put('a', [doc('1', 'x')])
      assert.equal(await search.count('a'), 1)
    } finally {
      await search.close()
      await place.remove()
    }
  })
})

test('URIs that are wrong are refused by what is wrong, without their secrets', async () => {
  await refusesUris(
    (uri) => openSearch(uri, HOME),
    [
      ['es://u:hunter2@', /names no host/],
      ['es://u:hunter2@h:0', /port/],
      ['es://u:hunter2@h?prefix=Upper', /"prefix".*a-z/],
      ['es://u:hunter2@h?shards=0', /"shards"/],
      ['es://u:hunter2@h?replicas=many', /"replicas"/],
      ['es://u:hunter2@h?timeout=soon', /"timeout"/],
      ['es://u:hunter2@h?version=v7', /"version".*v8/],
      ['es://u:hunter2@h?password=hunter2', /no parameter "password"; known: api_key, ca/],
      ['es://u:hunter2@h?api_key=hunter2', /not both/],
      ['es://:hunter2@h', /no user/],
      ['es://u:hunter2@h?ca=x.crt', /es\+https/],
      ['es+https://u:hunter2@h?ca=x.crt', /"ca" cannot be read/],
      ['es+https://u:hunter2@h?verify=no', /"verify"/],
    ],
  )
})

testUnreachableUris(
  'openSearch',
  (uri) => openSearch(uri, HOME),
  [
    'es://u:hunter2@127.0.0.1:1',
    'es://127.0.0.1:1,127.0.0.1:2/base?prefix=a.b_c-&shards=3&replicas=0&timeout=2s&version=v9',
    'es+https://u:hunter2@127.0.0.1:1?verify=0',
    'es+https://127.0.0.1:1?api_key=hunter2&fingerprint=AB:CD',
  ],
  { says: /cannot be used \(.*ECONNREFUSED/ },
)
