import assert from 'node:assert/strict'
import { AppError } from '../../../base/errors.ts'
import type { Blob, BlobMeta } from '../blob.ts'

/** `blob` is open and empty. */
export type BlobHarness = {
  blob: Blob
  /** Closes the store and opens it again. */
  reopen(): Promise<Blob>
  /** What a browser does with a signed URL. */
  fetch(url: string, headers?: Record<string, string>): Promise<Response>
}

export const MIB = 1024 * 1024

/** Matches an `AppError` of this code. */
export const code = (expected: string) => (err: unknown) =>
  assert.equal(err instanceof AppError ? err.code : err, expected) === undefined

export const textOf = async (blob: Blob, key: string): Promise<string> => Buffer.from(await blob.get(key)).toString()

/** Bytes that differ from place to place, the same for the same seed. */
export function bytesOf(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  let state = seed >>> 0
  for (let i = 0; i < sizeBytes; i++) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** A body that comes in pieces; `failAfter` pieces it throws. */
export async function* pieces(bytes: Uint8Array, pieceBytes: number, failAfter = Infinity): AsyncGenerator<Uint8Array> {
  for (let at = 0, count = 0; at < bytes.length; at += pieceBytes, count++) {
    if (count === failAfter) throw new Error('the sender is gone')
    yield bytes.subarray(at, at + pieceBytes)
  }
}

export const keysOf = (files: readonly BlobMeta[]): string[] => files.map((file) => file.key)
export const allKeys = async (blob: Blob, prefix = ''): Promise<string[]> =>
  keysOf(await Array.fromAsync(blob.listAll(prefix)))

export const byBytes = (x: string, y: string): number => Buffer.compare(Buffer.from(x), Buffer.from(y))
