import { AppError, type ErrorCode } from '../../base/errors.ts'

/** What a chat stores about its failure: the API's code and a sentence for the user. */
export type Failure = { code: number; message: string }

const API_CODES: Partial<Record<ErrorCode, number>> = { rate_limited: 4013, invalid_argument: 4000, not_found: 4200 }
const OTHER = 5000

export const STOPPED: Failure = { code: OTHER, message: 'the server stopped while this chat was running; ask again' }
export const SHUTTING_DOWN: Failure = { code: OTHER, message: 'the server is shutting down; ask again' }
export const TOO_LONG: Failure = { code: OTHER, message: 'the answer took too long' }

/** What to tell the user of an error; nothing of the inside when it was not made to be shown. */
export function failureOf(err: unknown): Failure {
  if (!(err instanceof AppError) || err.code === 'internal') return { code: OTHER, message: 'internal error' }
  return { code: API_CODES[err.code] ?? OTHER, message: err.message }
}
