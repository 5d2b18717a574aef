import { rmSync, statSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { z } from 'zod'
import { AppError, messageOf } from '../../../base/errors.ts'
import { parseParams, resolveDataPath, type Uri } from '../../../base/uri.ts'
import { claimFile } from '../../data-folder.ts'
import type { SearchDriver } from '../driver.ts'
import { classify } from './duckdb/errors.ts'
import { DuckdbStore } from './duckdb/store.ts'
import { embeddedSearch } from './embedded/embedded-search.ts'
import { sizeParam } from './embedded/params.ts'

const Params = z.strictObject({
  /** What the indexes in memory may hold together. */
  cache: sizeParam('256mb'),
  /** DuckDB's own limit; it spills to `<file>.tmp` beyond it. */
  memory: sizeParam('128mb'),
  threads: z.coerce.number().int().min(1).max(64).default(2),
})

/**
 * `duckdb://path?cache=256mb&memory=128mb&threads=2`: one file, one process. DuckDB keeps the documents, their
 * analysed words and their vectors; text and vectors are ranked in memory. Durable at every commit.
 */
export async function open(uri: Uri, options: { home: string }): Promise<SearchDriver> {
  const params = parseParams(uri, Params)
  const path = resolveDataPath(options.home, uri)
  const claim = path === ':memory:' ? undefined : claimFile(path)
  try {
    // What a killed process has spilled.
    if (path !== ':memory:') rmSync(`${path}.tmp`, { recursive: true, force: true })
    // `create` would open the file a second time in this process, and each would lose the other's writes.
    const instance = await DuckDBInstance.fromCache(path, {
      memory_limit: `${Math.ceil(params.memory / 1024 ** 2)}MiB`,
      threads: String(params.threads),
      temp_directory: path === ':memory:' ? '' : `${path}.tmp`,
      checkpoint_threshold: '64MiB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    const store = await DuckdbStore.open({
      instance,
      sizeBytes: () => sizeOf(path) + sizeOf(`${path}.wal`),
      onClose: () => claim?.release(),
    })
    return await embeddedSearch(store, params.cache)
  } catch (err) {
    claim?.release()
    if (err instanceof AppError) throw err
    const code = classify(err)
    const remedy = code === 'corrupt' ? '; restore it, or remove it and run "snug reindex --all"' : ''
    throw new AppError(code, `the search file ${path} cannot be opened (${messageOf(err)})${remedy}`, { cause: err })
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
