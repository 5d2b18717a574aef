import type { Readable } from 'node:stream'
import type { ErrorCode } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'

/**
 * What an object store implements. Applications use `Blob` in blob.ts, which has checked keys, options and sizes.
 * A key is 1…1,024 UTF-8 bytes of path segments joined by "/", none of them empty, "." or "..", without control
 * characters; it is to be kept byte for byte, also where the disk folds case or normalises.
 *
 * Methods may run concurrently. Throw the SDK's own error; the front wraps it via `codeOf`.
 */
export interface BlobDriver {
  /** What metrics call it: `file`, `s3`. */
  readonly provider: string
  /**
   * `sign.local`: Snug itself serves the signed URLs, by `verify` and `open`. `etag.content`: equal content has an
   * equal etag. `delete_after`: objects with `deleteAtMs` disappear. `keys.any`: keys of any shape, so that an object may stand beside keys that continue its name
   * behind a "/", and a segment may be longer than the name of a file. `tags.any`: ten tags of full length in any script.
   */
  readonly features: ReadonlySet<string>

  /**
   * Stores an object. Readers see the old one or the new one, never a mixture, also after a crash; when the body
   * fails or the signal aborts, the old one stays and nothing else is left. The body is read once, as it comes, in
   * bounded memory; a chunk may be reused by its source after the next one has been asked for.
   * @throws conflict when `ifNoneMatch` is set and the key exists.
   * @throws resource_exhausted when the disk is full.
   */
  put(key: string, body: AsyncIterable<Uint8Array>, options: PutRequest): Promise<PutResult>
  /**
   * The object as it is now; the body stays that version however often the key is overwritten. Whoever calls it
   * reads the body to the end or destroys it.
   * @throws not_found · out_of_range when the range starts behind the end.
   */
  open(key: string, range: Range | undefined, signal: AbortSignal | undefined): Promise<OpenedBlob>
  /** What is known about an object; `null` when there is none. */
  head(key: string, signal: AbortSignal | undefined): Promise<BlobMeta | null>
  /** Succeeds when the key is absent. */
  delete(key: string, signal: AbortSignal | undefined): Promise<void>
  /** Content, type, disposition and tags under another key, atomically; not the time of deletion. @throws not_found */
  copy(from: string, to: string, signal: AbortSignal | undefined): Promise<void>
  /**
   * Objects whose key starts with `prefix` and comes after `after`, ascending by UTF-8 bytes. An object that exists
   * all the time is listed exactly once, whatever else comes and goes.
   */
  walk(prefix: string, after: string, signal: AbortSignal | undefined): AsyncIterable<BlobMeta>

  /** A URL that lets its holder read the object until `expiresS` from now. Local work; the object need not exist. */
  sign(key: string, request: SignRequest): Promise<string>
  /**
   * Only with `sign.local`: checks the query of such a URL and returns what was signed into it.
   * @throws permission_denied when it has expired or was changed.
   */
  verify?(key: string, query: Readonly<Record<string, string>>): Omit<SignRequest, 'expiresS'>

  /** Probes the store. May throw: the front reports that as `down`. */
  health(signal: AbortSignal): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  /** The code for an error this driver threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
  /** Releases every resource. Called once. Bodies that are being read go on. */
  close(): Promise<void>
}

/** `start` counts from 0, or from the end when negative; `end` is the last byte, and may lie behind the end. */
export type Range = { readonly start: number; readonly end?: number }

export type BlobMeta = {
  readonly key: string
  readonly sizeBytes: number
  /** Opaque, without quotes; changes with the content. */
  readonly etag: string
  readonly modifiedAtMs: number
  readonly contentType: string
  /** A Content-Disposition header. */
  readonly disposition?: string
  readonly tags?: Readonly<Record<string, string>>
}

export type OpenedBlob = {
  readonly meta: BlobMeta
  readonly body: Readable
  /** The bytes that `body` yields, when a range was asked for: first and last, from 0. */
  readonly range?: { readonly start: number; readonly end: number }
}

export type PutRequest = {
  readonly contentType: string
  readonly disposition: string | undefined
  readonly tags: Readonly<Record<string, string>> | undefined
  /** Only when the key is free. */
  readonly ifNoneMatch: boolean
  /** Epoch milliseconds from which on the object is gone. */
  readonly deleteAtMs: number | undefined
  readonly signal: AbortSignal | undefined
}
export type PutResult = { readonly etag: string; readonly sizeBytes: number }

export type SignRequest = {
  /** Seconds, 1…604,800. */
  readonly expiresS: number
  /** Overrides what the object says. */
  readonly disposition?: string
  readonly contentType?: string
}
