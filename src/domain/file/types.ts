import type { FileTable } from '../../infra/db/schema.ts'

export type FileRow = FileTable

/** A file on its way in. */
export type NewFile = {
  /** As the client calls it; may carry a path, which is dropped. */
  name: string
  /** What the client says it is; believed only for how it is shown. */
  mediaType?: string | undefined
  body: AsyncIterable<Uint8Array>
}

/** The first and last byte of a file that are wanted, from 0; a negative `start` counts from the end. */
export type ByteRange = { start: number; end?: number }

/** A stored file by a signed address, ready to be sent. */
export type SignedFile = {
  etag: string
  sizeBytes: number
  mediaType: string
  /** A Content-Disposition header. */
  disposition: string
  /** The bytes in `body`, when a range was asked for. */
  range?: { start: number; end: number }
  /** Read it to the end or destroy it. */
  body: AsyncIterable<Uint8Array> & { destroy(): void }
}
