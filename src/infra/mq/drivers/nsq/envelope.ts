import type { Meta } from '../broker/meta.ts'

const LENGTH_BYTES = 4

/** A message for nsqd, which has no headers: the length of our own, they themselves as JSON, and the body. */
export function seal(meta: Meta & Readonly<Record<string, unknown>>, body: Uint8Array): Buffer {
  const head = Buffer.from(JSON.stringify(meta))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(head.length)
  return Buffer.concat([length, head, body])
}

/** What `seal` made; a message of someone else's gets what can be had. */
export function unseal<T>(bytes: Buffer, fallbackId: string): { meta: Meta & Partial<T>; body: Uint8Array } {
  try {
    const end = LENGTH_BYTES + bytes.readUInt32BE(0)
    const meta = JSON.parse(bytes.subarray(LENGTH_BYTES, end).toString()) as Meta & Partial<T>
    if (typeof meta.id === 'string' && end <= bytes.length) return { meta, body: bytes.subarray(end) }
  } catch {
    // Not ours: all of it is the body.
  }
  return {
    meta: { id: fallbackId, headers: {}, publishedAtMs: Date.now() } as unknown as Meta & Partial<T>,
    body: bytes,
  }
}
