import type { ErrorCode } from '../../../../base/errors.ts'

/** What the server sends with an error. */
export type ServerError = Error & {
  code: string
  detail?: string
  table?: string
  column?: string
  constraint?: string
  /** Where in the statement, counted from 1 in code points. */
  position?: string
}

/** By the five letters of SQLSTATE; classes by their first two. */
const BY_STATE: Readonly<Record<string, ErrorCode>> = {
  '08': 'unavailable', // connection
  '22': 'invalid_argument', // data
  '22003': 'out_of_range',
  '22001': 'out_of_range', // too long
  '23': 'invalid_argument', // integrity: NOT NULL, CHECK
  '23503': 'failed_precondition', // foreign key
  '23505': 'already_exists',
  '25P02': 'failed_precondition', // a statement of the transaction has failed
  '25P03': 'unavailable', // idle in transaction for too long
  '25P04': 'unavailable', // transaction timeout
  '25006': 'unavailable', // read-only: the server has become a replica
  '28': 'unauthenticated',
  '3D': 'failed_precondition', // no such database
  '3F': 'failed_precondition', // no such schema
  '40001': 'busy', // serialization
  '40P01': 'busy', // deadlock
  '42': 'internal', // the statement is wrong
  '42501': 'permission_denied',
  '53': 'resource_exhausted',
  '53300': 'unavailable', // too many connections
  '54': 'invalid_argument', // too complex
  '55P03': 'busy', // lock
  '57014': 'deadline_exceeded', // statement_timeout, or canceled by the server's operator
  '57P': 'unavailable', // shutting down, starting
  '58': 'unavailable', // the server's system
  XX: 'internal',
  XX001: 'corrupt',
  XX002: 'corrupt',
}

/** What pg says in words only. */
const LOST =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|The server does not support SSL)/
const TIMEOUT = /^Query read timeout/

const SYSTEM = /^(E[A-Z]{3,}|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|ERR_TLS)/

export const isServerError = (err: unknown): err is ServerError =>
  err instanceof Error &&
  'code' in err &&
  typeof err.code === 'string' &&
  /^[0-9A-Z]{5}$/.test(err.code) &&
  'severity' in err

/** Whether the connection that threw it can't be used any more. */
export function isLost(err: unknown): boolean {
  if (isServerError(err)) return /^(08|57P|25P03|25P04)/.test(err.code)
  if (!(err instanceof Error)) return false
  return LOST.test(err.message) || TIMEOUT.test(err.message) || ('code' in err && SYSTEM.test(String(err.code)))
}

/** The code of an error that pg threw; `unknown` when it isn't one. */
export function postgresCodeOf(err: unknown): ErrorCode {
  if (isServerError(err)) {
    const { code } = err
    return BY_STATE[code] ?? BY_STATE[code.slice(0, 3)] ?? BY_STATE[code.slice(0, 2)] ?? 'internal'
  }
  if (!(err instanceof Error)) return 'unknown'
  if (TIMEOUT.test(err.message)) return 'deadline_exceeded'
  return isLost(err) ? 'unavailable' : 'unknown'
}

/** `account.email_key`, or `item.a, item.b`, of a violated unique key; else the name of the constraint. */
export function postgresConstraintOf(err: unknown): string | undefined {
  if (!isServerError(err) || !err.code.startsWith('23')) return undefined
  const { table, detail, column, constraint } = err
  const key = /^Key \(([^)]+)\)=/.exec(detail ?? '')?.[1]
  if (err.code === '23505' && key !== undefined)
    return key
      .split(', ')
      .map((name) => `${table}.${name.replaceAll('"', '')}`)
      .join(', ')
  return column === undefined ? constraint : `${table}.${column}`
}
