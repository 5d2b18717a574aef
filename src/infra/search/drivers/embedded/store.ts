import type { ErrorCode } from '../../../../base/errors.ts'
import type { Health } from '../../../../base/health.ts'
import type { IndexSpec } from '../../driver.ts'

/** An index as the store knows it. `num` names its tables; while the process lives no other index gets it. */
export type StoredIndex = {
  num: number
  name: string
  spec: IndexSpec
  /** The text fields in the order in which they were added: `words` blobs name them by their place here. */
  textFields: readonly string[]
}

/** What the memory index is built from. `seq` is the number of one version of a document. */
export type LoadedRow = {
  seq: number
  id: string
  /** JSON of `IndexedDocument.values`. */
  values: string
  /** See words-blob.ts. */
  words: Uint8Array
  /** Little-endian float32. */
  vector: Uint8Array | null
}

/** `fields` is the JSON of the document's fields. */
export type StoredRow = LoadedRow & { fields: string }

export type Term = { num: number; word: string }

/** What one transaction changes in one index: new versions, the numbers of replaced or deleted ones, new words. */
export type IndexWrite = {
  index: StoredIndex
  rows: readonly StoredRow[]
  dead: readonly number[]
  terms: readonly Term[]
}

export type FetchedRow = { seq: number; id: string; fields: string; vector: Uint8Array | null }

export type LoadVisitor = {
  terms(terms: readonly Term[]): void
  rows(rows: readonly LoadedRow[]): void
  /** No new version may have this number or a lower one: a dead row still has it. */
  taken(seq: number): void
}

/**
 * The durable truth under the memory indexes: documents with their analysed words, by version number. The engine
 * calls `create`, `extend`, `drop`, `commit` and `tidy` one at a time, the others at any moment.
 */
export interface Store {
  list(): Promise<StoredIndex[]>
  create(index: StoredIndex): Promise<void>
  extend(index: StoredIndex): Promise<void>
  drop(index: StoredIndex): Promise<void>
  /** Hands over the index's words, then its living rows, in portions that leave the event loop free in between. */
  load(index: StoredIndex, visit: LoadVisitor): Promise<void>
  /** All or nothing, durable when it resolves. */
  commit(writes: readonly IndexWrite[]): Promise<void>
  /** Rows by number, in any order; those that are gone are left out. */
  fetch(index: StoredIndex, seqs: readonly number[], o: { vectors: boolean }): Promise<FetchedRow[]>
  /** Gives back the room of dead rows when it is worth it. */
  tidy(index: StoredIndex): Promise<void>
  health(): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  codeOf(err: unknown): ErrorCode
  close(): Promise<void>
}
