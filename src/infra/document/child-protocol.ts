import { deserialize, serialize } from 'node:v8'
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

/** A request is a frame with this, then the source as it is. One at a time. */
export type Request = Omit<Job, 'source'> & { sourceBytes: number }

/** The answer is any number of batches, then `done` or `error`, each a frame. */
export type Reply =
  | { kind: 'batch'; blocks?: Block[]; chunks?: Chunk[] }
  | { kind: 'done'; warnings: string[]; charCount: number }
  | { kind: 'error'; code: ErrorCode; message: string; cause: string }

/** The file descriptor for replies: standard output belongs to whatever a library prints. */
export const REPLY_FD = 3

/** Length in 32 bits, then the value: two pieces, to spare a copy. */
export function frame(value: Request | Reply): [length: Uint8Array, body: Uint8Array] {
  const body = serialize(value)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  return [length, body]
}

/** Puts frames, and raw bytes where they are announced, together from the pieces in which a stream delivers them. */
export class FrameReader {
  readonly #onFrame: (value: unknown) => void
  readonly #onRaw: (bytes: Uint8Array) => void
  #target = Buffer.alloc(4)
  #filled = 0
  #what: 'length' | 'frame' | 'raw' = 'length'

  constructor(onFrame: (value: unknown) => void, onRaw: (bytes: Uint8Array) => void = () => undefined) {
    this.#onFrame = onFrame
    this.#onRaw = onRaw
  }

  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + this.#target.length - this.#filled)
      this.#target.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === this.#target.length) this.#complete()
    }
  }

  /** The next `bytes` are not a frame. Called from `onFrame`. */
  expectRaw(bytes: number): void {
    this.#expect('raw', bytes)
  }

  #expect(what: 'length' | 'frame' | 'raw', bytes: number): void {
    this.#what = what
    this.#target = Buffer.alloc(bytes)
    this.#filled = 0
  }

  #complete(): void {
    const bytes = this.#target
    const what = this.#what
    this.#expect('length', 4)
    if (what === 'length') this.#expect('frame', bytes.readUInt32LE(0))
    else if (what === 'frame') this.#onFrame(deserialize(bytes))
    else this.#onRaw(bytes)
  }
}
