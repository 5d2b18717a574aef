import { z } from 'zod'
import { AppError, messageOf } from '../../../base/errors.ts'
import { parseParams, resolveDataPath, type Uri } from '../../../base/uri.ts'
import { claimFile } from '../../data-folder.ts'
import type { SearchDriver } from '../driver.ts'
import { embeddedSearch } from './embedded/embedded-search.ts'
import { sizeParam } from './embedded/params.ts'
import { classify } from './sqlite/errors.ts'
import { SqliteStore } from './sqlite/store.ts'

const Params = z.strictObject({
  /** What the indexes in memory may hold together. */
  cache: sizeParam('256mb'),
  sync: z.enum(['normal', 'full']).default('normal'),
})

/**
 * `sqlite://path?cache=256mb&sync=normal|full`: one file, needs nothing beside Node. Text and vectors are ranked in
 * memory, as with DuckDB. `sync=full` survives a power cut, `normal` the death of the process. `degraded` says in
 * health what it stands in for.
 */
export async function open(uri: Uri, options: { home: string; degraded?: string }): Promise<SearchDriver> {
  const { cache, sync } = parseParams(uri, Params)
  const path = resolveDataPath(options.home, uri)
  const claim = path === ':memory:' ? undefined : claimFile(path)
  try {
    const store = new SqliteStore({ path, sync, onClose: () => claim?.release(), degraded: options.degraded })
    return await embeddedSearch(store, cache)
  } catch (err) {
    claim?.release()
    if (err instanceof AppError) throw err
    const code = classify(err)
    const remedy = code === 'corrupt' ? '; restore it, or remove it and run "snug reindex --all"' : ''
    throw new AppError(code, `the search file ${path} cannot be opened (${messageOf(err)})${remedy}`, { cause: err })
  }
}
