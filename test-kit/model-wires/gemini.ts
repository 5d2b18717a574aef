import type { SeenRequest } from '../http-server.ts'
import type { ModelWire } from '../model-server.ts'

type Body = {
  contents: { role?: string; parts: { text?: string; inlineData?: unknown; fileData?: unknown }[] }[]
  systemInstruction?: { parts: { text: string }[] }
}

const NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}

/** One event of a stream. */
export const event = (data: object): string => `data: ${JSON.stringify(data)}\r\n\r\n`

/** The answer's text of one event. */
export const candidate = (text: string, more: object = {}): object => ({
  content: { parts: [{ text }], role: 'model' },
  index: 0,
  ...more,
})

const turns = (body: unknown): { role: string; content: string }[] =>
  (body as Body).contents.map(({ role = 'user', parts }) => ({
    role,
    content: parts.map((part) => part.text ?? '').join(''),
  }))

function refusal({ headers, body, path }: SeenRequest): string | undefined {
  if (headers['x-goog-api-key'] === undefined) return "Method doesn't allow unregistered callers."
  if (!path.endsWith('?alt=sse')) return 'the answer is asked for as one JSON array'
  const roles = (body as Body).contents.map((content) => content.role)
  if (roles[0] !== 'user' || roles.some((role, i) => role === roles[i - 1]))
    return 'Please ensure that multiturn requests alternate between user and model.'
  return undefined
}

const usageOf = (promptTokenCount: number, candidatesTokenCount: number) => ({
  promptTokenCount,
  candidatesTokenCount,
  totalTokenCount: promptTokenCount + candidatesTokenCount,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokenCount }],
})

/** Google's `POST /v1beta/models/…:streamGenerateContent`, strict about what the API demands. A piece is a word. */
export const geminiWire: ModelWire = {
  answers: /^\/v1beta\/models\/[\w.-]+:streamGenerateContent/,
  probe: /^\/v1beta\/models\?pageSize=1$/,
  refusal,
  turns,
  failure: (code, message) => ({ error: { code, message, status: NAMES[code] ?? 'INTERNAL' } }),
  start: () => '',
  piece: (text) => event({ candidates: [candidate(String(text))], modelVersion: 'm1', responseId: 'r1' }),
  end: (input, output, _request, countsTokens) =>
    event({
      candidates: [candidate('', { finishReason: 'STOP' })],
      ...(countsTokens ? { usageMetadata: usageOf(input, output) } : {}),
      modelVersion: 'm1',
      responseId: 'r1',
    }),
}
