import type { Context } from '../context.ts'
import { addHits } from './store.ts'

const FLUSH_AFTER_MS = 2_000
const FLUSH_AT = 2_000

/**
 * Counts how often chunks and documents were recalled. Counts are collected for some seconds and written together,
 * so that an answer never waits for them; those of the last seconds are lost with a killed process.
 */
export class HitCounter {
  readonly #context: Context
  #chunks = new Map<string, number>()
  #documents = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(context: Context) {
    this.#context = context
  }

  add(hits: readonly { chunkId: string; documentId: string }[]): void {
    for (const { chunkId } of hits) this.#chunks.set(chunkId, (this.#chunks.get(chunkId) ?? 0) + 1)
    for (const id of new Set(hits.map((hit) => hit.documentId)))
      this.#documents.set(id, (this.#documents.get(id) ?? 0) + 1)
    if (this.#chunks.size >= FLUSH_AT) void this.flush()
    else if (this.#chunks.size > 0) this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref()
  }

  /** Writes what was counted. Never rejects: a count is not worth an error. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const [chunks, documents] = [this.#chunks, this.#documents]
    this.#chunks = new Map()
    this.#documents = new Map()
    if (chunks.size > 0) this.#writing = this.#writing.then(() => this.#write(chunks, documents)).catch(() => undefined)
    return this.#writing
  }

  #write(chunks: ReadonlyMap<string, number>, documents: ReadonlyMap<string, number>): Promise<void> {
    return this.#context.database.transaction(async (tx) => {
      for (const [hits, ids] of byCount(chunks)) await addHits(tx, 'chunk', ids, hits)
      for (const [hits, ids] of byCount(documents)) await addHits(tx, 'document', ids, hits)
    })
  }
}

/** Ids that got the same number of hits, to be updated by one statement. */
function byCount(counts: ReadonlyMap<string, number>): Map<number, string[]> {
  const groups = Map.groupBy(counts, ([, hits]) => hits)
  return new Map([...groups].map(([hits, entries]) => [hits, entries.map(([id]) => id)]))
}
