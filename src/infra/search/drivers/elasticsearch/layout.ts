import { createHash } from 'node:crypto'
import type { FieldType, IndexedDocument, IndexSpec, Scalar } from '../../driver.ts'
import type { Flavor, Json } from './http.ts'
import { termsOf } from './words.ts'

/**
 * How documents lie in the server. All logical indexes share one index, told apart by `ix`, because thousands of small
 * ones are more than a cluster bears; a column is named by type and field, so that two may use a name differently.
 */
export const COLUMNS: Readonly<Record<FieldType, string>> = {
  keyword: 'k_',
  long: 'l_',
  double: 'd_',
  boolean: 'b_',
  text: 'w_',
}

/** The column of a field. */
export const columnOf = (field: string, type: FieldType): string => `${COLUMNS[type]}${field}`
/** The column with how many words a text field has. */
export const lengthOf = (field: string): string => `n_${field}`
/** The column with how often a text field has the word that it has most often. */
export const mostOf = (field: string): string => `m_${field}`
/** The column of vectors of one length. */
export const vectorOf = (dims: number): string => `v_${dims}`

/**
 * Whether vectors of this length are kept as the server's own type, compared one by one by its own code. Others are
 * bytes that a script reads.
 */
export const isNative = (dims: number, { engine, major, minor }: Flavor): boolean =>
  engine === 'Elasticsearch' && dims <= 4_096 && (major > 8 || minor >= 13)

/** Settings and mappings of the shared index. */
export const settingsOf = (shards: number, replicas: number | undefined): Json => ({
  number_of_shards: shards,
  ...(replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas }),
  'index.mapping.total_fields.limit': 5_000,
  // The documents of one logical index lie together, so that the filter on it skips the rest.
  'index.sort.field': ['ix'],
})

export const BASE_MAPPINGS: Json = {
  dynamic: 'strict',
  // What can be made anew from `src` and `vec` is not kept twice.
  _source: { excludes: ['v_*', 'w_*'] },
  _routing: { required: true },
  properties: {
    ix: { type: 'keyword' },
    id: { type: 'keyword' },
    src: { type: 'object', enabled: false },
    vec: { type: 'binary' },
  },
}

export const CATALOG_MAPPINGS: Json = {
  dynamic: 'strict',
  properties: {
    name: { type: 'keyword' },
    uid: { type: 'keyword' },
    gone: { type: 'boolean' },
    spec: { type: 'object', enabled: false },
  },
}

/** The columns that a spec needs. */
export function propertiesOf(spec: IndexSpec, flavor: Flavor): Json {
  const properties: Record<string, Json> = {}
  for (const [field, { type }] of Object.entries(spec.fields)) {
    properties[columnOf(field, type)] = COLUMN_TYPES[type]
    if (type === 'text') for (const column of [lengthOf(field), mostOf(field)]) properties[column] = { type: 'integer' }
  }
  const dims = spec.vector?.dims
  if (dims !== undefined)
    properties[vectorOf(dims)] = isNative(dims, flavor)
      ? { type: 'dense_vector', dims, similarity: 'dot_product', index_options: { type: 'flat' } }
      : { type: 'binary', doc_values: true }
  return properties
}

const COLUMN_TYPES: Readonly<Record<FieldType, Json>> = {
  keyword: { type: 'keyword' },
  long: { type: 'long' },
  double: { type: 'double' },
  boolean: { type: 'byte' },
  // The terms hold the frequencies.
  text: { type: 'text', analyzer: 'whitespace', norms: false, index_options: 'docs' },
}

/** Bytes that Lucene takes for one term are 32,766. */
const MAX_TERM_BYTES = 32_000

/** A value as it is indexed and asked for. A keyword that is too long for a term is cut, with its hash behind. */
export function termOf(value: Scalar): string | number {
  if (typeof value === 'boolean') return value ? 1 : 0
  // -0 and 0 are equal here and two numbers there.
  if (typeof value === 'number') return value + 0
  if (value.length * 3 <= MAX_TERM_BYTES || Buffer.byteLength(value) <= MAX_TERM_BYTES) return value
  return `${value.slice(0, 8_000).toWellFormed()}\0${createHash('sha256').update(value).digest('base64url')}`
}

const MAX_KEY_BYTES = 500

/** The server's id of a document. The parts of `uid` have one length, so that no two documents share one. */
export function keyOf(uid: string, id: string): string {
  if (Buffer.byteLength(id) + uid.length < MAX_KEY_BYTES) return `${uid}:${id}`
  return `${uid}#${createHash('sha256').update(id).digest('base64url')}`
}

/** A document as it is sent. */
export function bodyOf(uid: string, doc: IndexedDocument, spec: IndexSpec, flavor: Flavor): Json {
  const body: Record<string, unknown> = { ix: uid, id: doc.id, src: JSON.stringify(doc.fields) }
  for (const [field, { type }] of Object.entries(spec.fields)) {
    const words = doc.words[field]
    const values = doc.values[field]
    if (words !== undefined) {
      const { terms, most } = termsOf(words)
      body[columnOf(field, 'text')] = terms
      body[lengthOf(field)] = words.length
      body[mostOf(field)] = most
    } else if (values !== undefined && type !== 'text') {
      body[columnOf(field, type)] = values.map(termOf)
    }
  }
  if (doc.vector === undefined) return body
  body.vec = Buffer.from(doc.vector.buffer, doc.vector.byteOffset, doc.vector.byteLength).toString('base64')
  const unit = unitOf(doc.vector)
  // A vector of zeros has no direction and is near nothing.
  if (unit !== undefined) body[vectorOf(unit.length)] = isNative(unit.length, flavor) ? unit : bigEndian(unit)
  return body
}

/** The vector with the length 1; `undefined` when all of it is zero. */
export function unitOf(vector: Float32Array): number[] | undefined {
  const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  if (largest === 0) return undefined
  // Scaled first: squares of very large or small numbers leave the range.
  const length = largest * Math.sqrt(vector.reduce((sum, x) => sum + (x / largest) ** 2, 0))
  return Array.from(vector, (x) => x / length)
}

function bigEndian(unit: readonly number[]): string {
  const bytes = Buffer.alloc(unit.length * 4)
  for (const [i, x] of unit.entries()) bytes.writeFloatBE(x, i * 4)
  return bytes.toString('base64')
}

/** What `vec` holds, as the vector that was given. */
export function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
