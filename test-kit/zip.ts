import { constants, crc32, deflateRawSync } from 'node:zlib'

export type ZipPart = {
  name: string
  data: Uint8Array | string
  /** Ready-made compressed bytes for `data`; then `data` only gives size and checksum. */
  packed?: Uint8Array
  /** What the directory claims instead of the truth. */
  claimedBytes?: number
  /** Sets the flag for password protection. */
  encrypted?: boolean
}

/** A zip archive as any packer would write it. */
export function zipBytes(parts: readonly ZipPart[]): Uint8Array {
  const local: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const part of parts) {
    const name = Buffer.from(part.name)
    const data = typeof part.data === 'string' ? Buffer.from(part.data) : part.data
    const packed = part.packed ?? deflateRawSync(data)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(part.encrypted === true ? 0x801 : 0x800, 2)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(part.packed === undefined ? crc32(data) : 0, 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(part.claimedBytes ?? data.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    local.push(Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed)
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, name)
    offset += 4 + fields.length + name.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

/** Deflated spaces of any length, made in no time: one flushed block, repeated. */
export function deflatedSpaces(sizeBytes: number): Uint8Array {
  const blockBytes = 1024 ** 2
  const block = deflateRawSync(Buffer.alloc(blockBytes, ' '), { finishFlush: constants.Z_FULL_FLUSH })
  const rest = deflateRawSync(Buffer.alloc(sizeBytes % blockBytes, ' '))
  return Buffer.concat([...Array.from({ length: Math.floor(sizeBytes / blockBytes) }, () => block), rest])
}
