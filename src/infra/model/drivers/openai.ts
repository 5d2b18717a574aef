import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { AppError, codeOf } from '../../../base/errors.ts'
import { retry } from '../../../base/retry.ts'
import { parseDuration } from '../../../base/units.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type {
  ContentPart,
  DriverEvent,
  FinishReason,
  ModelDriver,
  ModelMessage,
  ModelRequest,
  Usage,
} from '../driver.ts'
import { BodyRules } from './openai/body.ts'
import { failureOf } from './openai/failure.ts'
import { ThinkSplitter } from './openai/thinking.ts'

/** Node's `fetch` gives up on its own after five minutes of silence. */
const MAX_TIMEOUT_MS = 300_000

const Duration = z.string().transform((text, ctx) => {
  const ms = /^\d+(\.\d+)?(ms|s|m)$/.test(text) ? parseDuration(text) : 0
  if (ms > 0 && ms <= MAX_TIMEOUT_MS) return ms
  ctx.addIssue({ code: 'custom', message: 'is a duration such as 500ms or 60s, at most 5m' })
  return z.NEVER
})
const Flag = z.enum(['0', '1'], 'is 0 or 1').transform((flag) => flag === '1')

const Params = z.strictObject({
  model: z.string({ error: 'is required' }).min(1, 'is required'),
  api_key: z.string().optional(),
  tls: Flag.optional(),
  timeout: Duration.default(60_000),
  max_retries: z.coerce.number().int().min(0).max(10).default(2),
  vision: Flag.default(false),
})

type Options = { apiKey?: string; warn?: (text: string) => void }
type Provider = ReturnType<typeof createOpenAICompatible>
type ChatModel = ReturnType<Provider['chatModel']>
type CallOptions = Parameters<ChatModel['doStream']>[0]
type Part = Awaited<ReturnType<ChatModel['doStream']>>['stream'] extends ReadableStream<infer T> ? T : never
/** An answer that has begun: its reader, and the first part that says something. */
type Begun = { reader: ReadableStreamDefaultReader<Part>; first: Part | undefined }

/**
 * `openai://host[:port]/v1?model=…` – any endpoint with OpenAI's `POST /chat/completions`: OpenAI, vLLM, Ollama, LM
 * Studio, llama.cpp, DeepSeek, Qwen, … The path is `/v1` when the URI has none.
 *
 * `model` (required); `api_key` (better: MODEL_API_KEY); `tls=0|1` – by default private hosts and port 80 are called in
 * the clear, everything else by TLS; `timeout=60s` – the longest silence, not the whole answer; `max_retries=2` – before
 * the first piece only; `vision=1` – the model sees images. `topK` has no place in this protocol and is left out.
 */
export async function open(uri: Uri, options: Options = {}): Promise<ModelDriver> {
  const params = parseParams(uri, Params)
  const url = endpointUrl(uri, { path: '/v1', tls: params.tls })
  const apiKey = params.api_key ?? options.apiKey
  const rules = new BodyRules(options.warn ?? (() => undefined))
  const provider = createOpenAICompatible({
    name: 'openai',
    baseURL: url,
    includeUsage: true,
    ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }),
    transformRequestBody: (body) => rules.apply(body),
    // A redirect would turn the POST into a GET, or send the key elsewhere.
    fetch: (input, init) => fetch(input, { ...init, redirect: 'manual' }),
  })
  const endpoint = { chat: provider.chatModel(params.model), apiKey, rules, params }
  return {
    info: { provider: 'openai', id: params.model, name: params.model },
    features: new Set(params.vision ? ['vision'] : []),
    stream: (request, signal) => stream(endpoint, request, signal),
    health: async (signal) => {
      const headers = apiKey ? { authorization: `Bearer ${apiKey}` } : undefined
      const response = await fetch(`${url}/models`, { signal, redirect: 'manual', ...(headers ? { headers } : {}) })
      await response.body?.cancel()
      if (response.status === 401) throw new AppError('unauthenticated', 'the model endpoint refuses the key')
      if (response.status >= 500) throw new AppError('unavailable', `the model endpoint answers ${response.status}`)
      return { status: 'up', checks: { model: params.model, vision: params.vision } }
    },
    codeOf,
    close: async () => undefined,
  }
}

type Endpoint = { chat: ChatModel; apiKey: string | undefined; rules: BodyRules; params: z.infer<typeof Params> }

