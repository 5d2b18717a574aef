import type { ErrorCode } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'

/**
 * How a field is indexed. `keyword` compares as text (1, "1" and true/"true" are equal), `long` and `double` as
 * numbers, `text` is analysed into words and ranked. A field that the spec does not name is stored and matches nothing.
 */
export type FieldType = 'keyword' | 'long' | 'double' | 'boolean' | 'text'

/** What an index holds. `meta` is kept with it for the caller, for instance which embedding its vectors came from. */
export type IndexSpec = {
  fields: Readonly<Record<string, { type: FieldType }>>
  /** Length of every vector of the index. */
  vector?: { dims: number }
  meta?: Readonly<Record<string, string>>
}

export type IndexInfo = { name: string; spec: IndexSpec }

export type Scalar = string | number | boolean
/** `null` and `[]` mean that the field is missing. A list matches when any of its values does. */
export type FieldValue = Scalar | null | Scalar[]

/** `fields` come back exactly as they were given. */
export type SearchDocument = {
  id: string
  fields: Record<string, FieldValue>
  vector?: Float32Array
}

/** A document as a driver gets it: checked, coerced and analysed by the front. */
export type IndexedDocument = SearchDocument & {
  /** Per field that is mapped and not `text`: its values in the field's type. Missing fields are absent. */
  values: Readonly<Record<string, readonly Scalar[]>>
  /** Per `text` field that is there: its words in order, which may be none. */
  words: Readonly<Record<string, readonly string[]>>
}

/** What callers write. Fields must be in the spec; on `text` fields `contains` asks for every word of the text. */
export type Filter =
  | { op: 'eq' | 'ne'; field: string; value: Scalar }
  | { op: 'in'; field: string; values: readonly Scalar[] }
  | { op: 'range'; field: string; gte?: Scalar; gt?: Scalar; lte?: Scalar; lt?: Scalar }
  | { op: 'exists' | 'missing'; field: string }
  | { op: 'contains'; field: string; text: string }
  | { op: 'and' | 'or'; args: readonly Filter[] }
  | { op: 'not'; arg: Filter }

/** What drivers get: fewer forms, every value already in its field's type. */
export type DriverFilter =
  /** Any value of the field is one of these; none of these matches nothing. */
  | { op: 'in'; field: string; values: readonly Scalar[] }
  /** Any value of the field lies within all the bounds given. Text compares by code unit. */
  | { op: 'range'; field: string; gte?: Scalar; gt?: Scalar; lte?: Scalar; lt?: Scalar }
  /** The field has a value; a `text` field also when it has no word. */
  | { op: 'exists'; field: string }
  /** A `keyword` holds this text literally, ASCII letters compared without case; "" matches every value. */
  | { op: 'contains'; field: string; text: string }
  /** A `text` field holds every one of these words. */
  | { op: 'words'; field: string; words: readonly string[] }
  /** The document has one of these ids; callers don't write it, the front does when it joins two drivers. */
  | { op: 'ids'; ids: readonly string[] }
  /** No arguments: `and` matches everything, `or` nothing. */
  | { op: 'and' | 'or'; args: readonly DriverFilter[] }
  | { op: 'not'; arg: DriverFilter }

export type Sort = { field: string; order: 'asc' | 'desc' }
/** `null` stands for a missing value. */
export type SortValue = Scalar | null

/** Documents that hold any (`or`) or all (`and`) of the words within one of the fields. */
export type Match = { words: readonly string[]; fields: readonly string[]; operator: 'or' | 'and' }

/**
 * One question to one index. With `sort` the order is that; else with `match` BM25 (Lucene's formula, k1 1.2,
 * b 0.75; of several fields the best counts); else with `vector` the cosine; else the id. Ties go by id, ascending.
 */
export type DriverQuery = {
  match?: Match
  /** Finite, of the index's length, not all zero. Never together with `match` or `sort`. */
  vector?: Float32Array
  filter?: DriverFilter
  /** Missing values come last in both orders; a list sorts by its smallest value, descending by its largest. */
  sort?: readonly Sort[]
  /** Only what stands strictly behind these sort values; with `id`, rows tied with them count from that id on. */
  after?: { values: readonly SortValue[]; id?: string }
  /** Least raw score: BM25 or cosine. */
  minScore?: number
  /** 0…10,000; 0 asks for the total only. */
  limit: number
  /** The total is of no interest, and may be how many hits there are. */
  uncounted?: true
}

