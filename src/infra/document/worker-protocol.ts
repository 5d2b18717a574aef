import type { ErrorCode } from '../../base/errors.ts'
import type { TableOptions } from './parse.ts'
import type { Block, Chunk, ChunkStrategy, DocumentType, Limits } from './types.ts'

/** One document to read; with a strategy its chunks are wanted instead of its blocks. */
export type Job = {
  type: DocumentType
  source: Uint8Array
  limits: Limits
  options: TableOptions
  strategy?: ChunkStrategy
}

/** What a worker is asked. One job at a time. */
export type Request = Job & {
  /** One counter: how many batches the receiver has dealt with. */
  taken: Int32Array<SharedArrayBuffer>
}

/** What it answers: any number of batches, then `done` or `error`. */
export type Reply =
  | { kind: 'batch'; blocks?: Block[]; chunks?: Chunk[] }
  | { kind: 'done'; warnings: string[]; charCount: number }
  | { kind: 'error'; code: ErrorCode; message: string; cause: string }

/** How many batches may be under way: the receiver's event loop has other things to do as well. */
export const MAX_BATCHES_AHEAD = 2
