import { MemoryIndex } from './memory-index.ts'
import type { Store, StoredIndex } from './store.ts'
import { VectorArena } from './vector-arena.ts'

type Entry = {
  loading: Promise<MemoryIndex>
  loaded: MemoryIndex | undefined
  leases: number
  /** As of the end of the last lease. */
  sizeBytes: number
  forgotten: boolean
}

/** A memory index that stays as long as the lease has not ended. */
export type Lease = { memory: MemoryIndex; end(): void }

/**
 * The memory indexes that are in use, loaded from the store at first use. When they hold more than the limit
 * together, the ones used longest ago go; one that is over the limit alone stays while it is the last one used.
 */
export class IndexCache {
  readonly #store: Store
  readonly #maxBytes: number
  readonly #arena = new VectorArena()
  /** By table number, the one used last at the end. */
  readonly #entries = new Map<number, Entry>()
  #sizeBytes = 0

  constructor(store: Store, maxBytes: number) {
    this.#store = store
    this.#maxBytes = maxBytes
  }

  /** Runs `work` on the index in memory. In its first turn it sees every write that has resolved. */
  async use<T>(index: StoredIndex, work: (memory: MemoryIndex) => T): Promise<T> {
    const lease = await this.lease(index)
    try {
      return work(lease.memory)
    } finally {
      lease.end()
    }
  }

  /** The index in memory, until `end` is called, once. */
  async lease(index: StoredIndex): Promise<Lease> {
    const entry = this.#entry(index)
    entry.leases++
    const end = (): void => {
      entry.leases--
      this.#measure(entry)
      this.#tidy(entry)
      this.#evict()
    }
    try {
      return { memory: await entry.loading, end }
    } catch (err) {
      end()
      throw err
    }
  }

  /** The index if it is in memory already. */
  peek(index: StoredIndex): MemoryIndex | undefined {
    return this.#entries.get(index.num)?.loaded
  }

  /** Takes over new fields; also when the index is being loaded right now. */
  async extend(index: StoredIndex): Promise<void> {
    const memory = await this.#entries.get(index.num)?.loading
    memory?.extend(index)
  }

  /** The next use loads it from the store again. */
  forget(index: StoredIndex): void {
    const entry = this.#entries.get(index.num)
    if (entry !== undefined) this.#remove(index.num, entry)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
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
    const entry: Entry = { loading: this.#load(index), loaded: undefined, leases: 0, sizeBytes: 0, forgotten: false }
    this.#entries.set(index.num, entry)
    entry.loading.then(
      (memory) => {
        entry.loaded = memory
        this.#tidy(entry)
      },
      () => {
        if (this.#entries.get(index.num) === entry) this.#entries.delete(index.num)
      },
    )
    return entry
  }

  async #load(index: StoredIndex): Promise<MemoryIndex> {
    const memory = new MemoryIndex(index, this.#arena)
    await this.#store.load(index, {
      terms: (terms) => memory.addTerms(terms),
      rows: (rows) => {
        for (const row of rows) memory.add(row)
      },
      taken: (seq) => memory.taken(seq),
    })
    return memory
  }

  #evict(): void {
    if (this.#entries.size < 2) return
    const last = [...this.#entries.keys()].at(-1)
    for (const [num, entry] of this.#entries) {
      if (this.#sizeBytes <= this.#maxBytes) return
      if (num !== last && entry.leases === 0 && entry.loaded !== undefined) this.#remove(num, entry)
    }
  }

  #remove(num: number, entry: Entry): void {
    this.#entries.delete(num)
    entry.forgotten = true
    this.#sizeBytes -= entry.sizeBytes
    this.#tidy(entry)
  }

  #measure(entry: Entry): void {
    if (entry.forgotten || entry.loaded === undefined) return
    const { sizeBytes } = entry.loaded
    this.#sizeBytes += sizeBytes - entry.sizeBytes
    entry.sizeBytes = sizeBytes
  }

  /** Gives the memory back when nobody can use it any more. */
  #tidy(entry: Entry): void {
    if (entry.forgotten && entry.leases === 0) entry.loaded?.release()
  }
}
