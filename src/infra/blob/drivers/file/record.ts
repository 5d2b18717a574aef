import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../../../base/errors.ts'
import type { BlobMeta } from '../../driver.ts'

/**
 * An object is one file: its bytes, then what is known about them as JSON, then the length of that JSON and a mark.
 * One file, because two cannot be replaced in one step: a crash would leave new bytes under an old type. At the end,
 * because length and etag are known only then, and so that other programs find the content where they expect it.
 */
export type StoredMeta = BlobMeta & { readonly deleteAtMs?: number }

const MARK = Buffer.from('SNUGBLOB')
const FOOTER_BYTES = 4 + MARK.length
/** Enough for most; what does not fit is read in a second step. */
const TAIL_BYTES = 2_048

/** What follows the content in the file. */
export function encodeRecord(meta: StoredMeta): Buffer {
  const json = Buffer.from(JSON.stringify(meta))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([json, length, MARK])
}

/** Reads it from an open file. Throws `corrupt` when the file was not written by this store or is damaged. */
export async function readRecord(handle: FileHandle, key: string): Promise<StoredMeta> {
  const { size } = await handle.stat()
  let tail = await readEnd(handle, size, TAIL_BYTES)
  const footer = tail.subarray(-FOOTER_BYTES)
  if (!footer.subarray(4).equals(MARK)) throw corrupt(key)
  const recordBytes = footer.readUInt32LE() + FOOTER_BYTES
  if (recordBytes > size) throw corrupt(key)
  if (recordBytes > tail.length) tail = await readEnd(handle, size, recordBytes)
  const meta = parse(tail.subarray(-recordBytes, -FOOTER_BYTES))
  if (meta?.sizeBytes !== size - recordBytes) throw corrupt(key)
  return { ...meta, key }
}

async function readEnd(handle: FileHandle, size: number, bytes: number): Promise<Buffer> {
  const length = Math.min(size, bytes)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length)
  return buffer.subarray(0, bytesRead)
}

function parse(json: Buffer): StoredMeta | undefined {
  try {
    return JSON.parse(json.toString()) as StoredMeta
  } catch {
    return undefined
  }
}

const corrupt = (key: string): AppError =>
  new AppError('corrupt', 'the file of this blob is damaged or was not written by Snug', { details: { key } })
