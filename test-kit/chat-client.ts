import assert from 'node:assert/strict'
import { type ChatKit, type ChatKitOptions, chatKit } from './chat.ts'

export type SentEvent = { event: string; data: Record<string, unknown> | string }
// biome-ignore lint/suspicious/noExplicitAny: an answer is what the test is about to find out
export type ApiAnswer = { status: number; type: string; text: string; body: any }

/** Reads a stream as strictly as the Python SDK: exactly two lines an event, then a blank one. */
export function readEvents(text: string): SentEvent[] {
  assert.ok(text.endsWith('\n\n'), 'the stream must end in a blank line')
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const match = /^event:([a-z_.]+)\ndata:(.+)$/.exec(block)
      assert.ok(match, `not an event: ${block}`)
      return { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') }
    })
}

/** A chat kit behind a real socket, with the calls that tests make most. */
export async function apiClient(options: ChatKitOptions = {}, sharing?: ChatKit) {
  const kit = sharing === undefined ? await chatKit(options) : await sharing.another(options)
  const app = await kit.server()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const request = (method: string, path: string, body?: unknown, token = 'pat_ann', signal?: AbortSignal) => {
    const type = body === undefined ? 'application/x-www-form-urlencoded' : 'application/json'
    const headers = { authorization: `Bearer ${token}`, ...(method === 'GET' ? {} : { 'content-type': type }) }
    return fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  }
  const call = async (method: string, path: string, body?: unknown, token?: string): Promise<ApiAnswer> => {
    const answer = await request(method, path, body, token)
    const text = await answer.text()
    const type = answer.headers.get('content-type') ?? ''
    return {
      status: answer.status,
      type,
      text,
      body: type.startsWith('application/json') ? JSON.parse(text) : undefined,
    }
  }
  const ask = (text: string, extra: object = {}, query = '', token?: string) => {
    const messages = [{ role: 'user', type: 'question', content: text, content_type: 'text' }]
    const body = { bot_id: kit.agentId, user_id: 'u-1', additional_messages: messages, ...extra }
    return call('POST', `/v3/chat${query}`, body, token)
  }
  return {
    ...kit,
    url,
    request,
    get: (path: string, token?: string) => call('GET', path, undefined, token),
    post: (path: string, body?: unknown, token?: string) => call('POST', path, body, token),
    put: (path: string, body?: unknown, token?: string) => call('PUT', path, body, token),
    delete: (path: string, token?: string) => call('DELETE', path, undefined, token),
    ask,
    /** A streamed chat, read to its end. */
    stream: async (text: string, extra: object = {}, query = ''): Promise<SentEvent[]> => {
      const answer = await ask(text, { stream: true, ...extra }, query)
      assert.match(answer.type, /^text\/event-stream/, answer.text)
      return readEvents(answer.text)
    },
  }
}
export type ApiClient = Awaited<ReturnType<typeof apiClient>>
