import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SeenRequest, sendJson, startHttpServer, type TestServer } from './http-server.ts'

/** What the next requests get instead of an answer. */
export type ChatFault =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | { raw: readonly string[]; contentType?: string }
  | { fault: 'stall' | 'stall-after-one' | 'cut' | 'cut-after-one' | 'end-early' | 'no-usage' }

export type ChatServer = TestServer & {
  /** Bodies of the chat requests, in order of arrival. */
  bodies(): Record<string, unknown>[]
  /** Messages of one of the chat requests, the first by default; their contents as text. */
  messages(of?: number): { role: string; content: string }[]
  /** Queues faults, one per request to come. */
  next(...faults: ChatFault[]): void
}

export type ChatServerOptions = {
  /** Wait before each piece, in milliseconds. */
  delayMs?: number
  /** Pieces of every answer; otherwise the question comes back word by word. */
  pieces?: readonly Record<string, unknown>[]
}

type Wire = {
  messages: { role: string; content: string | { type: string; text?: string }[] }[]
  stream_options?: unknown
}

const textIn = (content: Wire['messages'][number]['content']): string =>
  typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('')

/** One line of an event stream that carries a piece of the answer. */
export const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices: [{ index: 0, delta, finish_reason }] })}\n\n`

/** A real HTTP server that speaks OpenAI's chat completions as a stream, and fails on demand. */
export async function startChatServer(options: ChatServerOptions = {}): Promise<ChatServer> {
  const faults: ChatFault[] = []
  const isChat = (request: SeenRequest) => request.path === '/v1/chat/completions'
  const server = await startHttpServer(async (request, response) => {
    if (request.path === '/v1/models') return sendJson(response, 200, { object: 'list', data: [{ id: 'm1' }] })
    if (!isChat(request)) return sendJson(response, 404, { error: { message: 'no such path' } })
    await answer(request, response, faults.shift(), options)
  })
  return {
    ...server,
    bodies: () => server.requests.filter(isChat).map((request) => request.body as Record<string, unknown>),
    messages: (of = 0) => {
      const wire = server.requests.filter(isChat)[of]?.body as Wire | undefined
      return (wire?.messages ?? []).map(({ role, content }) => ({ role, content: textIn(content) }))
    },
    next: (...more) => faults.push(...more),
  }
}

async function answer(
  request: SeenRequest,
  res: ServerResponse,
  fault: ChatFault | undefined,
  { delayMs = 0, pieces }: ChatServerOptions,
): Promise<void> {
  if (fault !== undefined && 'status' in fault)
    return sendJson(res, fault.status, fault.body ?? { error: { message: 'asked for' } }, fault.headers)
  if (fault !== undefined && 'raw' in fault) {
    res.writeHead(200, { 'content-type': fault.contentType ?? 'text/event-stream' })
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
  const wire = request.body as Wire
  const question = textIn(wire.messages.findLast((message) => message.role === 'user')?.content ?? '')
  const words = pieces ?? [
    { role: 'assistant', content: '' },
    ...(question.match(/\s*\S+/g) ?? []).map((content) => ({ content })),
  ]
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const [i, piece] of words.entries()) {
    if (delayMs > 0) await sleep(delayMs)
    if (res.destroyed) return
    res.write(chunk(piece))
    if (i < 1) continue
    if (kind === 'stall-after-one') return
    if (kind === 'cut-after-one') return void setTimeout(() => res.destroy(), 5)
    if (kind === 'end-early') return void res.end()
  }
  res.write(chunk({}, 'stop'))
  if (wire.stream_options !== undefined && kind !== 'no-usage') {
    const prompt_tokens = Math.ceil(JSON.stringify(wire.messages).length / 4)
    const usage = { prompt_tokens, completion_tokens: words.length, total_tokens: prompt_tokens + words.length }
    res.write(
      `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices: [], usage })}\n\n`,
    )
  }
  res.end('data: [DONE]\n\n')
}
