import type { DriverFilter, Scalar } from '../../driver.ts'
import { compareScalar } from './column.ts'
import type { MemoryIndex } from './memory-index.ts'

/** Per slot 1 where the document is alive and the filter holds. */
export function maskOf(index: MemoryIndex, filter: DriverFilter | undefined): Uint8Array {
  const live = index.liveMask()
  return filter === undefined ? live : intersect(live, evaluate(index, filter))
}

/** Masks are not shared: each one may be written over by its caller. */
function evaluate(index: MemoryIndex, filter: DriverFilter): Uint8Array {
  const slots = index.ids.length
  switch (filter.op) {
    case 'and':
      return filter.args.map((arg) => evaluate(index, arg)).reduce(intersect, new Uint8Array(slots).fill(1))
    case 'or':
      return filter.args.map((arg) => evaluate(index, arg)).reduce(unite, new Uint8Array(slots))
    case 'not': {
      const mask = evaluate(index, filter.arg)
      for (let i = 0; i < slots; i++) mask[i] = 1 - (mask[i] ?? 0)
      return mask
    }
    case 'ids': {
      const wanted = new Set(filter.ids)
      return Uint8Array.from(index.ids, (id) => (wanted.has(id) ? 1 : 0))
    }
    case 'words': {
      const terms = filter.words.map((word) => index.termOf(word))
      const known = terms.filter((term) => term !== undefined)
      const text = index.texts.get(filter.field)
      return text === undefined || known.length < terms.length ? new Uint8Array(slots) : text.maskOfTerms(known, slots)
    }
    default: {
      const text = index.texts.get(filter.field)
      if (text !== undefined && filter.op === 'exists') return text.mask(slots)
      return index.columns.get(filter.field)?.mask(slots, testOf(filter)) ?? new Uint8Array(slots)
    }
  }
}

function testOf(
  filter: Extract<DriverFilter, { op: 'in' | 'range' | 'exists' | 'contains' }>,
): (values: readonly Scalar[]) => boolean {
  switch (filter.op) {
    case 'exists':
      return () => true
    case 'in': {
      const wanted = new Set(filter.values)
      return (values) => values.some((value) => wanted.has(value))
    }
    case 'contains': {
      const part = lowerAscii(filter.text)
      return (values) => values.some((value) => lowerAscii(String(value)).includes(part))
    }
    case 'range':
      return (values) => values.some((value) => within(value, filter))
  }
}

function within(value: Scalar, { gte, gt, lte, lt }: Extract<DriverFilter, { op: 'range' }>): boolean {
  return (
    (gte === undefined || compareScalar(value, gte) >= 0) &&
    (gt === undefined || compareScalar(value, gt) > 0) &&
    (lte === undefined || compareScalar(value, lte) <= 0) &&
    (lt === undefined || compareScalar(value, lt) < 0)
  )
}

/** ASCII letters only, as external engines do it. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

function intersect(into: Uint8Array, mask: Uint8Array): Uint8Array {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) & (mask[i] ?? 0)
  return into
}

function unite(into: Uint8Array, mask: Uint8Array): Uint8Array {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) | (mask[i] ?? 0)
  return into
}
