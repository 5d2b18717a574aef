import type { Scalar, Sort, SortValue } from '../../driver.ts'
import { growUints } from './growable.ts'

/**
 * The values of one field by slot, in memory. Each distinct value (or list of values) is kept once under a code, so
 * that a filter or an order is worked out per distinct value and looked up per document. Code 0 is "missing".
 */
export class Column {
  readonly #codes = growUints()
  readonly #values: (readonly Scalar[])[] = [[]]
  readonly #codeOf = new Map<string, number>()
  readonly #ranks = new Map<Sort['order'], { size: number; ranks: Uint32Array }>()
  #textBytes = 0

  set(slot: number, values: readonly Scalar[]): void {
    const key = values.length === 1 ? `${typeof values[0]}:${values[0]}` : JSON.stringify(values)
    let code = this.#codeOf.get(key)
    if (code === undefined) {
      code = this.#values.length
      this.#values.push(values)
      this.#codeOf.set(key, code)
      this.#textBytes += key.length
    }
    this.#codes.set(slot, code)
  }

  /** Per slot 1 where the test holds; a missing value never does. */
  mask(slots: number, test: (values: readonly Scalar[]) => boolean): Uint8Array {
    const holds = Uint8Array.from(this.#values, (values, code) => (code > 0 && test(values) ? 1 : 0))
    this.#codes.reach(slots)
    const codes = this.#codes.data
    const mask = new Uint8Array(slots)
    for (let slot = 0; slot < slots; slot++) mask[slot] = holds[codes[slot] ?? 0] ?? 0
    return mask
  }

  /** What the slot sorts by: of a list its smallest value, descending its largest. */
  sortValue(slot: number, order: Sort['order']): SortValue {
    return pick(this.#values[this.#codes.at(slot)] ?? [], order)
  }

  /** Per code its place in this order: equal values share one, missing ones have the last. Look up by `code`. */
  ranks(order: Sort['order']): Uint32Array {
    const known = this.#ranks.get(order)
    if (known?.size === this.#values.length) return known.ranks
    const picked = this.#values.map((values) => pick(values, order))
    const codes = [...picked.keys()].sort((a, b) => compareSort(picked[a] ?? null, picked[b] ?? null, order))
    const ranks = new Uint32Array(codes.length)
    let rank = 0
    for (const [i, code] of codes.entries()) {
      const before = codes[i - 1]
      if (before !== undefined && compareSort(picked[before] ?? null, picked[code] ?? null, order) !== 0) rank++
      ranks[code] = rank
    }
    this.#ranks.set(order, { size: this.#values.length, ranks })
    return ranks
  }

  code(slot: number): number {
    return this.#codes.at(slot)
  }

  /** An estimate: distinct values weigh some hundred bytes as entries of the maps. */
  get sizeBytes(): number {
    return this.#codes.sizeBytes + this.#values.length * 120 + this.#textBytes
  }
}

/** Missing values last in both orders. */
export function compareSort(a: SortValue, b: SortValue, order: Sort['order']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const way = compareScalar(a, b)
  return order === 'asc' ? way : -way
}

/** Text by code unit, everything else as numbers. */
export function compareScalar(a: Scalar, b: Scalar): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return Number(a) - Number(b)
}

function pick(values: readonly Scalar[], order: Sort['order']): SortValue {
  let best: SortValue = null
  for (const value of values) if (best === null || compareSort(value, best, order) < 0) best = value
  return best
}
