import { AppError } from '../../base/errors.ts'
import { isInt64 } from '../../base/int64.ts'
import type { SqlValue } from './driver.ts'

function jsonText(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value) || prototype === Object.prototype || prototype === null) return JSON.stringify(value)
  const name = value.constructor?.name ?? 'object'
  throw new AppError('invalid_argument', `a ${name} cannot be stored; only plain values, arrays and objects can`)
}

/**
 * A value on its way into SQL: booleans become 0 and 1, plain objects and arrays JSON text. To store a JSON
 * string or JSON null, pass its JSON text. Throws `invalid_argument` for undefined, NaN, dates and other
 * objects, and for text with NUL, which PostgreSQL has no place for; `out_of_range` for unsafe integers
 * that would fit into 64 bits.
 */
export function toSql(value: unknown): SqlValue {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw new AppError('invalid_argument', 'text may not contain a NUL character')
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new AppError('invalid_argument', 'NaN and infinity cannot be stored')
      // from 2^63 on it can only be meant as a real
      if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63)
        throw new AppError('out_of_range', 'an integer beyond 2^53 must be given as a decimal string or a bigint')
      return value
    case 'bigint':
      if (!isInt64(value)) throw new AppError('out_of_range', 'an integer does not fit into 64 bits')
      return value
    case 'boolean':
      return value ? 1 : 0
    case 'object':
      return value === null || value instanceof Uint8Array ? value : jsonText(value)
    default:
      throw new AppError('invalid_argument', `a value of type ${typeof value} cannot be stored`)
  }
}

type Read = (value: unknown, column: string) => unknown

const readId: Read = (value) => (typeof value === 'bigint' || typeof value === 'number' ? String(value) : value)
const readBoolean: Read = (value, column) => (value === null ? null : Boolean(readPlain(value, column)))

const readPlain: Read = (value, column) => {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new AppError('out_of_range', `column "${column}" holds an integer beyond 2^53; only ids may`)
}

const readJson: Read = (value, column) => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch (err) {
    throw new AppError('corrupt', `column "${column}" does not hold JSON`, { cause: err })
  }
}

/** How a column is read, by its name: the one place that knows. */
function readerOf(column: string): Read {
  if (column === 'id' || column.endsWith('_id')) return readId
  if (column.startsWith('is_')) return readBoolean
  if (column.endsWith('_json')) return readJson
  return readPlain
}

/**
 * Rows on their way out of SQL, by column name (or alias): `id` and `*_id` become decimal strings, `is_*`
 * booleans, `*_json` parsed values, every other integer a number. Throws `out_of_range` when such an
 * integer is unsafe and `corrupt` when a JSON column holds none.
 */
export function fromSql(rows: readonly unknown[]): Record<string, unknown>[] {
  const first = rows[0]
  if (first === undefined) return []
  const readers = Object.keys(first as object).map((column) => [column, readerOf(column)] as const)
  return rows.map((row) => {
    const source = row as Record<string, unknown>
    const out: Record<string, unknown> = {}
    for (const [column, read] of readers) out[column] = read(source[column], column)
    return out
  })
}
