import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SeenRequest, sendJson, startHttpServer, type TestServer } from './http-server.ts'

/** What the next requests get instead of an answer. */
export type ModelFault =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | { raw: readonly string[]; contentType?: string }
  | { fault: 'stall' | 'stall-after-one' | 'cut' | 'cut-after-one' | 'end-early' | 'no-usage' }

/** How one vendor's endpoint speaks: which requests it takes and the events of an answer. */
export type ModelWire = {
  /** The path of a call for an answer. */
  answers: RegExp
  /** The path of the call that only asks whether the endpoint is there. */
  probe: RegExp
  /** Why the vendor would refuse a request, if it would. */
  refusal(request: SeenRequest): string | undefined
  /** The turns of a conversation in a request, without the system message. */
  turns(body: unknown): { role: string; content: string }[]
  /** An error in the vendor's form. */
  failure(status: number, message: string): unknown
  start(inputTokens: number): string
  piece(piece: unknown): string
  end(inputTokens: number, outputTokens: number, request: SeenRequest, countsTokens: boolean): string
}

export type ModelServer = TestServer & {
  /** Bodies of the requests for an answer, in order of arrival. */
  bodies(): Record<string, unknown>[]
  /** Queues faults, one per request to come. */
  next(...faults: ModelFault[]): void
}

export type ModelServerOptions = {
  /** Wait before each piece, in milliseconds. */
  delayMs?: number
  /** Pieces of every answer; otherwise the question comes back word by word. */
  pieces?: readonly unknown[]
}

/** A real HTTP server that answers as a vendor's endpoint does, as a stream, and fails on demand. */
export async function startModelServer(wire: ModelWire, options: ModelServerOptions = {}): Promise<ModelServer> {
  const faults: ModelFault[] = []
  const asksFor = (request: SeenRequest) => wire.answers.test(request.path)
  const server = await startHttpServer(async (request, response) => {
    if (wire.probe.test(request.path)) return sendJson(response, 200, { object: 'list', data: [{ id: 'm1' }] })
    if (!asksFor(request)) return sendJson(response, 404, wire.failure(404, 'no such path'))
    const fault = faults.shift()
    const refusal = wire.refusal(request)
    if (refusal !== undefined) return sendJson(response, 400, wire.failure(400, refusal))
    await answer(wire, request, response, fault, options)
  })
  return {
    ...server,
    bodies: () => server.requests.filter(asksFor).map((request) => request.body as Record<string, unknown>),
    next: (...more) => faults.push(...more),
  }
}

async function answer(
  wire: ModelWire,
  request: SeenRequest,
  res: ServerResponse,
  fault: ModelFault | undefined,
  { delayMs = 0, pieces }: ModelServerOptions,
): Promise<void> {
  if (fault !== undefined && 'status' in fault)
    return sendJson(res, fault.status, fault.body ?? wire.failure(fault.status, 'asked for'), fault.headers)
  const head = (contentType = 'text/event-stream') => res.writeHead(200, { 'content-type': contentType })
  if (fault !== undefined && 'raw' in fault) {
    head(fault.contentType)
    for (const part of fault.raw) {
      res.write(part)
      await sleep(2)
    }
    res.end()
    return
  }
  const kind = fault?.fault
  if (kind === 'stall') return
  if (kind === 'cut') return void res.destroy()
  const question = wire.turns(request.body).findLast((turn) => turn.role === 'user')?.content ?? ''
  const words = pieces ?? question.match(/\s*\S+/g) ?? []
  const inputTokens = Math.ceil(JSON.stringify(request.body).length / 4)
  head()
  res.write(wire.start(inputTokens))
  for (const word of words) {
    if (delayMs > 0) await sleep(delayMs)
    if (res.destroyed) return
    res.write(wire.piece(word))
    if (kind === 'stall-after-one') return
    if (kind === 'cut-after-one') return void setTimeout(() => res.destroy(), 5)
    if (kind === 'end-early') return void res.end()
  }
  res.end(wire.end(inputTokens, words.length + 1, request, kind !== 'no-usage'))
}
