import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { NoAnswer } from './errors.ts'
import type { Place } from './place.ts'

const ATTEMPTS = 3
const MAX_SOCKETS = 256

/** A command of the SDK, and its answer. */
type Command = { resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: unknown }> }
type Answer<C extends Command> = Awaited<ReturnType<ReturnType<C['resolveMiddleware']>>>['output']

/** What the answers themselves tell about the server. */
export type Seen = {
  /** Its `Server` header. */
  server: string
  /** Its clock minus ours. */
  skewMs: number
}

/** The SDK's client with a limit on how long an answer may take. */
export class Client {
  readonly sdk: S3Client
  readonly seen: Seen = { server: '', skewMs: 0 }
  readonly #timeoutMs: number

  constructor(place: Place) {
    this.#timeoutMs = place.timeoutMs
    this.sdk = new S3Client(configOf(place, place.endpoint))
    this.sdk.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args)
        this.#look((result.response as { headers?: Record<string, string> }).headers ?? {})
        return result
      },
      { step: 'deserialize', priority: 'low', name: 'snugLooksAtHeaders' },
    )
  }

  /** Sends a command. Throws what the SDK throws, or `NoAnswer`; a body in the answer goes on without a limit. */
  async send<C extends Command>(command: C, signal?: AbortSignal): Promise<Answer<C>> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), this.#timeoutMs)
    const abortSignal = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
    try {
      return (await this.sdk.send(command as never, { abortSignal })) as Answer<C>
    } catch (err) {
      if (late.signal.aborted && signal?.aborted !== true)
        throw new NoAnswer(`no answer within ${this.#timeoutMs} ms`, { cause: err })
      throw err
    } finally {
      clearTimeout(timer)
    }
  }

  #look(headers: Record<string, string>): void {
    this.seen.server = headers.server ?? this.seen.server
    const atMs = Date.parse(headers.date ?? '')
    if (!Number.isNaN(atMs)) this.seen.skewMs = atMs - Date.now()
  }
}

/** The SDK's settings for a server. */
export function configOf(place: Place, endpoint: string | undefined): S3ClientConfig {
  const checksums = place.checksums === 'required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED'
  return {
    region: place.region,
    forcePathStyle: place.pathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(place.keys === undefined ? {} : { credentials: place.keys }),
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    // the connection may be in use by slow readers; waiting for one is not worth a warning
    requestHandler: {
      connectionTimeout: Math.min(place.timeoutMs, 5_000),
      socketTimeout: place.timeoutMs,
      socketAcquisitionWarningTimeout: 3_600_000,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
    retryStrategy: retries(),
  }
}

type RetryToken = { getRetryCount(): number; getRetryDelay(): number }

/** What servers over a file system say also when a neighbour is removed at the same time. */
const RACES: ReadonlySet<string> = new Set(['ExistingObjectIsDirectory', 'ObjectParentIsFile'])

/** Twice again after a server's own failure or a broken connection; never after silence, which has cost time enough. */
function retries() {
  const token = (count: number): RetryToken => ({
    getRetryCount: () => count,
    getRetryDelay: () => (count === 0 ? 0 : 50 * 4 ** count * (0.5 + Math.random() / 2)),
  })
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last: RetryToken, info: { error?: Error; errorType: string }) => {
      const name = info.error?.name ?? ''
      const isFinal = name === 'TimeoutError' || (info.errorType === 'CLIENT_ERROR' && !RACES.has(name))
      if (isFinal || last.getRetryCount() + 1 >= ATTEMPTS) throw info.error ?? new Error('no more attempts')
      return token(last.getRetryCount() + 1)
    },
    recordSuccess: () => undefined,
  }
}
