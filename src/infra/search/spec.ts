import { AppError } from '../../base/errors.ts'
import type { FieldType, IndexSpec } from './driver.ts'

const FIELD_TYPES: ReadonlySet<string> = new Set<FieldType>(['keyword', 'long', 'double', 'boolean', 'text'])
const MAX_FIELDS = 1_000
const MAX_DIMS = 16_384

/** Throws `invalid_argument` unless the name is 1…200 of `a-z 0-9 _ . -` and starts with a letter or digit. */
export function checkIndexName(name: string): void {
  if (!/^[a-z0-9][a-z0-9_.-]{0,199}$/.test(name))
    throw new AppError(
      'invalid_argument',
      'an index name is 1 to 200 of "a-z 0-9 _ . -" and starts with a letter or digit',
    )
}

/** Throws `invalid_argument` for field names, types or vector lengths that no provider takes. */
export function checkSpec(spec: IndexSpec): void {
  const fields = Object.entries(spec.fields)
  if (fields.length > MAX_FIELDS) throw new AppError('invalid_argument', `an index has at most ${MAX_FIELDS} fields`)
  for (const [name, { type }] of fields) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) || name === '__proto__')
      throw new AppError('invalid_argument', `"${name}" is no field name: use letters, digits and "_"`)
    if (!FIELD_TYPES.has(type)) throw new AppError('invalid_argument', `field "${name}" has the unknown type "${type}"`)
  }
  const dims = spec.vector?.dims
  if (dims !== undefined && (!Number.isInteger(dims) || dims < 1 || dims > MAX_DIMS))
    throw new AppError('invalid_argument', `vector lengths are whole numbers from 1 to ${MAX_DIMS}`)
}

/**
 * The spec of an index after it was asked for again. Fields, a vector and meta entries may be added; what is there
 * may not change, because stored documents were indexed by it. Throws `conflict` naming the way out.
 */
export function extendSpec(index: string, old: IndexSpec, wanted: IndexSpec): IndexSpec {
  const conflict = (what: string): AppError =>
    new AppError('conflict', `index "${index}" ${what}; re-index it: drop it and put its documents again`)
  for (const [name, { type }] of Object.entries(wanted.fields)) {
    const present = old.fields[name]?.type
    if (present !== undefined && present !== type) throw conflict(`has "${name}" as ${present}, not ${type}`)
  }
  if (old.vector !== undefined && wanted.vector !== undefined && old.vector.dims !== wanted.vector.dims)
    throw conflict(`holds vectors of ${old.vector.dims} dimensions, not ${wanted.vector.dims}`)
  for (const [key, value] of Object.entries(wanted.meta ?? {})) {
    const present = old.meta?.[key]
    if (present !== undefined && present !== value) throw conflict(`was made with another "${key}"`)
  }
  const vector = old.vector ?? wanted.vector
  return {
    fields: { ...old.fields, ...wanted.fields },
    ...(vector === undefined ? {} : { vector }),
    meta: { ...old.meta, ...wanted.meta },
  }
}
