import type { ModelWire } from '../model-server.ts'

type Body = {
  messages: { role: string; content: string | { type: string; text?: string }[] }[]
  stream_options?: unknown
}

const textIn = (content: Body['messages'][number]['content']): string =>
  typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('')
const event = (choices: unknown[], more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices, ...more })}\n\n`

/** One event that carries a piece of the answer. */
export const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null): string =>
  event([{ index: 0, delta, finish_reason }])

/** The messages of a request; their contents as text. */
export const messagesIn = (body: unknown): { role: string; content: string }[] =>
  ((body as Body | undefined)?.messages ?? []).map(({ role, content }) => ({ role, content: textIn(content) }))

/** OpenAI's `POST /v1/chat/completions`. A piece is a word or a whole delta. */
export const openaiWire: ModelWire = {
  answers: /^\/v1\/chat\/completions$/,
  probe: /^\/v1\/models$/,
  refusal: () => undefined,
  turns: messagesIn,
  failure: (_status, message) => ({ error: { message } }),
  start: () => chunk({ role: 'assistant', content: '' }),
  piece: (piece) => chunk(typeof piece === 'string' ? { content: piece } : (piece as Record<string, unknown>)),
  end: (prompt_tokens, completion_tokens, request, countsTokens) => {
    const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
    const counts = countsTokens && (request.body as Body).stream_options !== undefined
    return `${chunk({}, 'stop')}${counts ? event([], { usage }) : ''}data: [DONE]\n\n`
  },
}
