import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { asciiJson, type Meta } from '../broker/meta.ts'

const HEADER = 'Snug'

/** The headers of a stored message. `onceId` lets the server drop a repetition within two minutes. */
export function natsHeaders(meta: Meta, more: Readonly<Record<string, unknown>> = {}, onceId?: string): MsgHdrs {
  const made = headers()
  made.set(HEADER, asciiJson({ ...meta, ...more }))
  if (onceId !== undefined) made.set('Nats-Msg-Id', onceId)
  return made
}

/** What `natsHeaders` wrote; a message of someone else's gets what can be had. */
export function metaIn<T>(found: MsgHdrs | undefined, fallbackId: string): Meta & Partial<T> {
  try {
    const text = found?.get(HEADER) ?? ''
    if (text !== '') return JSON.parse(text) as Meta & Partial<T>
  } catch {
    // Not ours: treated as one without a header.
  }
  return { id: fallbackId, headers: {}, publishedAtMs: Date.now() } as Meta & Partial<T>
}
