import { AppError } from '../../base/errors.ts'
import type { Analyzer } from './analysis.ts'
import type { DriverFilter, FieldType, Filter, IndexSpec, Scalar } from './driver.ts'
import { coerce } from './values.ts'

const MAX_VALUES = 65_536
const MAX_DEPTH = 32

/**
 * Checks a filter against an index and brings it into the drivers' form: known fields only, values in the
 * field's type, text analysed. Throws `invalid_argument` naming the field, so that a mistyped filter is an
 * error and never an unfiltered search.
 */
export function compileFilter(filter: Filter, spec: IndexSpec, analyzer: Analyzer, depth = 0): DriverFilter {
  if (depth > MAX_DEPTH) throw new AppError('invalid_argument', `a filter nests at most ${MAX_DEPTH} levels deep`)
  const below = (part: Filter): DriverFilter => compileFilter(part, spec, analyzer, depth + 1)
  switch (filter.op) {
    case 'eq':
      return values(filter.field, [filter.value], spec)
    case 'ne':
      return { op: 'not', arg: values(filter.field, [filter.value], spec) }
    case 'in':
      return values(filter.field, filter.values, spec)
    case 'range':
      return range(filter, spec)
    case 'exists':
      typeOf(filter.field, spec)
      return { op: 'exists', field: filter.field }
    case 'missing':
      typeOf(filter.field, spec)
      return { op: 'not', arg: { op: 'exists', field: filter.field } }
    case 'contains':
      return contains(filter.field, filter.text, spec, analyzer)
    case 'and':
    case 'or':
      return { op: filter.op, args: filter.args.map(below) }
    case 'not':
      return { op: 'not', arg: below(filter.arg) }
    default:
      throw new AppError('invalid_argument', 'unknown filter operator')
  }
}

/** The type of a field, or `invalid_argument` when the index has none of that name. */
export function typeOf(field: string, spec: IndexSpec): FieldType {
  const found = Object.hasOwn(spec.fields, field) ? spec.fields[field] : undefined
  if (found === undefined) throw new AppError('invalid_argument', `the index has no field "${field}"`)
  return found.type
}

function exactType(field: string, spec: IndexSpec): FieldType {
  const type = typeOf(field, spec)
  if (type !== 'text') return type
  throw new AppError('invalid_argument', `field "${field}" is text: only contains, exists and missing filter it`)
}

function values(field: string, given: readonly Scalar[], spec: IndexSpec): DriverFilter {
  const type = exactType(field, spec)
  if (given.length > MAX_VALUES)
    throw new AppError('invalid_argument', `field "${field}": a filter lists at most ${MAX_VALUES} values`)
  return { op: 'in', field, values: given.map((value) => coerce(field, type, value)) }
}

function range(filter: Extract<Filter, { op: 'range' }>, spec: IndexSpec): DriverFilter {
  const type = exactType(filter.field, spec)
  if (type === 'boolean') throw new AppError('invalid_argument', `field "${filter.field}" is boolean and has no range`)
  const out: Extract<DriverFilter, { op: 'range' }> = { op: 'range', field: filter.field }
  for (const bound of ['gte', 'gt', 'lte', 'lt'] as const) {
    const value = filter[bound]
    if (value !== undefined) out[bound] = coerce(filter.field, type, value)
  }
  return out
}

function contains(field: string, text: string, spec: IndexSpec, analyzer: Analyzer): DriverFilter {
  const type = typeOf(field, spec)
  if (text === '') return { op: 'exists', field }
  if (type === 'keyword') return { op: 'contains', field, text }
  if (type !== 'text') throw new AppError('invalid_argument', `field "${field}" is ${type}: contains needs text`)
  const words = [...new Set(analyzer.words(text))]
  return words.length === 0 ? { op: 'or', args: [] } : { op: 'words', field, words }
}
