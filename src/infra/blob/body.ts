import { AppError, codeOf } from '../../base/errors.ts'

export type BlobBody = Uint8Array | string | AsyncIterable<Uint8Array>

/**
 * The body as the driver reads it: chunks, counted against the announced size, interrupted by the signal. A source
 * that fails reads as `canceled`, because its sender has gone; an `AppError` of the source passes unchanged.
 */
export async function* readBody(
  body: BlobBody,
  { sizeBytes, signal }: { sizeBytes: number | undefined; signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0
  const wrong = () => new AppError('invalid_argument', `the body has not the announced ${sizeBytes} bytes`)
  for await (const chunk of interruptible(chunksOf(body), signal)) {
    if (!(chunk instanceof Uint8Array)) throw new AppError('invalid_argument', 'the body must yield bytes')
    seen += chunk.length
    if (sizeBytes !== undefined && seen > sizeBytes) throw wrong()
    yield chunk
  }
  if (sizeBytes !== undefined && seen !== sizeBytes) throw wrong()
}

async function* chunksOf(body: BlobBody): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof body === 'string') return void (yield Buffer.from(body))
  if (body instanceof Uint8Array) return void (yield body)
  try {
    yield* body
  } catch (err) {
    if (err instanceof AppError) throw err
    const code = codeOf(err) === 'deadline_exceeded' ? 'deadline_exceeded' : 'canceled'
    throw new AppError(code, 'the body ended before it was complete', { cause: err })
  }
}

/** Stops waiting for a source that hangs as soon as the signal aborts. */
async function* interruptible<T>(
  source: AsyncGenerator<T, void, undefined>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  if (signal === undefined) return yield* source
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => undefined)
  const abort = () => aborted.reject(new AppError('canceled', 'the call was canceled', { cause: signal.reason }))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    while (true) {
      const next = await Promise.race([source.next(), aborted.promise])
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // Not awaited: a source that hangs would hang here too.
    source.return().catch(() => undefined)
  }
}
