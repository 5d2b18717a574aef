import type { SearchHarness } from '../src/infra/search/conformance/kit.ts'
import type { Search } from '../src/infra/search/search.ts'

/** What the suite of search runs on: the empty store that `open` opens, whose data `remove` takes away. */
export async function searchHarness(open: () => Promise<Search>, remove: () => Promise<void>) {
  const harness: SearchHarness = {
    search: await open(),
    reopen: async () => {
      await harness.search.close()
      harness.search = await open()
      return harness.search
    },
  }
  const close = async () => {
    await harness.search.close()
    await remove()
  }
  return { harness, close }
}
