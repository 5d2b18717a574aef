import { AppError, type ErrorCode } from '../../../../base/errors.ts'

/** Numbers of the server's errors, by what they mean here. Everything else that it says is a wrong statement. */
const BY_NUMBER: Readonly<Partial<Record<ErrorCode, readonly number[]>>> = {
  already_exists: [1022, 1062, 1169, 1586],
  busy: [1020, 1205, 1206, 1213, 1412, 3572, 4141],
  canceled: [1317],
  deadline_exceeded: [1907, 1969, 3024],
  failed_precondition: [1049, 1451, 1452],
  invalid_argument: [1048, 1263, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 3140, 3141, 3819, 4025],
  out_of_range: [1264, 1690, 3669],
  permission_denied: [1044, 1142, 1143, 1227, 1370, 1410, 1792],
  resource_exhausted: [1021, 1030, 1037, 1038, 1041, 1114, 1153, 1226, 1301, 3636],
  unauthenticated: [1045, 1251, 1698, 1862, 3118],
  // read-only servers are those that a fail-over has left behind
  unavailable: [1040, 1053, 1077, 1079, 1129, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1290, 1836, 1927, 3032, 3169],
}
const CODES = new Map(
  Object.entries(BY_NUMBER).flatMap(([code, numbers]) => numbers.map((number) => [number, code as ErrorCode])),
)
const LOST: ReadonlySet<unknown> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'HANDSHAKE_SSL_ERROR',
  'HANDSHAKE_NO_SSL_SUPPORT',
])
const GONE = /closed state|pool is closed|connection (is )?(lost|closed)|socket has been ended/i

/** What mysql2 throws. `sql` is removed: it holds values. */
export type MysqlError = Error & { code?: string; errno?: number; fatal?: boolean; sqlMessage?: string; sql?: string }

export const isMysqlError = (err: unknown): err is MysqlError =>
  err instanceof Error && !(err instanceof AppError) && ('errno' in err || 'code' in err)

/** Whether the connection is of no more use. */
export const isLost = (err: unknown): boolean => !(err instanceof AppError) && mysqlCodeOf(err) === 'unavailable'

const codeByNumber = ({ errno }: MysqlError): ErrorCode | undefined =>
  errno === undefined ? undefined : CODES.get(errno)

/** Whether the server has ended the whole transaction by itself: a deadlock, or too many locks. */
export const endsTransaction = (err: unknown): boolean =>
  isMysqlError(err) && (err.errno === 1213 || err.errno === 1206 || err.errno === 1020)

/** The code of an error that mysql2 threw; `unknown` when it isn't one. */
export function mysqlCodeOf(err: unknown): ErrorCode {
  if (err instanceof AppError) return err.code
  if (!(err instanceof Error)) return 'unknown'
  if (isMysqlError(err)) {
    const known = codeByNumber(err)
    if (known !== undefined) return known
    if (LOST.has(err.code) || err.fatal === true) return 'unavailable'
    if (err.sqlMessage !== undefined) return 'internal'
  }
  return GONE.test(err.message) ? 'unavailable' : 'unknown'
}

/** The index that an error of a row that exists already speaks of. */
export function keyOf(err: unknown): string | undefined {
  if (!isMysqlError(err) || err.errno !== 1062) return undefined
  const name = /for key '(.+)'$/.exec(err.sqlMessage ?? err.message)?.[1]
  return name?.split('.').at(-1)
}

const constraints = new WeakMap<Error, string>()

/** Notes which columns an error is about; see `constraintOf` of the driver. */
export function noteConstraint(err: Error, constraint: string): void {
  constraints.set(err, constraint)
}

export function mysqlConstraintOf(err: unknown): string | undefined {
  if (!(err instanceof Error)) return undefined
  const noted = constraints.get(err)
  if (noted !== undefined) return noted
  if (!isMysqlError(err)) return undefined
  const text = err.sqlMessage ?? ''
  return /^(?:CONSTRAINT `(.+?)` failed|Check constraint '(.+?)' is violated|Column '(.+?)' cannot be null)/
    .exec(text)
    ?.slice(1)
    .find((name) => name !== undefined)
}
