import type { FieldPacket, TypeCastField, TypeCastNext } from 'mysql2'
import { AppError } from '../../../../base/errors.ts'
import { isInt64 } from '../../../../base/int64.ts'
import type { SqlValue } from '../../driver.ts'

/** Ctrl+Z ends a text for some readers of dumps, and NUL for some of C. */
const ESCAPES: Readonly<Record<string, string>> = {
  "'": "''",
  '\\': '\\\\',
  [String.fromCharCode(0)]: '\\0',
  [String.fromCharCode(26)]: '\\Z',
}
const ESCAPED = new RegExp(`['\\\\${String.fromCharCode(0, 26)}]`, 'g')

/** A value as a literal of the SQL mode that every connection is set to, in which `\` escapes. */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return `'${value.replace(ESCAPED, (sign) => ESCAPES[sign] ?? sign)}'`
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return numberLiteral(value)
  return value.length === 0 ? "''" : `x'${Buffer.from(value).toString('hex')}'`
}

/** Whole numbers as they are; anything else is meant as a real, and not as the decimal that `0.5` would be. */
function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value)) return String(value + 0)
  // reals from 2^63 on would be stored as the greatest integer; a decimal of that size no integer column takes
  const isWhole = Number.isInteger(value) && Math.abs(value) < 1e30
  return isWhole ? `${BigInt(value)}.0` : value.toExponential()
}

/** Quotes of all kinds and comments, and each `?` alone. */
const OPAQUE =
  /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|#[^\n]*|--(?=[\s\p{Cc}])[^\n]*|--$|\/\*[\s\S]*?\*\/|\?/gu

/** The statement with its values in place: prepared statements would know integers as reals only. */
export function bind(text: string, parameters: readonly SqlValue[]): string {
  if (parameters.length === 0) return text
  let used = 0
  const bound = text.replace(OPAQUE, (piece) => (piece === '?' ? literal(parameters[used++] ?? null) : piece))
  if (used === parameters.length) return bound
  throw new AppError('internal', `the statement has ${used} places for ${parameters.length} parameters`)
}

/** Numbers of column types in the protocol. */
const LONGLONG = 8
const DECIMALS: ReadonlySet<number> = new Set([0, 246])
const SMALL_INTEGERS: ReadonlySet<number> = new Set([1, 2, 3, 9, 13])

/** Reals are read here, since the client's own way to read those of up to 17 characters can be wrong in the last bit. */
export function castOf(field: TypeCastField, next: TypeCastNext): unknown {
  if (field.type !== 'DOUBLE' && field.type !== 'FLOAT') return next()
  const text = field.string()
  return text === null ? null : Number(text)
}

function fromDecimal(text: string): number | bigint {
  if (text.includes('.')) return Number(text)
  const whole = BigInt(text)
  return isInt64(whole) ? whole : Number(text)
}

type Read = (value: unknown) => unknown
const asIs: Read = (value) => value
const some =
  (read: (value: string | number) => unknown): Read =>
  (value) =>
    value === null ? null : read(value as string | number)

/** What a column's values become: 64-bit integers and whole decimals `bigint`; all integers with `exact`. */
export function readerOf({ columnType, type }: FieldPacket, exact: boolean): Read {
  const code = columnType ?? type
  if (code === LONGLONG) return some(BigInt)
  if (code !== undefined && DECIMALS.has(code)) return some((text) => fromDecimal(String(text)))
  return exact && code !== undefined && SMALL_INTEGERS.has(code) ? some(BigInt) : asIs
}