async function* stream(endpoint: Endpoint, request: ModelRequest, signal: AbortSignal): AsyncGenerator<DriverEvent> {
  const { timeout: timeoutMs, max_retries: retries } = endpoint.params
  let quiet = new Quiet(timeoutMs, signal)
  const fail = (err: unknown) => (quiet.isOver ? tooQuiet(timeoutMs) : failureOf(err, endpoint.apiKey))
  const attempt = async (): Promise<Begun> => {
    quiet.end()
    quiet = new Quiet(timeoutMs, signal)
    try {
      return await begin(endpoint.chat, callOptions(request, quiet.signal))
    } catch (err) {
      const failure = fail(err)
      quiet.end()
      if (endpoint.rules.learn(failure)) return attempt()
      throw failure
    }
  }
  let reader: Begun['reader'] | undefined
  try {
    const begun = await retry(attempt, {
      retries,
      // A silent endpoint is slow because it is loaded; asking again would load it more.
      isRetryable: (err) => err instanceof AppError && (err.code === 'unavailable' || err.code === 'rate_limited'),
      askedMs: (err) => {
        const asked = err instanceof AppError ? err.details.retryAfterMs : undefined
        return typeof asked === 'number' ? asked : undefined
      },
      signal,
    })
    reader = begun.reader
    yield* eventsOf(begun, quiet)
  } catch (err) {
    throw signal.aborted ? signal.reason : fail(err)
  } finally {
    quiet.end()
    reader?.cancel().catch(() => undefined)
  }
}

const tooQuiet = (timeoutMs: number): AppError =>
  new AppError('deadline_exceeded', `the model endpoint was silent for ${timeoutMs / 1000} s`)

/** Starts the call and reads up to the first part that says something, so that an early error can be retried. */
async function begin(chat: ChatModel, options: CallOptions): Promise<Begun> {
  const reader = (await chat.doStream(options)).stream.getReader()
  for (;;) {
    const { value } = await reader.read()
    if (value?.type === 'stream-start' || value?.type === 'response-metadata') continue
    if (value?.type !== 'error') return { reader, first: value }
    reader.cancel().catch(() => undefined)
    throw value.error
  }
}

async function* eventsOf({ reader, first }: Begun, quiet: Quiet): AsyncGenerator<DriverEvent> {
  const splitter = new ThinkSplitter()
  for (let part = first; part !== undefined; part = (await reader.read()).value) {
    quiet.restart()
    if (part.type === 'text-delta') yield* splitter.push(part.delta)
    else if (part.type === 'reasoning-delta') yield { type: 'reasoning', text: part.delta }
    else if (part.type === 'error') throw part.error
    else if (part.type === 'finish') {
      yield* splitter.end()
      const usage = usageOf(part.usage.inputTokens.total, part.usage.outputTokens.total)
      yield { type: 'finish', reason: reasonOf(part.finishReason.unified), ...(usage === undefined ? {} : { usage }) }
      return
    }
  }
}

function usageOf(inputTokens: number | undefined, outputTokens: number | undefined): Usage | undefined {
  if (inputTokens === undefined || outputTokens === undefined || inputTokens === 0) return undefined
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
}

function reasonOf(unified: string): FinishReason {
  if (unified === 'content-filter') return 'content_filter'
  return unified === 'stop' || unified === 'length' ? unified : 'other'
}

function callOptions(request: ModelRequest, abortSignal: AbortSignal): CallOptions {
  const { temperature, topP, maxTokens, presencePenalty, frequencyPenalty, responseFormat } = request.params ?? {}
  return {
    prompt: request.messages.map(toPrompt),
    abortSignal,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(responseFormat === 'json' ? { responseFormat: { type: 'json' } } : {}),
  }
}

type PromptMessage = CallOptions['prompt'][number]
type UserPart = Extract<PromptMessage, { role: 'user' }>['content'][number]

function toPrompt({ role, content }: ModelMessage): PromptMessage {
  const parts: readonly ContentPart[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
  if (role === 'system') return { role, content: text }
  if (role === 'assistant') return { role, content: [{ type: 'text', text }] }
  return { role, content: parts.flatMap(toUserPart) }
}

function toUserPart(part: ContentPart): UserPart[] {
  if (part.type === 'text') return [part]
  if (part.type === 'file') return []
  if ('data' in part)
    return [{ type: 'file', mediaType: part.mediaType ?? 'image/*', data: { type: 'data', data: part.data } }]
  const url = URL.parse(part.url)
  if (url === null || !/^(?:https?|data):$/.test(url.protocol))
    throw new AppError('invalid_argument', 'the address of an image must be an http, https or data URL')
  return [{ type: 'file', mediaType: 'image/*', data: { type: 'url', url } }]
}

/** Aborts after a silence of `ms`; each `restart` begins a new one. */
class Quiet {
  readonly signal: AbortSignal
  readonly #over = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#over.signal])
    this.#timer = setTimeout(() => this.#over.abort(), ms)
  }

  get isOver(): boolean {
    return this.#over.signal.aborted
  }

  restart(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
