import { AppError, type ErrorCode } from '../../base/errors.ts'
import { isInt64 } from '../../base/int64.ts'
import type { SqlValue } from '../db/driver.ts'
import { jsonText, parseJson } from './json.ts'
import { MAX_JSON_BYTES, MAX_TEXT_BYTES } from './limits.ts'
import { toTimestamp } from './timestamps.ts'
import type { Cell, ColumnType, TableColumn } from './types.ts'

type Typed = Pick<TableColumn, 'type' | 'length'>

class Refusal {
  readonly code: ErrorCode
  readonly text: string
  constructor(code: ErrorCode, text: string) {
    this.code = code
    this.text = text
  }
}

const WANTED: Readonly<Record<ColumnType, string>> = {
  int: 'an integer',
  bigint: 'an integer',
  varchar: 'text',
  text: 'text',
  boolean: 'true or false',
  json: 'JSON',
  timestamp: 'a time such as "2024-02-29 13:45:00"',
  float: 'a number',
  double: 'a number',
}

const wrong = (type: ColumnType) => new Refusal('wrong_type', `takes ${WANTED[type]}`)
const INT_MAX = 2n ** 31n - 1n

function integer(type: ColumnType, value: unknown): bigint | Refusal {
  let found: bigint | undefined
  if (typeof value === 'bigint') found = value
  else if (typeof value === 'number' && Number.isSafeInteger(value)) found = BigInt(value)
  else if (typeof value === 'number' && Number.isInteger(value))
    return new Refusal('out_of_range', 'takes integers beyond 2^53 as text or bigint only')
  else if (typeof value === 'string' && /^[+-]?\d{1,30}(\.0+)?$/.test(value.trim()))
    found = BigInt(value.trim().replace(/^\+|\.0+$/g, ''))
  if (found === undefined) return wrong(type)
  const fits = type === 'int' ? found >= -INT_MAX - 1n && found <= INT_MAX : isInt64(found)
  return fits ? found : new Refusal('out_of_range', `takes integers of ${type === 'int' ? 32 : 64} bits`)
}

function real(type: ColumnType, value: unknown): number | bigint | Refusal {
  const isNumeric = typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim())
  const found = typeof value === 'number' ? value : typeof value === 'bigint' || isNumeric ? Number(value) : undefined
  if (found === undefined) return wrong(type)
  if (Number.isNaN(found)) return new Refusal('invalid_argument', 'does not take NaN')
  const rounded = type === 'float' ? Math.fround(found) : found
  if (!Number.isFinite(rounded)) return new Refusal('out_of_range', `is too large for a ${type}`)
  // the database takes no integer between 2^53 and 2^63 for a number; and -0 is 0 in what some engines store
  const isLong = Number.isInteger(rounded) && !Number.isSafeInteger(rounded) && Math.abs(rounded) < 2 ** 63
  return isLong ? BigInt(rounded) : rounded + 0
}

function text({ type, length }: Typed, value: unknown, limited: boolean): string | Refusal {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return wrong(type)
  const found = String(value)
  if (found.includes('\0')) return new Refusal('invalid_argument', 'may not contain a NUL character')
  if (!found.isWellFormed()) return new Refusal('invalid_argument', 'contains half a character')
  if (!limited) return found
  if (length !== null && found.length > length && [...found].length > length)
    return new Refusal('out_of_range', `takes at most ${length} characters`)
  if (type === 'text' && found.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(found) > MAX_TEXT_BYTES)
    return new Refusal('out_of_range', `takes at most ${MAX_TEXT_BYTES} bytes`)
  return found
}

function boolean(value: unknown): 0n | 1n | Refusal {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : String(value)
  if (typeof value === 'object') return wrong('boolean')
  if (word === 'true' || word === '1') return 1n
  return word === 'false' || word === '0' ? 0n : wrong('boolean')
}

/** Escapes that PostgreSQL refuses; two backslashes are none. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

function json(value: unknown): string | Refusal {
  try {
    const found = jsonText(typeof value === 'string' ? parseJson(value) : value)
    if (UNSTORABLE.test(found)) return new Refusal('invalid_argument', 'contains NUL or half a character')
    const isLarge = found.length * 3 > MAX_JSON_BYTES && Buffer.byteLength(found) > MAX_JSON_BYTES
    return isLarge ? new Refusal('out_of_range', `takes at most ${MAX_JSON_BYTES} bytes`) : found
  } catch {
    return wrong('json')
  }
}

function timestamp(value: unknown): string | null | Refusal {
  const found = toTimestamp(value)
  return found === undefined ? wrong('timestamp') : found
}

function stored(column: Typed, value: unknown, limited: boolean): SqlValue | Refusal {
  switch (column.type) {
    case 'int':
    case 'bigint':
      return integer(limited ? column.type : 'bigint', value)
    case 'float':
    case 'double':
      return real(column.type, value)
    case 'varchar':
    case 'text':
      return text(column, value, limited)
    case 'boolean':
      return boolean(value)
    case 'json':
      return json(value)
    case 'timestamp':
      return timestamp(value)
  }
}

/**
 * The value as it is stored in the column. Throws `wrong_type`, `out_of_range` or `invalid_argument` in words that
 * name the column, and the row (counted from 0) when it is given.
 */
export function toStored(column: TableColumn, value: unknown, row?: number): SqlValue {
  return accepted(column, value === null ? null : stored(column, value, true), row)
}

/** The value as a condition compares it with the column: what is too long or too large just never matches. */
export function toCompared(column: TableColumn, value: unknown): SqlValue {
  return accepted(column, stored(column, value, false), undefined)
}

function accepted({ name }: TableColumn, found: SqlValue | Refusal, row: number | undefined): SqlValue {
  if (!(found instanceof Refusal)) return found
  const where = row === undefined ? '' : `row ${row + 1}: `
  const details = { column: name, ...(row === undefined ? {} : { row }) }
  throw new AppError(found.code, `${where}the column "${name}" ${found.text}`, { details })
}

/** A stored value as it is read. Integers may also come as decimal text, reals too: some handles give them so. */
export function fromStored(type: ColumnType, value: SqlValue | boolean): Cell {
  if (value === null) return null
  switch (type) {
    case 'int':
    case 'bigint':
      return typeof value === 'bigint' ? value : BigInt(String(value))
    case 'float':
    case 'double':
      return Number(value)
    case 'boolean':
      return value === true || String(value) === '1'
    case 'json':
      return typeof value === 'string' ? (parseJson(value) as Cell) : (value as Cell)
    default:
      return value
  }
}

/** What a row that leaves the column out gets, as it is stored; the time of the insert where that is the default. */
export function defaultValue(column: TableColumn, nowMs = 0): SqlValue {
  if (column.default === null) return null
  if ('now' in column.default) return toTimestamp(nowMs) ?? null
  const { value } = column.default
  return column.type === 'json' ? jsonText(value) : toStored(column, value)
}
