import type { ErrorCode } from '../../../../base/errors.ts'

/** By the first word of an error that the server answered with. */
const BY_WORD: Readonly<Record<string, ErrorCode>> = {
  WRONGTYPE: 'wrong_type',
  OOM: 'resource_exhausted',
  MISCONF: 'unavailable',
  READONLY: 'unavailable',
  LOADING: 'unavailable',
  MASTERDOWN: 'unavailable',
  NOREPLICAS: 'unavailable',
  CLUSTERDOWN: 'unavailable',
  BUSY: 'busy',
  TRYAGAIN: 'busy',
  NOAUTH: 'unauthenticated',
  WRONGPASS: 'unauthenticated',
  NOPERM: 'permission_denied',
  MOVED: 'failed_precondition',
  ASK: 'failed_precondition',
  CROSSSLOT: 'failed_precondition',
}

/** Errors that begin with "ERR", told apart by their text. */
const BY_TEXT: readonly [RegExp, ErrorCode][] = [
  [/not an integer/, 'wrong_type'],
  [/would overflow/, 'out_of_range'],
  [/no such key/, 'not_found'],
  [/index out of range/, 'out_of_range'],
  [/invalid password|without any password|Client sent AUTH/i, 'unauthenticated'],
  [/max number of clients/, 'unavailable'],
  [/string exceeds maximum allowed size/, 'resource_exhausted'],
]

/** The code for what the server answered, or for the loss of its connection. */
export function codeOf(err: unknown): ErrorCode {
  if (!(err instanceof Error)) return 'unknown'
  if (err.name !== 'ReplyError')
    return err instanceof TypeError || err instanceof RangeError ? 'internal' : 'unavailable'
  const known = BY_WORD[err.message.split(' ', 1)[0] ?? '']
  return known ?? BY_TEXT.find(([text]) => text.test(err.message))?.[1] ?? 'internal'
}
