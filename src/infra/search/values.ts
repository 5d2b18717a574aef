import { AppError } from '../../base/errors.ts'
import type { FieldType, Scalar } from './driver.ts'

/**
 * Brings one value into its field's type: keywords become canonical text, numbers may come as decimal text.
 * Throws `invalid_argument` naming the field when it cannot.
 */
export function coerce(field: string, type: FieldType, value: Scalar): Scalar {
  const bad = (what: string): AppError => new AppError('invalid_argument', `field "${field}": ${what}`)
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw bad('a value is a text, a number, true or false')
  if (typeof value === 'number' && !Number.isFinite(value)) throw bad('a number is finite')
  switch (type) {
    case 'keyword':
    case 'text':
      return String(value)
    case 'boolean':
      if (value === true || value === 'true') return true
      if (value === false || value === 'false') return false
      throw bad('expected true or false')
    case 'double':
    case 'long': {
      const number = typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? +value : value
      if (typeof number !== 'number' || !Number.isFinite(number)) throw bad('expected a number')
      if (type === 'double') return number
      if (!Number.isInteger(number)) throw bad('expected a whole number')
      // A rounded id would match the wrong document.
      if (!Number.isSafeInteger(number)) throw bad('whole numbers go up to 2^53 - 1; use a keyword field for ids')
      return number
    }
  }
}

/** Code-unit order; the order of ids and keywords everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
