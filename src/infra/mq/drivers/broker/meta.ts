import { randomUUID } from 'node:crypto'
import type { Outgoing } from '../../driver.ts'

/** What travels beside a body, whatever the broker has for it: the broker's own ids and headers differ too much. */
export type Meta = {
  /** The message's id, given by its sender. */
  readonly id: string
  readonly key?: string
  readonly headers: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly publishedAtMs: number
  /** Not to be treated before this time, epoch milliseconds. */
  readonly dueAtMs?: number
  /** For this group alone: a dead letter that was put back. */
  readonly only?: string
}

export const metaOf = ({ key, headers, delayMs }: Outgoing): Meta => {
  const publishedAtMs = Date.now()
  return {
    id: randomUUID(),
    ...(key === undefined ? {} : { key }),
    headers,
    publishedAtMs,
    ...(delayMs > 0 ? { dueAtMs: publishedAtMs + delayMs } : {}),
  }
}

/** JSON in printable ASCII, which every broker's header and frame can carry. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
