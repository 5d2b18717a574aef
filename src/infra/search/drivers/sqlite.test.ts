import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { searchCases } from '../conformance.ts'
import { openSearch } from '../open.ts'

runConformance('search sqlite', searchCases, {
  features: new Set(['text', 'vector']),
  open: async () => {
    const folder = await temporaryFolder()
    const open = async () => {
      const search = await openSearch('sqlite://search.db', { home: folder.path })
      assert.equal(search.provider, 'sqlite')
      return search
    }
    const harness = {
      search: await open(),
      reopen: async () => {
        await harness.search.close()
        harness.search = await open()
        return harness.search
      },
    }
    const close = async () => {
      await harness.search.close()
      await folder.remove()
    }
    return { harness, close }
  },
})

const REJECTED = [
  { uri: 'sqlite://', says: /no path/ },
  { uri: 'sqlite://s.db?cache=many', says: /"cache".*size/ },
  { uri: 'sqlite://s.db?password=hunter2', says: /known: cache/ },
  { uri: 'sqlite://s.db?sync=sometimes', says: /sync/ },
  { uri: 'solr://user:hunter2@h:9200', says: /not available in this build; available: duckdb:, es:/ },
]
for (const { uri, says } of REJECTED) {
  test(`openSearch refuses ${uri.replace('hunter2', '***')} and keeps the password out of the message`, async () => {
    await using folder = await temporaryFolder()
    await assert.rejects(openSearch(uri, { home: folder.path }), (err: Error) => {
      assert.match(err.message, says)
      assert.ok(!err.message.includes('hunter2'))
      return true
    })
  })
}
