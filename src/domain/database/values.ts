import { AppError } from '../../base/errors.ts'
import { parseInt64 } from '../../base/int64.ts'
import { type DatabaseRecord, type Field, type FieldType, SYSTEM_COLUMNS } from './types.ts'

export type Value = null | string | bigint | number | boolean

const MAX_TEXT_BYTES = 65_535
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false }
const DATE = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** What each type takes, for people. */
const EXPECTED: Readonly<Record<FieldType, string>> = {
  text: `a text of at most ${MAX_TEXT_BYTES} bytes`,
  integer: 'a whole number of at most 64 bits',
  date: 'a date such as 2024-01-31 or 2024-01-31 14:30:00',
  float: 'a number',
  boolean: 'true or false',
}

/**
 * The value that a text stands for; null for an empty one. Throws `wrong_type` naming the field, and
 * `invalid_argument` for a required field without a value.
 */
export function readValue(field: Pick<Field, 'name' | 'type' | 'isRequired'>, text: string): Value {
  const value = text === '' || (field.type !== 'text' && text.trim() === '') ? null : parse(field.type, text)
  if (value === undefined) throw new AppError('wrong_type', `${field.name}: must be ${EXPECTED[field.type]}`)
  if (value === null && field.isRequired) throw new AppError('invalid_argument', `${field.name}: a value is required`)
  return value
}

function parse(type: FieldType, given: string): Value | undefined {
  const text = given.trim()
  switch (type) {
    case 'text':
      return Buffer.byteLength(given) <= MAX_TEXT_BYTES && given.isWellFormed() && !given.includes('\0')
        ? given
        : undefined
    case 'integer':
      return parseInt64(text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1'))
    case 'float': {
      const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
      return Number.isFinite(number) ? number : undefined
    }
    case 'boolean':
      return BOOLEANS[text.toLowerCase()]
    case 'date':
      return parseDate(text)
  }
}

/** In UTC, as "2024-01-31 14:30:00"; a day that does not exist is none. */
function parseDate(text: string): string | undefined {
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', zone] = DATE.exec(text) ?? []
  if (year === '') return undefined
  const two = (part: string) => part.padStart(2, '0')
  const plain = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`
  const local = new Date(`${plain}Z`)
  if (Number.isNaN(local.getTime()) || local.toISOString().slice(0, 19) !== plain) return undefined
  const offset = zone === undefined || zone === 'Z' ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2')
  const date = new Date(`${plain}${offset}`)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1000
    ? undefined
    : date.toISOString().slice(0, 19).replace('T', ' ')
}

/** A value as the API shows it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/**
 * The values of a row that a person wrote, by field name. Throws `invalid_argument` for a name that is no field; with
 * `whole` also for a required field that is absent.
 */
export function readRecord(
  fields: readonly Field[],
  record: DatabaseRecord,
  { whole }: { whole: boolean },
): Record<string, Value> {
  const byName = new Map(fields.map((field) => [field.name, field]))
  const system: readonly string[] = Object.values(SYSTEM_COLUMNS)
  const values: Record<string, Value> = {}
  for (const [name, text] of Object.entries(record)) {
    if (system.includes(name)) continue
    const field = byName.get(name)
    if (field === undefined) throw new AppError('invalid_argument', `there is no field ${JSON.stringify(name)}`)
    values[name] = readValue(field, text)
  }
  if (whole)
    for (const field of fields) if (!Object.hasOwn(values, field.name)) values[field.name] = readValue(field, '')
  return values
}
