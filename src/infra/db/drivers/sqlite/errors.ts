import type { ErrorCode } from '../../../../base/errors.ts'

/** SQLite's primary result codes (the low byte of the extended ones). */
const BY_PRIMARY: Readonly<Record<number, ErrorCode>> = {
  1: 'internal', // ERROR: the statement is wrong
  3: 'permission_denied', // PERM
  5: 'busy', // BUSY
  6: 'busy', // LOCKED
  7: 'resource_exhausted', // NOMEM
  8: 'permission_denied', // READONLY
  9: 'canceled', // INTERRUPT
  10: 'unavailable', // IOERR
  11: 'corrupt', // CORRUPT
  13: 'resource_exhausted', // FULL
  14: 'permission_denied', // CANTOPEN
  18: 'resource_exhausted', // TOOBIG
  20: 'invalid_argument', // MISMATCH
  23: 'permission_denied', // AUTH
  25: 'invalid_argument', // RANGE
  26: 'corrupt', // NOTADB
}
const BY_EXTENDED: Readonly<Record<number, ErrorCode>> = {
  275: 'invalid_argument', // CONSTRAINT_CHECK
  787: 'failed_precondition', // CONSTRAINT_FOREIGNKEY
  1299: 'invalid_argument', // CONSTRAINT_NOTNULL
  1555: 'already_exists', // CONSTRAINT_PRIMARYKEY
  2067: 'already_exists', // CONSTRAINT_UNIQUE
  2579: 'already_exists', // CONSTRAINT_ROWID
  3091: 'invalid_argument', // CONSTRAINT_DATATYPE
}
const BY_NODE_CODE: Readonly<Record<string, ErrorCode>> = {
  ERR_OUT_OF_RANGE: 'out_of_range',
  ERR_INVALID_ARG_TYPE: 'invalid_argument',
  ERR_INVALID_ARG_VALUE: 'invalid_argument',
  ERR_INVALID_STATE: 'closed',
}
/** What a full-text query that a person typed can be wrong about. */
const BAD_MATCH = /^(fts5: |unterminated string|unknown special query)/

/** The code of an error that node:sqlite threw; `unknown` when it isn't one. */
export function sqliteCodeOf(err: unknown): ErrorCode {
  if (!(err instanceof Error) || !('code' in err)) return 'unknown'
  if (err.code !== 'ERR_SQLITE_ERROR') return (typeof err.code === 'string' && BY_NODE_CODE[err.code]) || 'unknown'
  const result = 'errcode' in err && typeof err.errcode === 'number' ? err.errcode : 1
  if (result === 1 && BAD_MATCH.test(err.message)) return 'invalid_argument'
  return BY_EXTENDED[result] ?? BY_PRIMARY[result & 255] ?? 'internal'
}

/** `account.email` of "UNIQUE constraint failed: account.email". */
export function sqliteConstraintOf(err: unknown): string | undefined {
  if (!(err instanceof Error)) return undefined
  return /^(?:UNIQUE|CHECK|NOT NULL) constraint failed: (.+)$/.exec(err.message)?.[1]
}
