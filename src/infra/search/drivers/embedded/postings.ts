import { AppError } from '../../../../base/errors.ts'
import { growUints } from './growable.ts'

const PAGE_BITS = 16
const PAGE_SIZE = 1 << PAGE_BITS
const PAGE_MASK = PAGE_SIZE - 1
/** Words of a page at first; more than a slice. */
const FIRST_SIZE = 2_048
/** Postings in the largest slice; small enough that the rest of a page is no great waste. */
const MAX_SLICE = 1024
/** Per term: first slice, current slice, next free place, places left in the slice, postings so far. */
const STRIDE = 5
/** A posting is one number: 24 bits of slot, 8 bits of frequency. */
const MAX_SLOT = 2 ** 24 - 1
const BIG_FREQUENCY = 255

/**
 * Which documents hold a term, and how often: one text field of one index, in memory. Each term is a chain of
 * slices in shared pages, each slice at most as long as the ones before it together, so that the many terms of one
 * document cost little and the few of many documents are read in long runs. Documents are only ever added.
 */
export class Postings {
  readonly #pages: Uint32Array[] = []
  #free = 0
  readonly #terms = growUints()
  /** Frequencies that do not fit into 8 bits, by term and slot. */
  readonly #big = new Map<number, number>()

  /** Adds one posting. `slot` is above every slot that the term has. */
  add(term: number, slot: number, frequency: number): void {
    if (slot > MAX_SLOT) throw new AppError('resource_exhausted', 'an index holds at most 16,777,215 documents')
    const at = term * STRIDE
    this.#terms.reach(at + STRIDE - 1)
    const terms = this.#terms.data
    if (terms[at + 3] === 0) this.#addSlice(at)
    const place = terms[at + 2] ?? 0
    const page = this.#pages[place >>> PAGE_BITS]
    if (page === undefined) return
    page[place & PAGE_MASK] = (slot << 8) | Math.min(frequency, BIG_FREQUENCY)
    if (frequency >= BIG_FREQUENCY) this.#big.set(term * (MAX_SLOT + 1) + slot, frequency)
    terms[at + 2] = place + 1
    terms[at + 3] = (terms[at + 3] ?? 0) - 1
    terms[at + 4] = (terms[at + 4] ?? 0) + 1
  }

  /** The term's postings in slot order, each `slot << 8 | frequency`; take the frequency by `frequencyOf`. */
  read(term: number): Uint32Array {
    const at = term * STRIDE
    const terms = this.#terms.data
    const count = terms[at + 4] ?? 0
    const out = new Uint32Array(count)
    let slice = terms[at] ?? 0
    for (let filled = 0; filled < count; ) {
      const page = this.#pages[slice >>> PAGE_BITS]
      if (page === undefined) break
      const start = (slice & PAGE_MASK) + 1
      const length = Math.min(sliceLength(filled), count - filled)
      out.set(page.subarray(start, start + length), filled)
      filled += length
      slice = page[start - 1] ?? 0
    }
    return out
  }

  frequencyOf(term: number, posting: number): number {
    const small = posting & 255
    if (small < BIG_FREQUENCY) return small
    return this.#big.get(term * (MAX_SLOT + 1) + (posting >>> 8)) ?? small
  }

  get sizeBytes(): number {
    const pages =
      this.#pages.length === 0 ? 0 : (this.#pages.length - 1) * PAGE_SIZE + (this.#pages.at(-1)?.length ?? 0)
    return pages * 4 + this.#terms.sizeBytes
  }

  /** A slice is one word that holds the next slice's address, then its postings. It never crosses a page. */
  #addSlice(at: number): void {
    const terms = this.#terms.data
    const count = terms[at + 4] ?? 0
    const length = sliceLength(count)
    const slice = this.#take(length + 1)
    if (count === 0) {
      terms[at] = slice
    } else {
      const before = terms[at + 1] ?? 0
      const page = this.#pages[before >>> PAGE_BITS]
      if (page !== undefined) page[before & PAGE_MASK] = slice
    }
    terms[at + 1] = slice
    terms[at + 2] = slice + 1
    terms[at + 3] = length
  }

  /** The address of so many words in a row. A page grows to its full size, for most indexes are small. */
  #take(length: number): number {
    if (this.#pages.length === 0 || this.#free + length > PAGE_SIZE) {
      this.#pages.push(new Uint32Array(FIRST_SIZE))
      this.#free = 0
    }
    const number = this.#pages.length - 1
    const page = this.#pages[number]
    if (page !== undefined && this.#free + length > page.length) {
      const grown = new Uint32Array(Math.min(PAGE_SIZE, Math.max(this.#free + length, page.length * 4)))
      grown.set(page)
      this.#pages[number] = grown
    }
    const address = number * PAGE_SIZE + this.#free
    this.#free += length
    return address
  }
}

/** How long the slice is that starts after `count` postings: 1, 1, 2, 4, … */
const sliceLength = (count: number): number => Math.min(MAX_SLICE, Math.max(1, count))
