import type { ErrorCode } from '../../base/errors.ts'
import type { TableOptions } from './parse.ts'
import type { Block, DocumentType, Limits } from './types.ts'

/** What a worker is asked. One job at a time. */
export type Job = { type: DocumentType; source: Uint8Array; limits: Limits; options: TableOptions }

/** What it answers: any number of batches, then `done` or `error`. */
export type Reply =
  | { kind: 'blocks'; blocks: Block[] }
  | { kind: 'done'; warnings: string[]; charCount: number }
  | { kind: 'error'; code: ErrorCode; message: string; cause: string }
