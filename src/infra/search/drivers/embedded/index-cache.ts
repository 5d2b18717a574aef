import { MemoryIndex } from './memory-index.ts'
import type { Store, StoredIndex } from './store.ts'

type Entry = { loading: Promise<MemoryIndex>; loaded: MemoryIndex | undefined; pins: number }

/**
 * The memory indexes that are in use, loaded from the store at first use. When they hold more than the limit
 * together, the ones used longest ago go; one that is over the limit alone stays while it is the last one used.
 */
export class IndexCache {
  readonly #store: Store
  readonly #maxBytes: number
  /** By table number, the one used last at the end. */
  readonly #entries = new Map<number, Entry>()

  constructor(store: Store, maxBytes: number) {
    this.#store = store
    this.#maxBytes = maxBytes
  }

  /** The index in memory. What is done with it in the same turn sees every write that has resolved. */
  async get(index: StoredIndex): Promise<MemoryIndex> {
    const entry = this.#entry(index)
    return entry.loaded ?? (await entry.loading)
  }

  /** As `get`; it stays in memory until it is unpinned, as often as it was pinned. */
  async pin(index: StoredIndex): Promise<MemoryIndex> {
    const entry = this.#entry(index)
    entry.pins++
    return entry.loaded ?? (await entry.loading)
  }

  unpin(index: StoredIndex): void {
    const entry = this.#entries.get(index.num)
    if (entry !== undefined) entry.pins = Math.max(0, entry.pins - 1)
    this.#evict()
  }

  /** The index if it is in memory already. */
  peek(index: StoredIndex): MemoryIndex | undefined {
    return this.#entries.get(index.num)?.loaded
  }

  /** The next use loads it from the store again. */
  forget(index: StoredIndex): void {
    this.#entries.delete(index.num)
  }

  get sizeBytes(): number {
    let sum = 0
    for (const { loaded } of this.#entries.values()) sum += loaded?.sizeBytes ?? 0
    return sum
  }

  get count(): number {
    return this.#entries.size
  }

  #entry(index: StoredIndex): Entry {
    const known = this.#entries.get(index.num)
    if (known !== undefined) {
      this.#entries.delete(index.num)
      this.#entries.set(index.num, known)
      return known
    }
    const entry: Entry = { loading: this.#load(index), loaded: undefined, pins: 0 }
    this.#entries.set(index.num, entry)
    entry.loading.then(
      (memory) => {
        entry.loaded = memory
        this.#evict()
      },
      () => {
        if (this.#entries.get(index.num) === entry) this.#entries.delete(index.num)
      },
    )
    return entry
  }

  async #load(index: StoredIndex): Promise<MemoryIndex> {
    const memory = new MemoryIndex(index)
    await this.#store.load(index, {
      terms: (terms) => memory.addTerms(terms),
      rows: (rows) => {
        for (const row of rows) memory.add(row)
      },
    })
    return memory
  }

  #evict(): void {
    const last = [...this.#entries.keys()].at(-1)
    for (const [num, entry] of this.#entries) {
      if (this.sizeBytes <= this.#maxBytes) return
      if (num !== last && entry.pins === 0 && entry.loaded !== undefined) this.#entries.delete(num)
    }
  }
}
