import { AppError } from '../../base/errors.ts'
import type { SqlValue } from '../db/driver.ts'
import { refused } from './definition.ts'
import type { TableDialect } from './dialect.ts'
import { jsonText } from './json.ts'
import { toTimestamp } from './timestamps.ts'
import type { CellInput } from './types.ts'

/** Parameters with names or numbers: an engine that finds none of its own binds nothing, and says nothing. */
const OTHER_FORMS = /\?\d|(?<![:\w])[:@$][\p{L}\d_]/u

/** A value that belongs to no column. */
function parameter(value: CellInput): SqlValue {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) throw refused('a parameter holds NUL or half a character')
    return value
  }
  if (
    typeof value === 'number' &&
    (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
  )
    throw new AppError('out_of_range', 'a parameter takes finite numbers; integers beyond 2^53 as bigint')
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) return toTimestamp(value) ?? null
  return jsonText(value)
}

/**
 * The statement with its values: each `?` that is no part of a text, name or comment takes the next parameter, and a
 * list becomes as many. Throws `invalid_argument` when there are more or fewer parameters than places.
 */
export function bindParameters(
  text: string,
  params: readonly (CellInput | readonly CellInput[])[],
  dialect: TableDialect,
): { sql: string; parameters: SqlValue[] } {
  const parameters: SqlValue[] = []
  let places = 0
  const place = (value: SqlValue): string => {
    parameters.push(value)
    return dialect.mark(parameters.length - 1)
  }
  const bound = text.replace(dialect.opaque, (piece: string, ...rest: unknown[]) => {
    if (piece !== '?') return piece
    const given = params[places++]
    if (given === undefined) return piece
    if (!Array.isArray(given)) return place(parameter(given as CellInput))
    const list = given.length === 0 ? 'NULL' : given.map((value: CellInput) => place(parameter(value))).join(', ')
    return isBracketed(text, Number(rest.at(-2))) ? list : `(${list})`
  })
  const plain = text.replace(dialect.opaque, (piece) => (piece === '?' ? piece : ' '))
  if (OTHER_FORMS.test(plain)) throw refused('parameters are written as "?", without names and numbers')
  if (places !== params.length)
    throw refused(`the statement has ${places} places for parameters, and ${params.length} parameters were given`)
  if (parameters.length > dialect.maxValues)
    throw new AppError('out_of_range', `a statement takes at most ${dialect.maxValues} values`)
  return { sql: bound, parameters }
}

/** Whether the `?` at this place stands alone in brackets. */
const isBracketed = (text: string, at: number): boolean =>
  /\(\s*$/.test(text.slice(Math.max(0, at - 50), at)) && /^\s*\)/.test(text.slice(at + 1, at + 50))
