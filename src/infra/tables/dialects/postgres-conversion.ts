import type { ColumnType } from '../types.ts'
import { KINDS } from './kinds.ts'

/** Text is compared by its characters and not by a language; integers are all computed with 64 bits. */
export const TYPES: Readonly<Record<ColumnType, string>> = {
  int: 'BIGINT',
  bigint: 'BIGINT',
  varchar: 'TEXT COLLATE "C"',
  text: 'TEXT COLLATE "C"',
  boolean: 'BOOLEAN',
  json: 'JSONB',
  timestamp: 'TIMESTAMPTZ(0)',
  float: 'REAL',
  double: 'DOUBLE PRECISION',
}

/** The column of any type as text: booleans as 1 and 0, times in UTC without saying so. */
export function textOf(name: string, type: ColumnType): string {
  if (type === 'boolean') return `${name}::int::text`
  if (type === 'timestamp') return `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')`
  return `${name}::text`
}

/** A value that does not fit makes an error of the server; nothing stays nothing. */
const failing = (text: string, type: string): string => `('no ' || ${text})::${type}`

/** The values of a column in another type. Statements with it fail where a value does not fit. */
export function converted(name: string, from: ColumnType, to: ColumnType): string {
  const [old, next] = [KINDS[from], KINDS[to]]
  const text = textOf(name, from)
  const type = TYPES[to].replace(/ COLLATE.*$/, '')
  const isNumber = old === 'integer' || old === 'real'
  switch (next) {
    case 'text':
      return text
    case 'boolean':
      return `CASE WHEN lower(${text}) IN ('1', 'true') THEN TRUE WHEN lower(${text}) IN ('0', 'false') THEN FALSE ELSE ${failing(text, type)} END`
    case 'json':
      return old === 'timestamp' ? failing(text, type) : `${text}::jsonb`
    case 'timestamp': {
      if (isNumber || old === 'boolean') return failing(text, type)
      const time = `date_trunc('second', ${text}::timestamptz)`
      // other words for times, such as "now", are none
      return `CASE WHEN ${text} ~ '^\\s*\\d{4}-' THEN ${time} ELSE ${failing(text, type)} END`
    }
    case 'integer':
      if (old === 'real')
        return `CASE WHEN ${name} = trunc(${name}) THEN ${name}::bigint ELSE ${failing(text, type)} END`
      return `${text}::bigint`
    case 'real':
      return isNumber ? `${name}::${type}` : `${text}::${type}`
  }
}
