import { askedWaitMs, codeOfStatus, isKeyRefused, isQuotaSpent, reasonIn } from '../../../../base/endpoint.ts'
import { AppError, codeOf, type ErrorCode } from '../../../../base/errors.ts'

/** How an endpoint is called. */
export type Endpoint = {
  url: string
  apiKey: string | undefined
  timeoutMs: number
  /** The header that carries the key; otherwise it is a bearer token. */
  keyHeader?: string
}

/** The error that an answer with a bad status means. Keys are never repeated, not even as far as the endpoint does. */
function failure(response: Response, body: string, apiKey: string | undefined): AppError {
  const { status } = response
  const isRefused = isKeyRefused(status, body)
  const reason = isRefused ? '' : reasonIn(body, [apiKey])
  const code: ErrorCode = isQuotaSpent(status, body)
    ? 'resource_exhausted'
    : isRefused && status !== 403
      ? 'unauthenticated'
      : codeOfStatus(status)
  const says = reason === '' ? '' : `: ${reason}`
  const retryAfterMs = askedWaitMs(response.headers.get('retry-after'), body, Date.now())
  const details = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  const hint = code === 'unauthenticated' ? '; check EMBEDDING_API_KEY' : ''
  return new AppError(code, `the embedding endpoint answered with status ${status}${says}${hint}`, { details })
}

/**
 * Sends JSON and reads JSON. `body` undefined means GET. Throws `AppError`: the code of the status, `unavailable` when
 * there is no connection, `deadline_exceeded` after `timeoutMs`, `corrupt` when the answer is no JSON; an abort of
 * `signal` passes through.
 */
export async function requestJson(
  endpoint: Endpoint,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const { url, apiKey, timeoutMs, keyHeader } = endpoint
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(apiKey === undefined || apiKey === ''
          ? {}
          : keyHeader === undefined
            ? { authorization: `Bearer ${apiKey}` }
            : { [keyHeader]: apiKey }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw failure(response, text, apiKey)
    return parse(text)
  } catch (err) {
    if (err instanceof AppError || signal.aborted) throw err
    if (timeout.aborted)
      throw new AppError('deadline_exceeded', `the embedding endpoint gave no answer in ${timeoutMs} ms`, {
        cause: err,
      })
    throw new AppError('unavailable', 'the embedding endpoint could not be reached', { cause: err })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (err) {
    throw new AppError('corrupt', 'the embedding endpoint answered with something that is not JSON', { cause: err })
  }
}

/** Whether anything answers there: any status will do, since few endpoints have a free call. */
export async function reach(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<void> {
  try {
    await requestJson(endpoint, path, undefined, signal)
  } catch (err) {
    if (err instanceof AppError && !['unavailable', 'deadline_exceeded', 'unauthenticated'].includes(err.code)) return
    throw err
  }
}

/** The class of a raw error of `fetch`; everything else is an `AppError` already. */
export const codeOfFetch = (err: unknown): ErrorCode => codeOf(err instanceof Error && err.cause ? err.cause : err)
