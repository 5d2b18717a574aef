import { existsSync } from 'node:fs'
import { AppError, codeOf, messageOf } from '../../base/errors.ts'
import { parseUri, pickScheme, resolveDataPath, type Uri } from '../../base/uri.ts'
import type { SearchDriver, VectorDriver } from './driver.ts'
import { JoinedDriver } from './joined.ts'
import { Search } from './search.ts'

export type SearchOpenOptions = {
  /** Where relative paths start. */
  home: string
  /** `VECTOR_URI`, where vectors are kept apart from the documents. */
  vector?: string | undefined
  /** Gets a text that an operator must read. */
  warn?: (text: string) => void
  /** Loads the DuckDB driver, which needs a native library. */
  loadDuckdb?: () => Promise<{ open(uri: Uri, options: { home: string }): Promise<SearchDriver> }>
}

type Opened = { driver: SearchDriver; provider: string }

/** Every search scheme. Dynamic import: an unused provider costs no memory. */
export const SEARCH_SCHEMES: Readonly<Record<string, (uri: Uri, options: SearchOpenOptions) => Promise<Opened>>> = {
  duckdb: openDuckdb,
  es: openElastic,
  'es+https': openElastic,
  sqlite: async (uri, options) => ({
    driver: await (await import('./drivers/sqlite.ts')).open(uri, options),
    provider: 'sqlite',
  }),
}

/**
 * Opens the search store named by a URI such as `duckdb://./var/data/duckdb/search.db`. When DuckDB's native library
 * cannot be loaded on this machine, SQLite takes its place on a file of its own, `warn` is told, and health says
 * `degraded`; a file that is locked or damaged is an error, never a reason to start empty. With `vector` two stores
 * are joined.
 */
export async function openSearch(text: string, options: SearchOpenOptions): Promise<Search> {
  const uri = parseUri(text)
  const open = pickScheme(uri, SEARCH_SCHEMES, 'SEARCH_URI')
  if (options.vector === undefined) {
    const { driver, provider } = await open(uri, options)
    return new Search(driver, provider)
  }
  const [documents, vectors] = await Promise.allSettled([open(uri, options), openVectors(options.vector, options)])
  if (documents.status === 'fulfilled' && vectors.status === 'fulfilled') {
    const driver = new JoinedDriver(documents.value.driver, vectors.value.driver)
    return new Search(driver, documents.value.provider, vectors.value)
  }
  if (documents.status === 'fulfilled') await documents.value.driver.close()
  if (vectors.status === 'fulfilled') await vectors.value.driver.close()
  throw documents.status === 'rejected' ? documents.reason : vectors.status === 'rejected' && vectors.reason
}

type OpenedVectors = { driver: VectorDriver; provider: string }

/** Every scheme of vectors that are kept apart from the documents. */
export const VECTOR_SCHEMES: Readonly<Record<string, (uri: Uri, options: { home: string }) => Promise<OpenedVectors>>> =
  {
    milvus: async (uri, options) => ({
      driver: await (await import('./drivers/milvus.ts')).open(uri, options),
      provider: 'milvus',
    }),
  }

/** Opens the vectors named by a URI such as `milvus://localhost:19530`. Errors begin with the setting. */
export async function openVectors(text: string, options: { home: string }): Promise<OpenedVectors> {
  try {
    const uri = parseUri(text)
    return await pickScheme(uri, VECTOR_SCHEMES, 'VECTOR_URI')(uri, options)
  } catch (err) {
    const what = messageOf(err).replace(/^VECTOR_URI: /, '')
    throw new AppError(codeOf(err), `VECTOR_URI: ${what}`, { cause: err })
  }
}

async function openElastic(uri: Uri, options: SearchOpenOptions): Promise<Opened> {
  return { driver: await (await import('./drivers/elasticsearch.ts')).open(uri, options), provider: 'es' }
}

type Module = { open(uri: Uri, options: { home: string }): Promise<SearchDriver> }

async function openDuckdb(uri: Uri, options: SearchOpenOptions): Promise<Opened> {
  const { home, warn = () => {}, loadDuckdb = () => import('./drivers/duckdb.ts') } = options
  const path = resolveDataPath(home, uri)
  const fallback = path === ':memory:' ? path : `${path}.fallback.sqlite`
  let duckdb: Module
  try {
    duckdb = await loadDuckdb()
  } catch (err) {
    if (!isMissingLibrary(err)) throw err
    warn(
      `SEARCH RUNS ON THE FALLBACK: DuckDB's native library cannot be loaded here (${firstLine(err)}). ` +
        `Documents are searched and stored in ${fallback} instead; what is in ${path} is not found. ` +
        'To have it all in one place run "snug reindex --all".',
    )
    const { open } = await import('./drivers/sqlite.ts')
    const degraded = `DuckDB cannot be loaded: ${firstLine(err)}`
    const driver = await open({ ...uri, scheme: 'sqlite', path: fallback, params: common(uri) }, { home, degraded })
    return { driver, provider: 'sqlite_fallback' }
  }
  const driver = await duckdb.open(uri, { home })
  if (path !== ':memory:' && existsSync(fallback))
    warn(
      `DuckDB works again; what was indexed on the fallback is still in ${fallback}: run "snug reindex --all", then remove it.`,
    )
  return { driver, provider: 'duckdb_native' }
}

/** Node adds who required the file, over several lines. */
const firstLine = (err: unknown): string => messageOf(err).split('\n', 1)[0] ?? ''

/** The parameters that both drivers understand. */
const common = (uri: Uri): Uri['params'] => new Map([...uri.params].filter(([name]) => name === 'cache'))

/** Only what says that the library is not there or does not fit: anything else is a fault to be seen. */
function isMissingLibrary(err: unknown): boolean {
  if (!(err instanceof Error)) return false
  const code = 'code' in err ? err.code : undefined
  if (code === 'ERR_DLOPEN_FAILED') return true
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') return err.message.includes('@duckdb/')
  return /duckdb native binding/.test(err.message)
}
