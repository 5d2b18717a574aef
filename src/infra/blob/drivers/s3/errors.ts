import { codeOf as baseCodeOf, type ErrorCode } from '../../../../base/errors.ts'

/** By the name of an error that the server answered with. */
const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'not_found',
  NotFound: 'not_found',
  NoSuchBucket: 'failed_precondition',
  PermanentRedirect: 'failed_precondition',
  AuthorizationHeaderMalformed: 'failed_precondition',
  IllegalLocationConstraintException: 'failed_precondition',
  RequestTimeTooSkewed: 'failed_precondition',
  PreconditionFailed: 'conflict',
  ConditionalRequestConflict: 'conflict',
  BucketAlreadyExists: 'conflict',
  OperationAborted: 'busy',
  InvalidRange: 'out_of_range',
  AccessDenied: 'permission_denied',
  AllAccessDisabled: 'permission_denied',
  AccountProblem: 'permission_denied',
  InvalidAccessKeyId: 'unauthenticated',
  XAdminUserNotFound: 'unauthenticated',
  SignatureDoesNotMatch: 'unauthenticated',
  ExpiredToken: 'unauthenticated',
  InvalidToken: 'unauthenticated',
  CredentialsProviderError: 'unauthenticated',
  SlowDown: 'rate_limited',
  SlowDownRead: 'rate_limited',
  SlowDownWrite: 'rate_limited',
  TooManyRequests: 'rate_limited',
  RequestLimitExceeded: 'rate_limited',
  EntityTooLarge: 'resource_exhausted',
  QuotaExceeded: 'resource_exhausted',
  InsufficientCapacity: 'resource_exhausted',
  XMinioStorageFull: 'resource_exhausted',
  XMinioAdminBucketQuotaExceeded: 'resource_exhausted',
  KeyTooLongError: 'invalid_argument',
  MetadataTooLarge: 'invalid_argument',
  XMinioInvalidObjectName: 'invalid_argument',
  XMinioInvalidResourceName: 'invalid_argument',
  ExistingObjectIsDirectory: 'invalid_argument',
  ObjectParentIsFile: 'invalid_argument',
}

/** The server did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** Exactly what the server answered, or that it did not; for the start, when a person reads it. */
export function reasonOf(err: unknown): ErrorCode {
  if (!(err instanceof Error)) return 'unknown'
  if (err instanceof NoAnswer || err.name === 'TimeoutError') return 'unavailable'
  const known = BY_NAME[err.name]
  if (known !== undefined) return known
  const status = statusOf(err)
  if (status === 404) return 'failed_precondition'
  if (status === 403) return 'permission_denied'
  if (status === 412) return 'conflict'
  if (status === 416) return 'out_of_range'
  if (status === 429) return 'rate_limited'
  if (status === 507) return 'resource_exhausted'
  if (status !== undefined) return status >= 500 ? 'unavailable' : 'internal'
  const code = baseCodeOf(err)
  // Neither an answer nor an abort: the connection broke, or its certificate isn't trusted.
  return code === 'unknown' || code === 'deadline_exceeded' || code === 'permission_denied' ? 'unavailable' : code
}

/**
 * The code for a call. Keys that the server refuses, a missing bucket and a wrong clock are troubles of the store and
 * no answer to the caller: `unavailable`, so that work is tried again once somebody has mended it.
 */
export function codeOf(err: unknown): ErrorCode {
  const reason = reasonOf(err)
  return reason === 'permission_denied' || reason === 'unauthenticated' || reason === 'failed_precondition'
    ? 'unavailable'
    : reason
}

/** The status that the server answered with. */
export function statusOf(err: unknown): number | undefined {
  if (!(err instanceof Error) || !('$metadata' in err)) return undefined
  return (err.$metadata as { httpStatusCode?: number }).httpStatusCode
}
