import assert from 'node:assert/strict'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { searchHarness } from '../../../../test-kit/search-harness.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
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
    return searchHarness(open, folder.remove)
  },
})

testRefusedUris('openSearch', (uri) => openSearch(uri, { home: '/dev/null' }), [
  ['sqlite://', /no path/],
  ['sqlite://s.db?cache=many', /"cache".*size/],
  ['sqlite://s.db?password=hunter2', /known: cache/],
  ['sqlite://s.db?sync=sometimes', /sync/],
  ['solr://user:hunter2@h:9200', /not available in this build; available: duckdb:, es:/],
])
