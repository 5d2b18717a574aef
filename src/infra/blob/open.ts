import type { Clock } from '../../base/clock.ts'
import { parseUri, pickScheme, type Uri } from '../../base/uri.ts'
import { Blob } from './blob.ts'
import type { BlobDriver } from './driver.ts'

export type OpenOptions = {
  /** Where relative data paths start. */
  home: string
  /** The address under which browsers reach this server, without a slash at the end. Asked for with each URL. */
  publicUrl: () => string
  clock?: Clock
}

/** Every object store scheme, one line each. Dynamic import: an unused provider costs nothing. */
export const BLOB_SCHEMES: Readonly<Record<string, (uri: Uri, options: OpenOptions) => Promise<BlobDriver>>> = {
  file: async (uri, options) => (await import('./drivers/file.ts')).open(uri, options),
  s3: async (uri, options) => (await import('./drivers/s3.ts')).open(uri, options),
}

/**
 * Opens the store named by a URI such as `file://./var/data/blob`. Throws `invalid_argument`, `permission_denied`
 * when its folder cannot be written, `busy` when another process owns it.
 */
export async function openBlob(text: string, options: OpenOptions): Promise<Blob> {
  const uri = parseUri(text)
  return new Blob(await pickScheme(uri, BLOB_SCHEMES, 'BLOB_URI')(uri, options), options.clock)
}
