import { createHash } from 'node:crypto'
import type { DriverFilter, IndexedDocument, Scalar } from '../../driver.ts'

/** The column with the values of a document, as JSON: a list per field. */
export const VALUES = 'vals'
/** Which fields there are; no field has this name. */
const HAS = '~has'
/** A range looks at so many values of a list. */
const RANGED = 8
/** Longer texts are kept as their beginning and a hash: Milvus takes 65,536 bytes of JSON. UTF-16 units. */
const MAX_TEXT = 1_000

/** What filters look at. Text fields only say that they are there. */
export function valuesOf(doc: IndexedDocument): Record<string, readonly Scalar[]> {
  const has = Object.keys(doc.words)
  const values: Record<string, readonly Scalar[]> = { [HAS]: has }
  for (const [field, list] of Object.entries(doc.values)) {
    values[field] = list.map(cut)
    for (let i = 0; i < Math.min(list.length, RANGED); i++) has.push(placeOf(field, i))
  }
  return values
}

/** How `HAS` names a value of a field; the first one stands for the field. No field name has a ":". */
const placeOf = (field: string, i: number): string => (i === 0 ? field : `${field}:${i}`)

function cut(value: Scalar): Scalar {
  if (typeof value !== 'string' || value.length <= MAX_TEXT) return value
  return `${value.slice(0, MAX_TEXT - 100).toWellFormed()}#${createHash('sha256').update(value).digest('base64url')}`
}

/** Parts of texts are not to be found: `like` knows no way to take "%" literally on every version. */
export function isSupported(filter: DriverFilter): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.every(isSupported)
    case 'not':
      return isSupported(filter.arg)
    case 'contains':
    case 'words':
      return false
    default:
      return true
  }
}

/** A filter in Milvus's language, over documents of the index `name`. */
export function expressionOf(filter: DriverFilter, name: string): string {
  switch (filter.op) {
    case 'and':
      return filter.args.length === 0 ? 'pk != ""' : joined(filter.args, 'and', name)
    case 'or':
      return filter.args.length === 0 ? 'pk == ""' : joined(filter.args, 'or', name)
    case 'not':
      return `not (${expressionOf(filter.arg, name)})`
    case 'ids':
      return `pk in ${list(filter.ids.map((id) => keyOf(name, id)))}`
    case 'exists':
      return has(filter.field)
    case 'in':
      if (filter.values.length === 0) return 'pk == ""'
      return `(${has(filter.field)} and json_contains_any(${at(filter.field)}, ${list(filter.values.map(cut))}))`
    case 'range':
      return rangeOf(filter)
    default:
      throw new TypeError(`a filter "${filter.op}" cannot be asked of Milvus`)
  }
}

/** The primary key: no index name has a "/". */
export const keyOf = (name: string, id: string): string => `${name}/${id}`
export const idOf = (name: string, key: string): string => key.slice(name.length + 1)

const joined = (args: readonly DriverFilter[], by: string, name: string): string =>
  `(${args.map((arg) => expressionOf(arg, name)).join(` ${by} `)})`

/** Guards every look at a value: what is compared with a missing one is neither true nor false, and so is its `not`. */
const has = (field: string): string => `json_contains(${at(HAS)}, ${literal(field)})`
const at = (field: string): string => `${VALUES}[${literal(field)}]`

const COMPARE = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const

function rangeOf(filter: Extract<DriverFilter, { op: 'range' }>): string {
  const bounds = (['gte', 'gt', 'lte', 'lt'] as const).flatMap((name) => {
    const value = filter[name]
    return value === undefined ? [] : [[COMPARE[name], literal(value)] as const]
  })
  if (bounds.length === 0) return has(filter.field)
  const places = Array.from({ length: RANGED }, (_, i) => {
    const value = `${at(filter.field)}[${i}]`
    const within = bounds.map(([compare, bound]) => `${value} ${compare} ${bound}`)
    return `(${[has(placeOf(filter.field, i)), ...within].join(' and ')})`
  })
  return `(${places.join(' or ')})`
}

const list = (values: readonly Scalar[]): string => `[${values.map(literal).join(', ')}]`

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A value as a constant of the language. What every version reads: other characters stand as they are. */
export const literal = (value: Scalar): string =>
  typeof value === 'string'
    ? `"${value.toWellFormed().replace(/[\\"\n\r\t]/g, (c) => ESCAPES[c] ?? c)}"`
    : String(value)