/** `score` is raw (BM25 or cosine), `null` when nothing was ranked; `sort` holds one value per sort key. */
export type DriverHit = { id: string; score: number | null; sort?: readonly SortValue[] }

/** `total` counts every match, whatever the limit and `after`. */
export type DriverPage = { hits: DriverHit[]; total: number }

/**
 * What a search provider implements. Applications use `Search` in search.ts, which has checked names, specs,
 * documents and requests and has analysed every text, so that all providers rank alike. Methods may run
 * concurrently. A call on an index that is not there throws `not_found`, and no call but `ensureIndex` creates
 * one. When a write has resolved it is durable, and the next search sees it.
 */
export interface SearchDriver {
  /** `text`, `vector` or both: which of `match` and `vector` it answers. */
  readonly features: ReadonlySet<string>
  /** Creates the index, or takes over a spec that extends the present one (the front has checked that it does). */
  ensureIndex(index: string, spec: IndexSpec): Promise<void>
  /** Succeeds when the index is absent. */
  dropIndex(index: string): Promise<void>
  /** Every index, by name; with `only` that one alone, if it is there. */
  indexes(only?: string): Promise<IndexInfo[]>
  /** Creates or replaces documents, all or none. Ids are distinct; at most some hundred documents a call. */
  put(index: string, docs: readonly IndexedDocument[]): Promise<void>
  /**
   * Replaces one document by what `change` makes of the present one, without losing a concurrent change of it.
   * `change` may run more than once; what it throws is thrown, and nothing is written.
   */
  modify(index: string, id: string, change: (now: SearchDocument | undefined) => IndexedDocument): Promise<void>
  /** Removes by id or by filter. Returns how many were there. */
  delete(index: string, which: { ids: readonly string[] } | { filter: DriverFilter }): Promise<number>
  /** The documents in the order of `ids`, `undefined` where there is none; vectors only when asked for. */
  get(index: string, ids: readonly string[], o: { vectors: boolean }): Promise<(SearchDocument | undefined)[]>
  /** Ranks one index. Only ids: the front fetches the fields of those that it returns. */
  search(index: string, query: DriverQuery): Promise<DriverPage>
  /** Every document that is there from start to end exactly once, with vectors, in any order. */
  scan(index: string): AsyncIterable<SearchDocument>
  /** A cheap probe; may throw, which means `down`. */
  health(): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  /** The code for an error this driver threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
  /** Finishes the writes that were accepted, then releases every resource. Called once. */
  close(): Promise<void>
}

/** Where the vectors of an index lie; the driver remembers nothing between two calls. */
export type VectorIndex = { name: string; dims: number }

/**
 * What a provider of vectors alone implements. The front joins it with a `SearchDriver` that keeps the documents, lists
 * and filters them and ranks their texts. The rules of `SearchDriver` hold here too.
 */
export interface VectorDriver {
  readonly features: ReadonlySet<string>
  /** Makes room for vectors of this length unless there is some. */
  ensureIndex(index: VectorIndex): Promise<void>
  /** Removes the vectors of an index, whatever their length. Succeeds when there are none. */
  dropIndex(name: string): Promise<void>
  /** Creates or replaces vectors, with the values that filters look at; a document without a vector loses the one it had. */
  put(index: VectorIndex, docs: readonly IndexedDocument[]): Promise<void>
  /** Passes over ids that have none. */
  delete(index: VectorIndex, ids: readonly string[]): Promise<void>
  /** The vectors in the order of `ids`, exactly as they were given. */
  get(index: VectorIndex, ids: readonly string[]): Promise<(Float32Array | undefined)[]>
  /** Whether a search may have this filter. Others come as the ids that they match. */
  supports(filter: DriverFilter): boolean
  /** Ranks by cosine; never with `match` or `sort`. */
  search(index: VectorIndex, query: DriverQuery & { vector: Float32Array }): Promise<DriverPage>
  /** A cheap probe; may throw, which means `down`. */
  health(): Promise<Omit<Health, 'provider' | 'latencyMs'>>
  /** The code for an error this driver threw; `unknown` when it cannot tell. */
  codeOf(err: unknown): ErrorCode
  /** Finishes the writes that were accepted, then releases every resource. Called once. */
  close(): Promise<void>
}
