import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { temporaryFolder } from '../../../../../test-kit/tmp.ts'
import { Search } from '../../search.ts'
import { embeddedSearch } from '../embedded/embedded-search.ts'
import { classify } from './errors.ts'
import { DuckdbStore } from './store.ts'

/** A store that rewrites an index from a hundred dead rows on, and keys it from seventy rows on. */
async function open(path: string, settings: Record<string, string> = {}): Promise<Search> {
  const instance = await DuckDBInstance.fromCache(path, { threads: '1', ...settings })
  const options = { instance, sizeBytes: () => 0, onClose: () => {}, tidyFrom: 100, keyedFrom: 70 }
  const store = await DuckdbStore.open(options)
  return new Search(await embeddedSearch(store, 1e9), 'duckdb_native')
}

const docs = (count: number, title: string) =>
  Array.from({ length: count }, (_, i) => ({ id: `d${i}`, fields: { title: `${title} w${i}` } }))
const SPEC = { fields: { title: { type: 'text' as const } } }
const dead = async (search: Search) => (await search.health()).checks.deadRows

test('dead rows are cleared away once they are the larger part, and nothing else is', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 's.db')
  const search = await open(path)
  await search.ensureIndex('a', SPEC)
  await search.put('a', docs(150, 'first'))
  await search.put('a', docs(80, 'second'))
  assert.equal(await dead(search), 80)
  await search.put('a', docs(150, 'third'))
  assert.equal(await dead(search), 0)
  await search.delete('a', ['d7'])
  const check = async (now: Search) => {
    assert.equal(await now.count('a'), 149)
    assert.equal((await now.search('a', { text: { query: 'third' } })).total, 149)
    assert.equal((await now.search('a', { text: { query: 'first second' } })).total, 0)
    assert.equal((await now.get('a', 'd149'))?.fields.title, 'third w149')
  }
  await check(search)
  await search.close()
  const again = await open(path)
  await check(again)
  assert.equal(await dead(again), 1)
  await again.close()
})

test('a table is keyed when it has grown, and again after it was rewritten', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 's.db')
  const search = await open(path)
  const other = await DuckDBInstance.fromCache(path, { threads: '1' })
  const connection = await other.connect()
  const keyed = async () =>
    (await (await connection.run('SELECT table_name FROM duckdb_indexes()')).getRows()).map(([name]) => name)
  await search.ensureIndex('a', SPEC)
  await search.put('a', docs(69, 'few'))
  assert.deepEqual(await keyed(), [])
  await search.put('a', [{ id: 'one', fields: { title: 'more' } }])
  assert.deepEqual(await keyed(), ['docs_1_0'])
  await search.put('a', docs(69, 'second'))
  await search.put('a', docs(69, 'third'))
  assert.deepEqual(await keyed(), [])
  await search.put('a', [{ id: 'one', fields: { title: 'more' } }])
  assert.deepEqual(await keyed(), ['docs_1_1'])
  assert.equal((await search.get('a', 'd3'))?.fields.title, 'third w3')
  connection.closeSync()
  other.closeSync()
  await search.close()
})

test('many small indexes fit into little memory', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 's.db')
  const memory = { memory_limit: '24MiB', temp_directory: `${path}.tmp` }
  const search = await open(path, memory)
  const names = Array.from({ length: 60 }, (_, i) => `index${i}`)
  for (const name of names) {
    await search.ensureIndex(name, SPEC)
    await search.put(name, docs(3, name))
  }
  for (const name of names) assert.equal((await search.get(name, 'd1'))?.fields.title, `${name} w1`)
  await search.close()
  const again = await open(path, memory)
  for (const name of names) {
    await again.put(name, docs(3, `${name} again`))
    assert.equal((await again.get(name, 'd1'))?.fields.title, `${name} again w1`)
  }
  await again.close()
})

test('reads that run while an index is rewritten all find their documents', async () => {
  const search = await open(':memory:')
  await search.ensureIndex('a', SPEC)
  await search.put('a', docs(60, 'start'))
  let writing = true
  const write = async () => {
    for (let i = 0; i < 25; i++) await search.put('a', docs(60, `round${i}`))
    writing = false
  }
  const read = async () => {
    for (let i = 0; writing; i++) {
      assert.notEqual(await search.get('a', `d${i % 60}`), null)
      assert.equal((await search.search('a', { text: { query: 'w5' } })).hits.length, 1)
    }
  }
  await Promise.all([write(), read(), read()])
  await search.close()
})

test('searches that run while their index is dropped find it or say that it is gone', async () => {
  const search = await open(':memory:')
  for (let round = 0; round < 5; round++) {
    await search.ensureIndex('a', SPEC)
    await search.put('a', docs(50, 'word'))
    const reads = Array.from({ length: 30 }, () => search.search('a', { text: { query: 'word' } }))
    const drop = search.dropIndex('a')
    for (const result of await Promise.allSettled(reads)) {
      if (result.status === 'rejected') assert.equal((result.reason as { code?: string }).code, 'not_found')
    }
    await drop
    await assert.rejects(search.count('a'), { code: 'not_found' })
  }
  await search.close()
})

test('a file of a newer version is refused', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 's.db')
  await (await open(path)).close()
  const instance = await DuckDBInstance.fromCache(path)
  const connection = await instance.connect()
  await connection.run('UPDATE snug_search SET format = 99')
  connection.closeSync()
  instance.closeSync()
  await assert.rejects(open(path), { code: 'failed_precondition' })
})

const ERRORS = [
  ['IO Error: Could not set lock on file "x": Conflicting lock is held', 'busy'],
  ['IO Error: Could not write file "x": No space left on device', 'resource_exhausted'],
  ['TransactionContext Error: Failed to commit: failed to pin block of size 256.0 KiB', 'resource_exhausted'],
  ['Out of Memory Error: failed to allocate data', 'resource_exhausted'],
  ['IO Error: The file "x" exists, but it is not a valid DuckDB database file!', 'corrupt'],
  ['Parser Error: syntax error', 'unknown'],
] as const
for (const [message, code] of ERRORS)
  test(`${code}: ${message}`, () => assert.equal(classify(new Error(message)), code))
