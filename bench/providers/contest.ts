import type { External } from '../../test-kit/external.ts'

/** One measured figure; of `ms` less is better, of all else more. */
export type Figure = { name: string; value: number; unit: '/s' | 'ms' | 'MiB/s' | 'chunks/s' }

/** What one capability is measured by, on whatever provider the settings name. */
export type Contest = {
  name: string
  /** The servers that stand against the embedded provider, each measured on its own. */
  rivals: readonly External[]
  /** `env` holds the `*_URI` settings, `home` is an empty folder. */
  measure(env: Settings, home: string): Promise<Figure[]>
}
export type Settings = Readonly<Record<keyof typeof EMBEDDED, string>> & { VECTOR_URI?: string }

/** The settings of lite mode, in the folder of the measurement. */
export const EMBEDDED = {
  DB_URI: 'sqlite://./app.db',
  KV_URI: 'badger://./kv',
  SEARCH_URI: 'duckdb://./search.db',
  MQ_URI: 'mem://',
  BLOB_URI: 'file://./blob',
} as const

/** The times of calls one after the other, in milliseconds, after a few that don't count. */
export async function times(count: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  for (let i = 0; i < Math.min(20, count); i++) await call(i)
  const samples: number[] = []
  for (let i = 0; i < count; i++) {
    const startedMs = performance.now()
    await call(i)
    samples.push(performance.now() - startedMs)
  }
  return samples
}
