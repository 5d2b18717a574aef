import { AppError } from '../../../../base/errors.ts'
import { retry } from '../../../../base/retry.ts'
import type { DriverEvent, FinishReason, ModelRequest, Usage } from '../../driver.ts'
import { failureOf } from './failure.ts'
import { type CallOptions, type ChatModel, callOptions } from './prompt.ts'
import { Quiet } from './quiet.ts'

type Part = Awaited<ReturnType<ChatModel['doStream']>>['stream'] extends ReadableStream<infer T> ? T : never
type Piece = Extract<DriverEvent, { type: 'text' | 'reasoning' }>
/** An answer that has begun: its reader, and the first part that says something. */
type Begun = { reader: ReadableStreamDefaultReader<Part>; first: Part }

/** Takes apart text that holds more than one kind of pieces; one per answer. */
export type Splitter = { push(text: string): Piece[]; end(): Piece[] }

/** A model behind a wire, as an AI SDK provider reaches it. */
export type Endpoint = {
  chat: ChatModel
  apiKey: string | undefined
  /** The longest silence, in milliseconds. */
  timeoutMs: number
  /** Further attempts before the first piece. */
  retries: number
  /** What this vendor is told besides the request. */
  options?: Partial<CallOptions>
  /** Fits a request to the vendor's protocol. */
  fit?: (request: ModelRequest) => ModelRequest
  /** Whether something was learnt from a failure, so that the same request may work now. */
  learn?: (failure: unknown) => boolean
  split?: () => Splitter
}

const EARLY = 'the model endpoint ended its answer early; check the path in MODEL_URI'

/** One answer, as `ModelDriver.stream` promises it. */
export async function* streamAnswer(
  endpoint: Endpoint,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<DriverEvent> {
  const { timeoutMs, retries, fit = (given) => given } = endpoint
  let quiet = new Quiet(timeoutMs, signal)
  const fail = (err: unknown) => (quiet.isOver ? tooQuiet(timeoutMs) : failureOf(err, endpoint.apiKey))
  const attempt = async (): Promise<Begun> => {
    quiet.end()
    quiet = new Quiet(timeoutMs, signal)
    try {
      const options = { ...callOptions(fit(request), quiet.signal), ...endpoint.options }
      return await begin(endpoint.chat, options, quiet)
    } catch (err) {
      const failure = fail(err)
      quiet.end()
      if (endpoint.learn?.(failure)) return attempt()
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
    yield* eventsOf(begun, quiet, endpoint.split?.())
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
async function begin(chat: ChatModel, options: CallOptions, quiet: Quiet): Promise<Begun> {
  const reader = (await chat.doStream(options)).stream.getReader()
  try {
    for (;;) {
      const part = await next(reader, quiet)
      if (/^(text-delta|reasoning-delta|finish)$/.test(part.type)) return { reader, first: part }
    }
  } catch (err) {
    reader.cancel().catch(() => undefined)
    throw err
  }
}

/** The next part. Throws what the stream holds as an error, and when it ends before it is complete. */
async function next(reader: Begun['reader'], quiet: Quiet): Promise<Part> {
  const { value } = await reader.read()
  quiet.restart()
  if (value?.type === 'error') throw value.error
  if (value === undefined || (value.type === 'finish' && value.finishReason.unified === 'interrupted'))
    throw new AppError('unavailable', EARLY)
  return value
}

async function* eventsOf(
  { reader, first }: Begun,
  quiet: Quiet,
  splitter: Splitter | undefined,
): AsyncGenerator<DriverEvent> {
  for (let part = first; ; part = await next(reader, quiet)) {
    if (part.type === 'text-delta') {
      if (splitter === undefined) yield { type: 'text', text: part.delta }
      else yield* splitter.push(part.delta)
    } else if (part.type === 'reasoning-delta') yield { type: 'reasoning', text: part.delta }
    else if (part.type === 'finish') {
      if (splitter !== undefined) yield* splitter.end()
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
