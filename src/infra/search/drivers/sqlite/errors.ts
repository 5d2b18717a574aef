import type { ErrorCode } from '../../../../base/errors.ts'

/** Primary result codes of SQLite. */
const BY_SQLITE_CODE: Readonly<Record<number, ErrorCode>> = {
  5: 'busy',
  6: 'busy',
  7: 'resource_exhausted',
  8: 'permission_denied',
  10: 'unavailable',
  11: 'corrupt',
  13: 'resource_exhausted',
  14: 'unavailable',
  26: 'corrupt',
}

/** The code of an error that SQLite threw; `unknown` when it has no result code. */
export function classify(err: unknown): ErrorCode {
  const code = err instanceof Error && 'errcode' in err && typeof err.errcode === 'number' ? err.errcode & 255 : 0
  return BY_SQLITE_CODE[code] ?? 'unknown'
}
