import { growBytes, growUints } from './growable.ts'
import { Postings } from './postings.ts'

const K1 = 1.2
const B = 0.75

/**
 * One text field of one index, in memory, ranked by BM25 as Lucene has it (k1 1.2, b 0.75) with exact lengths and
 * exact counts: documents that were replaced or deleted count no more.
 */
export class TextField {
  readonly #postings = new Postings()
  readonly #lengths = growUints()
  readonly #has = growBytes()
  #documents = 0
  #words = 0
  #dead = 0

  /** The document has this field, with `length` words. */
  addDocument(slot: number, length: number): void {
    this.#has.set(slot, 1)
    this.#lengths.set(slot, length)
    this.#documents++
    this.#words += length
  }

  addTerm(slot: number, term: number, frequency: number): void {
    this.#postings.add(term, slot, frequency)
  }

  /** The document counts no more; its postings stay and are passed over. */
  kill(slot: number): void {
    if (this.#has.at(slot) === 0) return
    this.#has.set(slot, 0)
    this.#dead++
    this.#documents--
    this.#words -= this.#lengths.at(slot)
  }

  /** Per slot 1 where the field is there, also without any word. */
  mask(slots: number): Uint8Array {
    this.#has.reach(slots)
    return this.#has.data.slice(0, slots)
  }

  /** Per slot 1 where the field holds every term. */
  maskOfTerms(terms: readonly number[], slots: number): Uint8Array {
    const counts = new Uint32Array(slots)
    for (const term of terms) for (const posting of this.#postings.read(term)) (counts[posting >>> 8] as number)++
    return Uint8Array.from(counts, (count) => (count === terms.length ? 1 : 0))
  }

  /**
   * The BM25 score of every living document that holds any of the terms.
   *
   * @param terms Term → how often the query has it. Words that the index does not know are left out by the caller.
   * @returns `slots`: those that hold a term, each once; by slot the score and how many of the terms it holds.
   */
  score(
    terms: ReadonlyMap<number, number>,
    slots: number,
  ): { slots: readonly number[]; sums: Float64Array; counts: Uint16Array } {
    const touched: number[] = []
    const sums = new Float64Array(slots)
    const counts = new Uint16Array(slots)
    const has = this.#has.data
    const lengths = this.#lengths.data
    const base = K1 * (1 - B)
    const perWord = this.#words === 0 ? 0 : (K1 * B * this.#documents) / this.#words
    for (const [term, weight] of terms) {
      const postings = this.#postings.read(term)
      const idf = idfOf(this.#documents, this.#dead === 0 ? postings.length : countIn(postings, has))
      const scale = weight * idf * (K1 + 1)
      for (let i = 0; i < postings.length; i++) {
        const posting = postings[i] as number
        const slot = posting >>> 8
        if (has[slot] !== 1) continue
        const frequency = this.#postings.frequencyOf(term, posting)
        if (counts[slot] === 0) touched.push(slot)
        counts[slot] = (counts[slot] as number) + 1
        const part = (scale * frequency) / (frequency + base + perWord * (lengths[slot] as number))
        sums[slot] = (sums[slot] as number) + part
      }
    }
    return { slots: touched, sums, counts }
  }

  get sizeBytes(): number {
    return this.#postings.sizeBytes + this.#lengths.sizeBytes + this.#has.sizeBytes
  }
}

/** Rare terms weigh more; never negative. */
const idfOf = (documents: number, holders: number): number =>
  Math.log(1 + (documents - holders + 0.5) / (holders + 0.5))

function countIn(postings: Uint32Array, has: Uint8Array): number {
  let count = 0
  for (let i = 0; i < postings.length; i++) count += has[(postings[i] as number) >>> 8] as number
  return count
}
