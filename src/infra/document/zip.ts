import { crc32, inflateRawSync } from 'node:zlib'
import { AppError } from '../../base/errors.ts'
import type { Limits } from './types.ts'

const END = 0x06054b50
const END_BYTES = 22
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const MAX_ENTRIES = 10_000
/** Below this, a high ratio is only a small file that repeats itself. */
const FREE_BYTES = 16 * 1024 ** 2

export type ZipEntry = { name: string; data: Uint8Array }
type Listed = { name: string; method: number; encrypted: boolean; packed: number; size: number; offset: number }

/**
 * Unpacks the entries that `wanted` picks. Nothing is inflated before the sizes in the directory fit the limits, and
 * each inflation stops at what is left of the allowance, so that a header that lies gains nothing.
 * Throws `corrupt`, `invalid_argument` (encrypted) or `resource_exhausted`.
 */
export function unzip(bytes: Uint8Array, limits: Limits, wanted: (name: string) => boolean): ZipEntry[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const listed = directory(view)
  const byRatio = Math.max(FREE_BYTES, bytes.length * limits.zipRatio)
  let allowance = Math.min(limits.unzippedBytes, byRatio)
  if (listed.reduce((sum, entry) => sum + entry.size, 0) > allowance) throw tooLarge()
  if (listed.some((entry) => entry.encrypted))
    throw new AppError('invalid_argument', 'the file is protected by a password; save it without one')
  const entries: ZipEntry[] = []
  for (const entry of listed) {
    if (!wanted(entry.name)) continue
    const data = inflate(view, entry, allowance)
    allowance -= data.length
    entries.push({ name: entry.name, data })
  }
  return entries
}

/** A zip of plain, uncompressed entries: what a parser gets to see instead of the original. */
export function storedZip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, data } of entries) {
    const title = Buffer.from(name)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(0x800, 2)
    shared.writeUInt16LE(0x21, 8)
    shared.writeUInt32LE(crc32(data), 10)
    shared.writeUInt32LE(data.length, 14)
    shared.writeUInt32LE(data.length, 18)
    shared.writeUInt16LE(title.length, 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    parts.push(word(LOCAL), shared, title, data)
    central.push(word(CENTRAL), Buffer.of(20, 0), shared, rest, title)
    offset += 4 + shared.length + title.length + data.length
  }
  const list = Buffer.concat(central)
  const end = Buffer.alloc(END_BYTES)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, list, end])
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const damaged = (cause?: unknown) =>
  new AppError('corrupt', 'the file is damaged: its zip archive is broken', { cause })
const tooLarge = () =>
  new AppError('resource_exhausted', 'the file unpacks to far more than its size: it was refused as a zip bomb')

function directory(bytes: Buffer): Listed[] {
  const end = endRecord(bytes)
  const count = bytes.readUInt16LE(end + 10)
  let at = bytes.readUInt32LE(end + 16)
  if (count > MAX_ENTRIES)
    throw new AppError('resource_exhausted', `the file's zip archive has more than ${MAX_ENTRIES} entries`)
  const listed: Listed[] = []
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) throw damaged()
    const nameBytes = bytes.readUInt16LE(at + 28)
    const extraBytes = bytes.readUInt16LE(at + 30)
    const extra = bytes.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes)
    const [size, packed, offset] = zip64(
      extra,
      [at + 24, at + 20, at + 42].map((field) => bytes.readUInt32LE(field)),
    )
    listed.push({
      name: bytes.toString('utf8', at + 46, at + 46 + nameBytes),
      encrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      method: bytes.readUInt16LE(at + 10),
      packed: packed ?? 0,
      size: size ?? 0,
      offset: offset ?? 0,
    })
    at += 46 + nameBytes + extraBytes + bytes.readUInt16LE(at + 32)
  }
  return listed
}

/** The end record stands last, before a comment of at most 64 KiB. */
function endRecord(bytes: Buffer): number {
  for (let at = bytes.length - END_BYTES; at >= Math.max(0, bytes.length - END_BYTES - 0xffff); at--)
    if (bytes.readUInt32LE(at) === END) return at
  throw damaged()
}

/** Fields that did not fit into 32 bits stand in extra field 1, in this order. */
function zip64(extra: Buffer, fields: number[]): number[] {
  if (!fields.includes(0xffffffff)) return fields
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue
    let next = at + 4
    return fields.map((field) => {
      if (field !== 0xffffffff || next + 8 > extra.length) return field
      next += 8
      return Number(extra.readBigUInt64LE(next - 8))
    })
  }
  return fields
}

function inflate(bytes: Buffer, entry: Listed, allowance: number): Uint8Array {
  const { offset, packed, method } = entry
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) throw damaged()
  const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28)
  if (start + packed > bytes.length) throw damaged()
  const data = bytes.subarray(start, start + packed)
  if (allowance <= 0 || (method === 0 && packed > allowance)) throw tooLarge()
  if (method === 0) return data
  if (method !== 8) throw new AppError('corrupt', 'the file uses a compression that Office files never use')
  try {
    return inflateRawSync(data, { maxOutputLength: allowance })
  } catch (err) {
    throw err instanceof RangeError ? tooLarge() : damaged(err)
  }
}
