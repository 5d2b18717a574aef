import type { ErrorCode } from '../../../../base/errors.ts'

/** What a call answered when it did not do what it was asked for. */
export class MilvusError extends Error {
  override readonly name = 'MilvusError'
  readonly status: number

  constructor(status: number, reason: string) {
    super(reason === '' ? `status ${status}` : reason)
    this.status = status
  }
}

/** By Milvus's own numbers; what is not here is a fault of ours or of the server. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  1: 'unavailable',
  2: 'unavailable',
  3: 'resource_exhausted',
  4: 'rate_limited',
  7: 'resource_exhausted',
  8: 'rate_limited',
  9: 'resource_exhausted',
  100: 'not_found',
  101: 'unavailable',
  103: 'unavailable',
  800: 'failed_precondition',
  1400: 'unauthenticated',
  1401: 'permission_denied',
}

/** By the numbers of gRPC. */
const BY_GRPC: Readonly<Record<number, ErrorCode>> = {
  1: 'canceled',
  4: 'deadline_exceeded',
  7: 'permission_denied',
  8: 'rate_limited',
  12: 'unimplemented',
  14: 'unavailable',
  16: 'unauthenticated',
}

/** The code for what the client threw; `unknown` when it is none of its errors. */
export function classify(err: unknown): ErrorCode {
  if (!(err instanceof Error)) return 'unknown'
  if (/auth check failure/.test(err.message)) return 'unauthenticated'
  if (err instanceof MilvusError) return BY_STATUS[err.status] ?? 'internal'
  const code = 'code' in err && typeof err.code === 'number' ? BY_GRPC[err.code] : undefined
  if (code !== undefined) return code
  return /DEADLINE_EXCEEDED/.test(err.message) ? 'deadline_exceeded' : 'unknown'
}

export const isMissing = (err: unknown): boolean => err instanceof MilvusError && err.status === 100
