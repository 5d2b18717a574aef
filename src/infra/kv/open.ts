import { parseUri, pickScheme, type Uri } from '../../base/uri.ts'
import type { KvDriver } from './driver.ts'
import { Kv } from './kv.ts'

export type OpenKvOptions = {
  /** Where relative paths start. */
  home: string
}

/** Every key-value scheme. Imports are dynamic: a provider that isn't used costs nothing. */
export const KV_SCHEMES: Readonly<Record<string, (uri: Uri, options: OpenKvOptions) => Promise<KvDriver>>> = {
  badger: async (uri, options) => (await import('./drivers/badger.ts')).open(uri, options),
  redis: async (uri, options) => (await import('./drivers/redis.ts')).open(uri, options),
  rediss: async (uri, options) => (await import('./drivers/redis.ts')).open(uri, options),
}

/** Opens the store that `KV_URI` names. */
export async function openKv(text: string, options: OpenKvOptions): Promise<Kv> {
  const uri = parseUri(text)
  return new Kv(await pickScheme(uri, KV_SCHEMES, 'KV_URI')(uri, options))
}
