import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { AppError } from '../base/errors.ts'

/**
 * An event stream as both SDKs read it: exactly `event:` then `data:` then a blank line, the data one line of JSON,
 * no ids, no comments, no heartbeats (either SDK fails on them).
 */
export type EventStream = {
  /** Resolves when the client can take more. Rejects with `canceled` once it has left or takes nothing any more. */
  send(event: string, data: unknown): Promise<void>
  /** Ends the answer. Idempotent. */
  end(): void
  /** Aborted when the client leaves before the end. */
  readonly signal: AbortSignal
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const

/** A client that takes nothing for so long has left without saying so. */
const STALLED_MS = 60_000

/** Takes the raw response over from the framework. The headers go out with the first event. */
export function openEventStream(reply: FastifyReply, stalledMs = STALLED_MS): EventStream {
  const raw = reply.raw
  const left = new AbortController()
  reply.hijack()
  raw.on('close', () => {
    if (!raw.writableFinished) left.abort(new AppError('canceled', 'the client has left'))
  })
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS })
  raw.socket?.setNoDelay(true)
  const gather = gatherWrites(raw)
  return {
    signal: left.signal,
    send: async (event, data) => {
      left.signal.throwIfAborted()
      gather()
      if (raw.write(`event:${event}\ndata:${JSON.stringify(data)}\n\n`)) return
      const stalled = setTimeout(() => raw.destroy(), stalledMs)
      try {
        await once(raw, 'drain', { signal: left.signal })
      } finally {
        clearTimeout(stalled)
      }
    },
    end: () => {
      raw.end()
    },
  }
}

/** Holds back what is written in one turn of the event loop, so that it goes out as one packet: the price is per packet. */
function gatherWrites(raw: ServerResponse): () => void {
  let isHeld = false
  return () => {
    const { socket } = raw
    if (isHeld || socket === null) return
    isHeld = true
    socket.cork()
    setImmediate(() => {
      isHeld = false
      socket.uncork()
    })
  }
}
