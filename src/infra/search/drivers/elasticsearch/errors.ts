import { errors } from '@elastic/elasticsearch'
import type { ErrorCode } from '../../../../base/errors.ts'

/** One item of a bulk request that the server refused. */
export class ItemError extends Error {
  override readonly name = 'ItemError'
  readonly status: number
  readonly type: string

  constructor(status: number, { type = 'unknown', reason = '' }: { type?: string; reason?: string }) {
    super(`${type}: ${reason}`)
    this.status = status
    this.type = type
  }
}

type ErrorBody = { error?: { type?: string; reason?: string; root_cause?: { type?: string; reason?: string }[] } }

/** The code for what the client threw; `unknown` when it is none of its errors. */
export function classify(err: unknown): ErrorCode {
  if (err instanceof ItemError) return codeOfAnswer(err.status, err.type, err.message)
  if (err instanceof errors.TimeoutError) return 'deadline_exceeded'
  if (err instanceof errors.RequestAbortedError) return 'canceled'
  if (err instanceof errors.ResponseError) {
    const { type, reason, root_cause } = (err.body as ErrorBody | undefined)?.error ?? {}
    const cause = root_cause?.[0]
    return codeOfAnswer(err.statusCode ?? 0, cause?.type ?? type ?? '', `${cause?.reason ?? ''} ${reason ?? ''}`)
  }
  if (err instanceof errors.ConnectionError || err instanceof errors.NoLivingConnectionsError) return 'unavailable'
  if (err instanceof errors.DeserializationError) return 'unavailable'
  return 'unknown'
}

function codeOfAnswer(status: number, type: string, reason: string): ErrorCode {
  if (type === 'cluster_block_exception')
    return /flood-stage|read-only-allow-delete/.test(reason) ? 'resource_exhausted' : 'unavailable'
  if (type === 'index_not_found_exception') return 'not_found'
  if (type === 'version_conflict_engine_exception' || status === 409) return 'conflict'
  if (/too_many_clauses|too_many_nested_clauses|too_complex_to_determinize/.test(type)) return 'invalid_argument'
  if (/Limit of total fields/.test(reason)) return 'resource_exhausted'
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'permission_denied'
  if (status === 404) return 'not_found'
  if (status === 408 || status === 504) return 'deadline_exceeded'
  if (status === 413) return 'resource_exhausted'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'unavailable' : 'internal'
}

/** Whether the server said that the document is not as it was read. */
export const isConflict = (err: unknown): boolean => classify(err) === 'conflict'
