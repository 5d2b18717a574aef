import { MAX_JSON_BYTES, MAX_TEXT_BYTES } from '../limits.ts'
import type { TableColumn } from '../types.ts'
import { KINDS } from './kinds.ts'

const MAX_INT = 2n ** 31n - 1n
const MAX_BIGINT = 2n ** 63n - 1n
const TIME = '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?)?$'
const REAL = '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$'

const textOf = (name: string): string => `CAST(${name} AS CHAR)`
const timeOf = (name: string): string => `CAST(REPLACE(LEFT(${name}, 19), 'T', ' ') AS DATETIME)`

/** What a value has to meet beyond its column's type, whoever writes it. */
export function checkOf(name: string, { type, length }: TableColumn): string | undefined {
  switch (type) {
    case 'varchar':
      return `CHAR_LENGTH(${name}) <= ${length}`
    case 'text':
      return `OCTET_LENGTH(${name}) <= ${MAX_TEXT_BYTES}`
    case 'boolean':
      return `${name} IN (0, 1)`
    case 'json':
      return `JSON_VALID(${name}) AND OCTET_LENGTH(${name}) <= ${MAX_JSON_BYTES}`
    case 'timestamp':
      return `${name} >= '1000-01-01 00:00:00'`
    default:
      return undefined
  }
}

/** The condition that a value of the old column has a place in the new one. */
export function fits(name: string, old: TableColumn, column: TableColumn): string {
  const from = KINDS[old.type]
  const isText = from === 'text' || from === 'json'
  switch (column.type) {
    case 'int':
    case 'bigint': {
      if (from === 'timestamp') return 'FALSE'
      const max = column.type === 'int' ? MAX_INT : MAX_BIGINT
      const range = (value: string) => `${value} BETWEEN ${-max - 1n} AND ${max}`
      if (isText) return `(${name} REGEXP '^[+-]?[0-9]{1,19}$' AND ${range(`CAST(${name} AS DECIMAL(30))`)})`
      return from === 'real' ? `(${name} = FLOOR(${name}) AND ${range(name)})` : range(name)
    }
    case 'float':
    case 'double':
      if (from === 'timestamp') return 'FALSE'
      return isText ? `${name} REGEXP '${REAL}'` : 'TRUE'
    case 'boolean':
      if (from === 'timestamp') return 'FALSE'
      return isText ? `LOWER(${name}) IN ('0', '1', 'true', 'false')` : `${name} IN (0, 1)`
    case 'json':
      return from === 'timestamp' ? 'FALSE' : `JSON_VALID(${textOf(name)})`
    case 'timestamp':
      if (from === 'timestamp') return 'TRUE'
      return isText ? `(${name} REGEXP '${TIME}' AND ${timeOf(name)} IS NOT NULL)` : 'FALSE'
    case 'varchar':
      return `CHAR_LENGTH(${textOf(name)}) <= ${column.length}`
    case 'text':
      return `OCTET_LENGTH(${textOf(name)}) <= ${MAX_TEXT_BYTES}`
  }
}

/** Texts that the server itself would not read as what they say, rewritten before their column is changed. */
export function prepared(name: string, old: TableColumn, column: TableColumn): string | undefined {
  const from = KINDS[old.type]
  if (from !== 'text' && from !== 'json') return undefined
  if (column.type === 'boolean')
    return `CASE LOWER(${name}) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE ${name} END`
  if (column.type === 'timestamp') return `DATE_FORMAT(${timeOf(name)}, '%Y-%m-%d %H:%i:%s')`
  return undefined
}
