import type { DriverFilter, IndexedDocument } from '../../driver.ts'
import { maskOf } from './filter-mask.ts'
import type { MemoryIndex } from './memory-index.ts'
import type { IndexWrite, StoredIndex, StoredRow, Term } from './store.ts'
import { bytesOf } from './vector-bytes.ts'
import { type FieldTerms, packWords } from './words-blob.ts'

/**
 * What one transaction will change in one index, gathered before it is written: the last state of each document
 * that it touches. Nothing reaches the memory index until `apply`, which is called once the store has committed.
 */
export class Plan {
  readonly index: StoredIndex
  readonly #memory: MemoryIndex
  /** `null`: removed. */
  readonly #changes = new Map<string, IndexedDocument | null>()

  constructor(index: StoredIndex, memory: MemoryIndex) {
    this.index = index
    this.#memory = memory
  }

  put(doc: IndexedDocument): void {
    this.#changes.set(doc.id, doc)
  }

  /** Whether there was such a document, counting what this plan did before. */
  remove(id: string): boolean {
    const there = this.has(id)
    if (there) this.#changes.set(id, null)
    return there
  }

  /** Removes what the filter matches in memory; for a plan that has changed nothing yet. Returns how many. */
  removeWhere(filter: DriverFilter): number {
    const mask = maskOf(this.#memory, filter)
    const ids = this.#memory.ids.filter((_id, slot) => mask[slot] === 1)
    for (const id of ids) this.#changes.set(id, null)
    return ids.length
  }

  has(id: string): boolean {
    const change = this.#changes.get(id)
    return change === undefined ? this.#memory.seqOf(id) !== undefined : change !== null
  }

  /** The document as this plan leaves it; `undefined` when the plan does not touch it. */
  changed(id: string): IndexedDocument | null | undefined {
    return this.#changes.get(id)
  }

  /** The rows to write, and what to do to memory when they are. Takes numbers for versions and words. */
  write(): { write: IndexWrite; apply(): void } {
    const rows: StoredRow[] = []
    const dead: number[] = []
    const words = new NewWords(this.#memory)
    for (const [id, doc] of this.#changes) {
      const seq = this.#memory.seqOf(id)
      if (seq !== undefined) dead.push(seq)
      if (doc !== null) rows.push(this.#rowOf(doc, words))
    }
    const apply = (): void => {
      this.#memory.addTerms(words.terms)
      for (const [id, doc] of this.#changes) if (doc === null) this.#memory.kill(id)
      for (const row of rows) this.#memory.add(row)
    }
    return { write: { index: this.index, rows, dead, terms: words.terms }, apply }
  }

  #rowOf(doc: IndexedDocument, words: NewWords): StoredRow {
    const fields: FieldTerms[] = []
    for (const [field, name] of this.index.textFields.entries()) {
      const list = doc.words[name]
      if (list !== undefined) fields.push({ field, length: list.length, terms: words.count(list) })
    }
    return {
      seq: this.#memory.nextSeq++,
      id: doc.id,
      values: JSON.stringify(doc.values),
      fields: JSON.stringify(doc.fields),
      words: packWords(fields),
      vector: doc.vector === undefined ? null : bytesOf(doc.vector),
    }
  }
}

/** Numbers for the words of a transaction: known ones from memory, new ones counted on from there. */
class NewWords {
  readonly terms: Term[] = []
  readonly #memory: MemoryIndex
  readonly #nums = new Map<string, number>()

  constructor(memory: MemoryIndex) {
    this.#memory = memory
  }

  count(words: readonly string[]): FieldTerms['terms'] {
    // By word first: the dictionary is large, and a document repeats its words.
    const frequencies = new Map<string, number>()
    for (const word of words) frequencies.set(word, (frequencies.get(word) ?? 0) + 1)
    return Array.from(frequencies, ([word, frequency]) => {
      const term = this.#memory.termOf(word) ?? this.#nums.get(word) ?? this.#add(word)
      return { term, frequency }
    })
  }

  #add(word: string): number {
    const num = this.#memory.nextTerm + this.terms.length
    this.terms.push({ num, word })
    this.#nums.set(word, num)
    return num
  }
}
