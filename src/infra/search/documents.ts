import { AppError } from '../../base/errors.ts'
import { formatBytes } from '../../base/units.ts'
import type { Analyzer } from './analysis.ts'
import type { FieldValue, IndexedDocument, IndexSpec, Scalar, SearchDocument } from './driver.ts'
import { coerce } from './values.ts'

/** UTF-8 bytes of one document's fields as JSON. */
export const MAX_DOCUMENT_BYTES = 10 * 1024 ** 2
const MAX_ID_LENGTH = 512

/** What `update` changes: the named fields are replaced, `null` removes one; `vector: null` removes the vector. */
export type PartialDocument = {
  fields?: Readonly<Record<string, FieldValue | undefined>>
  vector?: Float32Array | null
}

/** Throws `invalid_argument` for an id that no provider takes: 1…512 characters, none of them a control character. */
export function checkId(id: string): void {
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH || !id.isWellFormed() || /\p{Cc}/u.test(id))
    throw new AppError(
      'invalid_argument',
      `a document id has 1 to ${MAX_ID_LENGTH} characters, none a control character`,
    )
}

/**
 * Makes a driver's document: checks it against the spec, coerces values, analyses texts. Throws `invalid_argument`
 * naming the document and field, `resource_exhausted` when it is over 10 MiB.
 */
export function indexDocument(doc: SearchDocument, spec: IndexSpec, analyzer: Analyzer): IndexedDocument {
  checkId(doc.id)
  try {
    const fields = checkFields(doc.fields)
    const values: Record<string, Scalar[]> = {}
    const words: Record<string, string[]> = {}
    for (const [name, { type }] of Object.entries(spec.fields)) {
      const given = listOf(Object.hasOwn(fields, name) ? fields[name] : undefined)
      if (given.length === 0) continue
      if (type === 'text') words[name] = given.flatMap((text) => analyzer.words(String(text)))
      else values[name] = given.map((value) => coerce(name, type, value))
    }
    const out: IndexedDocument = { id: doc.id, fields, values, words }
    if (doc.vector !== undefined) out.vector = checkVector(doc.vector, spec)
    return out
  } catch (err) {
    if (err instanceof AppError)
      throw new AppError(err.code, `document "${doc.id}": ${err.message}`, { details: { id: doc.id } })
    throw err
  }
}

/** The document after a partial change. */
export function applyPartial(id: string, now: SearchDocument | undefined, partial: PartialDocument): SearchDocument {
  const fields = { ...now?.fields }
  for (const [name, value] of Object.entries(partial.fields ?? {})) {
    if (value === null) delete fields[name]
    else if (value !== undefined) fields[name] = value
  }
  const vector = partial.vector === undefined ? now?.vector : (partial.vector ?? undefined)
  return { id, fields, ...(vector === undefined ? {} : { vector }) }
}

/** Throws `invalid_argument` unless the vector is finite and as long as the index says. */
export function checkVector(vector: Float32Array, spec: IndexSpec): Float32Array {
  const dims = spec.vector?.dims
  if (dims === undefined) throw new AppError('invalid_argument', 'the index holds no vectors')
  if (vector.length !== dims)
    throw new AppError('invalid_argument', `the vector has ${vector.length} dimensions, the index ${dims}`)
  if (!vector.every(Number.isFinite))
    throw new AppError('invalid_argument', 'the vector holds a number that is not finite')
  return vector
}

function listOf(value: FieldValue | undefined): readonly Scalar[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

/** A copy, so that a caller who changes its object later does not change what is stored. */
function checkFields(given: SearchDocument['fields']): Record<string, FieldValue> {
  let sizeBytes = 0
  const fields: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (name === '__proto__') throw new AppError('invalid_argument', `"${name}" is no field name`)
    for (const part of listOf(value)) {
      if (typeof part === 'object' || typeof part === 'function' || typeof part === 'bigint' || Number.isNaN(part))
        throw new AppError(
          'invalid_argument',
          `field "${name}": a value is a text, a number, true, false or a list of them`,
        )
      sizeBytes += typeof part === 'string' ? Buffer.byteLength(part) : 8
    }
    sizeBytes += Buffer.byteLength(name) + 8
    fields[name] = Array.isArray(value) ? [...value] : value
  }
  if (sizeBytes <= MAX_DOCUMENT_BYTES) return fields
  const [size, limit] = [formatBytes(sizeBytes), formatBytes(MAX_DOCUMENT_BYTES)]
  throw new AppError('resource_exhausted', `it has ${size}; a document has at most ${limit}`)
}
