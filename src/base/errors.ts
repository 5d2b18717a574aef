/** Stable machine codes. Appended to, never renamed: clients and dashboards store them. */
export const ERROR_CODES = [
  'not_found',
  'already_exists',
  'invalid_argument',
  'out_of_range',
  'wrong_type',
  'failed_precondition',
  'conflict',
  'unauthenticated',
  'permission_denied',
  'resource_exhausted',
  'rate_limited',
  'unimplemented',
  'unavailable',
  'deadline_exceeded',
  'canceled',
  'busy',
  'corrupt',
  'closed',
  'internal',
  'unknown',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** What the same call may still achieve later: the service was away, slow or busy. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['unavailable', 'deadline_exceeded', 'busy', 'rate_limited'])

export type AppErrorOptions = { cause?: unknown; details?: Readonly<Record<string, unknown>> }

/**
 * The only error that crosses a folder. `message` and `details` are shown to API clients, so they name
 * settings, fields and remedies, never secrets, SQL or paths; anything else travels in `cause`.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}

const BY_NAME: Readonly<Record<string, ErrorCode>> = { AbortError: 'canceled', TimeoutError: 'deadline_exceeded' }
const BY_SYSTEM_CODE: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not_found',
  EEXIST: 'already_exists',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  EROFS: 'permission_denied',
  ENOSPC: 'resource_exhausted',
  EDQUOT: 'resource_exhausted',
  EMFILE: 'resource_exhausted',
  ENAMETOOLONG: 'invalid_argument',
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  EPIPE: 'unavailable',
  ENOTFOUND: 'unavailable',
  EAI_AGAIN: 'unavailable',
  EHOSTUNREACH: 'unavailable',
  ETIMEDOUT: 'deadline_exceeded',
}

/** The code of any thrown value: an `AppError` keeps its own, aborts and system errors are recognised. */
export function codeOf(err: unknown): ErrorCode {
  if (err instanceof AppError) return err.code
  if (!(err instanceof Error)) return 'unknown'
  const system = 'code' in err && typeof err.code === 'string' ? BY_SYSTEM_CODE[err.code] : undefined
  return BY_NAME[err.name] ?? system ?? 'unknown'
}

/** The text of any thrown value, for a log line or a stored reason. */
export const messageOf = (err: unknown): string => (err instanceof Error ? err.message : String(err))
