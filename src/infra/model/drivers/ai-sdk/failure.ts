import { askedWaitMs, codeOfStatus, isKeyRefused, isQuotaSpent, reasonIn } from '../../../../base/endpoint.ts'
import { AppError, codeOf, type ErrorCode } from '../../../../base/errors.ts'

const TOO_LONG =
  /context[ _-]?(?:length|window|size)|maximum (?:context|prompt|input)|too many (?:input )?tokens|(?:prompt|input|request) is too (?:long|large)|exceeds? .{0,40}(?:context|token)/i

/** What the SDK's error for a failed call carries. Read by shape: only the driver imports the SDK. */
type CallFailure = { statusCode?: number; responseBody?: string; responseHeaders?: Record<string, string> }

const isCallFailure = (err: unknown): err is Error & CallFailure => err instanceof Error && 'requestBodyValues' in err

/** The first error in the chain of causes that names a system or socket error. */
function systemError(err: unknown): Error | undefined {
  for (let at = err, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string') return at
  return undefined
}

function ofStatus(status: number, body: string, headers: Record<string, string>, apiKey: string | undefined): AppError {
  // Endpoints repeat most of a key that they refuse, so nothing of that answer is passed on.
  const refusedKey = isKeyRefused(status, body)
  const reason = refusedKey ? '' : reasonIn(body, [apiKey])
  const says = reason === '' ? '' : `: ${reason}`
  const retryAfterMs = askedWaitMs(headers['retry-after'], body, Date.now())
  const details = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  if (status === 413 || ((status === 400 || status === 422 || status === 500) && TOO_LONG.test(body)))
    return new AppError('invalid_argument', `the prompt is too long for the model${says}`, {
      details: { ...details, reason: 'context_length' },
    })
  if (isQuotaSpent(status, body))
    return new AppError('resource_exhausted', `the quota of the model's account is used up${says}`, { details })
  const code = refusedKey && status !== 403 ? 'unauthenticated' : codeOfStatus(status)
  const hint =
    code === 'unauthenticated'
      ? '; check MODEL_API_KEY'
      : status === 404
        ? '; check the path and the model in MODEL_URI'
        : ''
  return new AppError(code, `the model endpoint answered with status ${status}${says}${hint}`, {
    details,
  })
}

/**
 * What a failed call or a broken stream means. The SDK's own error is not kept as the cause: it holds the whole prompt,
 * which has no place in a log.
 */
export function failureOf(err: unknown, apiKey: string | undefined): unknown {
  if (err instanceof AppError || (err instanceof Error && err.name === 'AbortError')) return err
  if (isCallFailure(err) && err.statusCode !== undefined && (err.statusCode >= 300 || err.statusCode < 200))
    return ofStatus(err.statusCode, err.responseBody ?? '', err.responseHeaders ?? {}, apiKey)
  const cause = systemError(err)
  if (cause !== undefined) return unreachable(cause)
  if (err instanceof Error && err.name === 'AI_UnsupportedFunctionalityError')
    return new AppError('invalid_argument', 'the model endpoint does not take this kind of content', {
      cause: plain(err),
    })
  if (err instanceof TypeError || isCallFailure(err))
    return new AppError('unavailable', 'the connection to the model endpoint broke', { cause: plain(err) })
  if (err instanceof Error && /finish reason/i.test(err.message))
    return new AppError('unavailable', 'the model endpoint ended its answer early; check the path in MODEL_URI', {
      cause: plain(err),
    })
  if (err instanceof Error)
    return new AppError('corrupt', 'the model endpoint answered in a form that was not asked for', {
      cause: plain(err),
    })
  return ofErrorEvent(err, apiKey)
}

const plain = (err: Error): Error => new Error(`${err.name}: ${err.message.slice(0, 300)}`)

function unreachable(cause: Error): AppError {
  const code: ErrorCode = /TIMEOUT/.test(String('code' in cause && cause.code)) ? 'deadline_exceeded' : 'unavailable'
  const known = codeOf(cause)
  return new AppError(known === 'deadline_exceeded' ? known : code, 'the model endpoint could not be reached', {
    cause,
  })
}

/** An `error` event inside a stream: `{message, type, code, statusCode}` in many variants. */
function ofErrorEvent(event: unknown, apiKey: string | undefined): AppError {
  const { code, type, statusCode } = (typeof event === 'object' && event !== null ? event : {}) as {
    code?: unknown
    type?: unknown
    statusCode?: unknown
  }
  const body = JSON.stringify({ error: event })
  const given = [statusCode, code].find((n) => typeof n === 'number' && n >= 400 && n < 600)
  const status = typeof given === 'number' ? given : statusNamed(`${code} ${type}`)
  return ofStatus(status, body, {}, apiKey)
}

function statusNamed(text: string): number {
  if (TOO_LONG.test(text) || /invalid_request/.test(text)) return 400
  if (/rate_limit/.test(text)) return 429
  if (/authentication|invalid_api_key/.test(text)) return 401
  return 503
}
