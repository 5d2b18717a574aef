import type { ErrorCode } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'

/** One piece of a message. An image is given as bytes or by a URL that the model's endpoint fetches itself. */
export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image'; mediaType?: string; data: Uint8Array }
  | { type: 'image'; url: string }
  | { type: 'file'; mediaType: string; name: string; data: Uint8Array }

/** One turn of a conversation, oldest first in a request. */
export type ModelMessage = { role: 'system' | 'user' | 'assistant'; content: string | readonly ContentPart[] }

/** A piece of recalled knowledge. `score` is 0…1, higher is nearer; it is comparable within one request only. */
export type Passage = {
  chunkId: string
  documentId: string
  documentName: string
  datasetId: string
  content: string
  score: number
}

/** How to write the answer. What an endpoint does not know is left out, never guessed. */
export type ModelParams = {
  temperature?: number
  topP?: number
  topK?: number
  maxTokens?: number
  presencePenalty?: number
  frequencyPenalty?: number
  responseFormat?: 'text' | 'markdown' | 'json'
}

/**
 * What to answer. `passages` absent means that no knowledge is bound to the agent; an empty list means that there
 * is knowledge and that nothing in it fits the question.
 */
export type ModelRequest = {
  messages: readonly ModelMessage[]
  /** Best first. */
  passages?: readonly Passage[]
  params?: ModelParams
}

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'other'
export type Usage = { inputTokens: number; outputTokens: number; totalTokens: number }

/** What a stream is made of: any number of text and reasoning pieces, then exactly one `finish`. */
export type ModelEvent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'finish'; reason: FinishReason; usage: Usage }

/** The model that answers: `id` is the provider's own name for it, `name` is for people. */
export type ModelInfo = { provider: string; id: string; name: string }

/** As `ModelEvent`; a driver that is not told the usage leaves it out and the front estimates it. */
export type DriverEvent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'finish'; reason: FinishReason; usage?: Usage }

/**
 * What a model provider implements. Applications use `Model` in model.ts, which has already checked the request
 * and fitted it to the driver's features. Streams may run concurrently, a thousand at a time.
 */
export interface ModelDriver {
  readonly info: ModelInfo
  /**
   * `passages`: the driver reads the recalled passages and the attachments itself; for the others the front writes
   * them into the prompt. `vision`: images may be sent; otherwise the front puts a note in their place.
   */
  readonly features: ReadonlySet<string>
  /**
   * Starts an answer and yields its pieces as they come. The last event is `finish`; an answer that was cut off
   * must throw instead. Stops its work and its connection when the signal is aborted or the iterator returned.
   * Throws an `AppError` when there is something to tell the user, otherwise the raw error.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<DriverEvent>
  /** Asks the engine whether it would answer, without costs. Throws when it cannot be reached. */
  health(signal: AbortSignal): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  /** The code for a raw error that this driver threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
  /** Releases every resource. Called once; running streams have been aborted before. */
  close(): Promise<void>
}
