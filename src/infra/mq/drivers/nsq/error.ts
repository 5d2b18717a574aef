import type { ErrorCode } from '../../../../base/errors.ts'

/** What goes wrong between us and NSQ, with our code for it. */
export class NsqError extends Error {
  override readonly name = 'NsqError'
  readonly errorCode: ErrorCode

  constructor(errorCode: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.errorCode = errorCode
  }
}

export const codeOfNsq = (err: unknown): ErrorCode => (err instanceof NsqError ? err.errorCode : 'unknown')

/** nsqd's own words, as "E_BAD_TOPIC …". */
export function refusal(text: string): NsqError {
  const [name = ''] = text.split(' ', 1)
  const isAuth = name === 'E_AUTH_FAILED' || name === 'E_UNAUTHORIZED' || name === 'E_AUTH_FIRST'
  const code = isAuth ? 'unauthenticated' : name === 'E_BAD_MESSAGE' ? 'resource_exhausted' : 'unavailable'
  return new NsqError(code, `nsqd says ${text.slice(0, 200)}`)
}
