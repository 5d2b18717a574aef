import type { SeenRequest } from '../http-server.ts'
import type { ModelWire } from '../model-server.ts'

type Body = {
  model?: string
  max_tokens?: number
  stream?: boolean
  messages: { role: string; content: string | { type: string; text?: string }[] }[]
}

const NAMES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

/** One event of a stream. */
export const event = (type: string, data: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`

const turns = (body: unknown): { role: string; content: string }[] =>
  (body as Body).messages.map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? content : content.map((part) => part.text ?? '').join(''),
  }))

function refusal(request: SeenRequest): string | undefined {
  const { model, max_tokens, stream, messages } = request.body as Body
  const { headers } = request
  if (headers['x-api-key'] === undefined) return 'x-api-key header is required'
  if (headers['anthropic-version'] !== '2023-06-01') return 'anthropic-version: header is required'
  if (model === undefined || stream !== true) return 'model: Field required'
  if (max_tokens === undefined || max_tokens < 1) return 'max_tokens: Field required'
  const roles = messages.map((message) => message.role)
  if (roles[0] !== 'user') return 'messages: first message must use the "user" role'
  if (!roles.every((role) => role === 'user' || role === 'assistant')) return 'messages: Unexpected role'
  if (turns(request.body).some((turn) => turn.role === 'user' && turn.content.trim() === ''))
    return 'messages: text content blocks must be non-empty'
  return undefined
}

/** Anthropic's `POST /v1/messages`, strict about what the API demands. A piece is a word. */
export const anthropicWire: ModelWire = {
  answers: /^\/v1\/messages$/,
  probe: /^\/v1\/models\?limit=1$/,
  refusal,
  turns,
  failure: (status, message) => ({
    type: 'error',
    error: { type: NAMES[status] ?? 'api_error', message },
    request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
  }),
  start: (input_tokens) =>
    event('message_start', {
      message: {
        id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'm1',
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens, output_tokens: 1 },
      },
    }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('ping', {}),
  piece: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  end: (_input, output_tokens) =>
    event('content_block_stop', { index: 0 }) +
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens } }) +
    event('message_stop', {}),
}
