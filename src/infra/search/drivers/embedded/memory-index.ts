import type { Scalar } from '../../driver.ts'
import { Column } from './column.ts'
import { growBytes, growDoubles } from './growable.ts'
import type { LoadedRow, StoredIndex, Term } from './store.ts'
import { TextField } from './text-field.ts'
import type { VectorArena } from './vector-arena.ts'
import { floatsOf } from './vector-bytes.ts'
import { Vectors } from './vectors.ts'
import { readWords } from './words-blob.ts'

/**
 * One index in memory, derived from the store and disposable: words, filter values and vectors of the living
 * documents, by slot. Slots are handed out in order of arrival; a new version of a document takes a new one.
 */
export class MemoryIndex {
  /** The id of each slot, dead ones too. */
  readonly ids: string[] = []
  readonly texts = new Map<string, TextField>()
  readonly columns = new Map<string, Column>()
  vectors: Vectors | undefined
  /** The number for the next word and for the next version of a document. */
  nextTerm = 0
  nextSeq = 1
  readonly #terms = new Map<string, number>()
  readonly #slots = new Map<string, number>()
  readonly #seqs = growDoubles()
  readonly #live = growBytes()
  #fields: readonly TextField[] = []
  #termLength = 0

  readonly #arena: VectorArena

  constructor(index: StoredIndex, arena: VectorArena) {
    this.#arena = arena
    this.extend(index)
  }

  /** Takes over new fields and a new vector. */
  extend(index: StoredIndex): void {
    for (const name of index.textFields) if (!this.texts.has(name)) this.texts.set(name, new TextField())
    this.#fields = index.textFields.flatMap((name) => this.texts.get(name) ?? [])
    for (const [name, { type }] of Object.entries(index.spec.fields))
      if (type !== 'text' && !this.columns.has(name)) this.columns.set(name, new Column())
    const dims = index.spec.vector?.dims
    if (dims !== undefined) this.vectors ??= new Vectors(dims, this.#arena)
  }

  /** The next version gets a number behind this one. */
  taken(seq: number): void {
    this.nextSeq = Math.max(this.nextSeq, seq + 1)
  }

  addTerms(terms: readonly Term[]): void {
    for (const { word, num } of terms) {
      this.#terms.set(word, num)
      this.#termLength += word.length
      this.nextTerm = Math.max(this.nextTerm, num + 1)
    }
  }

  /** The number of a word, `undefined` when no document ever held it. */
  termOf(word: string): number | undefined {
    return this.#terms.get(word)
  }

  /** Adds one version of a document; an older one is dead from now on. */
  add(row: LoadedRow): void {
    this.kill(row.id)
    const slot = this.ids.length
    this.ids.push(row.id)
    this.#slots.set(row.id, slot)
    this.#seqs.set(slot, row.seq)
    this.#live.set(slot, 1)
    this.taken(row.seq)
    const fields = this.#fields
    readWords(row.words, {
      field: (field, length) => fields[field]?.addDocument(slot, length),
      term: (field, term, frequency) => fields[field]?.addTerm(slot, term, frequency),
    })
    const values = JSON.parse(row.values) as Record<string, Scalar[]>
    for (const [name, list] of Object.entries(values)) this.columns.get(name)?.set(slot, list)
    if (row.vector !== null) this.vectors?.set(slot, floatsOf(row.vector))
  }

  kill(id: string): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    this.#slots.delete(id)
    this.#live.set(slot, 0)
    for (const field of this.#fields) field.kill(slot)
  }

  /** The number of the living version of a document. */
  seqOf(id: string): number | undefined {
    const slot = this.#slots.get(id)
    return slot === undefined ? undefined : this.#seqs.at(slot)
  }

  /** Ids of the living documents, as they are now. */
  liveIds(): string[] {
    return [...this.#slots.keys()]
  }

  /** Per slot 1 where the document is alive. */
  liveMask(): Uint8Array {
    return this.#live.data.slice(0, this.ids.length)
  }

  get liveCount(): number {
    return this.#slots.size
  }

  /** Slots that hold nothing any more. */
  get deadCount(): number {
    return this.ids.length - this.#slots.size
  }

  /** Gives back what the garbage collector does not see. It is not used after. */
  release(): void {
    this.vectors?.release()
  }

  /** An estimate of the memory that this index holds. */
  get sizeBytes(): number {
    let sum = this.ids.length * 150 + this.#terms.size * 90 + this.#termLength + this.#seqs.sizeBytes
    for (const field of this.#fields) sum += field.sizeBytes
    for (const column of this.columns.values()) sum += column.sizeBytes
    return sum + (this.vectors?.sizeBytes ?? 0)
  }
}
