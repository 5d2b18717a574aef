import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test-kit/tmp.ts'
import { AppError } from '../../base/errors.ts'
import { openSearch } from './open.ts'

const DUCKDB = 'duckdb://search.db?threads=1&memory=64mb&cache=64mb'
const SPEC = { fields: { title: { type: 'text' as const } } }

/** What Node throws when the native library is not there, or does not fit the machine. */
const MISSING = [
  Object.assign(new Error("Cannot find module '@duckdb/node-bindings-linux-x64/duckdb.node'"), {
    code: 'MODULE_NOT_FOUND',
  }),
  Object.assign(new Error("Cannot find package '@duckdb/node-api'"), { code: 'ERR_MODULE_NOT_FOUND' }),
  Object.assign(new Error('libduckdb.so: cannot open shared object file'), { code: 'ERR_DLOPEN_FAILED' }),
  new Error("Error loading duckdb native binding: unsupported arch 'riscv64' for platform 'linux'"),
]
for (const err of MISSING) {
  test(`without DuckDB's library SQLite takes over, loudly: ${err.message}`, async () => {
    await using folder = await temporaryFolder()
    const warnings: string[] = []
    const loadDuckdb = () => Promise.reject(err)
    const options = { home: folder.path, warn: (text: string) => warnings.push(text) }
    const search = await openSearch(DUCKDB, { ...options, loadDuckdb })
    assert.equal(search.provider, 'sqlite_fallback')
    assert.match(warnings.join(), /FALLBACK.*search\.db\.fallback\.sqlite/)
    const health = await search.health()
    assert.deepEqual([health.status, health.provider, health.engine], ['degraded', 'sqlite_fallback', 'SQLite'])
    assert.match(health.error ?? '', /DuckDB cannot be loaded/)
    await search.ensureIndex('a', SPEC)
    await search.put('a', [{ id: '1', fields: { title: 'kept' } }])
    await search.close()

    const again = await openSearch(DUCKDB, { ...options, loadDuckdb })
    assert.equal((await again.search('a', { text: { query: 'kept' } })).total, 1)
    await again.close()
  })
}

test('when DuckDB works again it is used, and says that the fallback holds documents', async () => {
  await using folder = await temporaryFolder()
  const warnings: string[] = []
  const options = { home: folder.path, warn: (text: string) => warnings.push(text) }
  await (await openSearch(DUCKDB, { ...options, loadDuckdb: () => Promise.reject(MISSING[0]) })).close()
  warnings.length = 0
  const search = await openSearch(DUCKDB, options)
  assert.equal(search.provider, 'duckdb_native')
  assert.equal((await search.health()).status, 'up')
  assert.match(warnings.join(), /snug reindex --all/)
  await search.close()
})

test('a fault that is no missing library is an error, not a fallback', async () => {
  await using folder = await temporaryFolder()
  const loadDuckdb = () => Promise.reject(new SyntaxError('a mistake in the driver'))
  await assert.rejects(openSearch(DUCKDB, { home: folder.path, loadDuckdb }), /a mistake/)
})

for (const uri of ['duckdb://search.db', 'sqlite://search.db']) {
  test(`${uri}: a damaged file is refused as such and left as it is`, async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'search.db'), 'this is no database'.repeat(1_000))
    for (let tries = 0; tries < 2; tries++) {
      await assert.rejects(openSearch(uri, { home: folder.path }), (err: unknown) => {
        assert.ok(err instanceof AppError)
        assert.equal(err.code, 'corrupt', err.message)
        assert.match(err.message, /snug reindex --all/)
        return true
      })
    }
  })

  test(`${uri}: a second opening of the file is refused, and the first goes on`, async () => {
    await using folder = await temporaryFolder()
    const search = await openSearch(uri, { home: folder.path })
    await search.ensureIndex('a', SPEC)
    await assert.rejects(openSearch(uri, { home: folder.path }), (err: unknown) => {
      assert.ok(err instanceof AppError)
      assert.equal(err.code, 'busy')
      assert.match(err.message, new RegExp(String(process.pid)))
      return true
    })
    await search.put('a', [{ id: '1', fields: { title: 'x' } }])
    await search.close()
    await search.close()
    await assert.rejects(search.count('a'), { code: 'closed' })
    const again = await openSearch(uri, { home: folder.path })
    assert.equal(await again.count('a'), 1)
    await again.close()
  })
}
