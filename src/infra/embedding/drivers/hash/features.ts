/** Starting value and step of FNV-1a, over UTF-16 units. */
const SEED = 0x811c9dc5
const STEP = 0x01000193

/** Spreads a hash over all its bits. */
export function mix(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The hash of a whole word. */
export function hashWord(units: ArrayLike<number>, length: number): number {
  let h = SEED
  for (let i = 0; i < length; i++) h = Math.imul(h ^ (units[i] ?? 0), STEP)
  return mix(h)
}

/** The hash of a run of units, kept apart from words and from runs of other lengths. */
export function hashRun(units: ArrayLike<number>, from: number, length: number): number {
  let h = Math.imul(SEED ^ length, 0x9e3779b1)
  for (let i = from; i < from + length; i++) h = Math.imul(h ^ (units[i] ?? 0), STEP)
  return mix(h)
}

/**
 * Counts features of one text after another: an open hash table that is emptied by its own list of used slots, so that
 * short texts don't pay for long ones. Far faster than a `Map` here.
 */
export class FeatureCounts {
  #keys = new Int32Array(0)
  #counts = new Uint16Array(0)
  #weights = new Float32Array(0)
  #used = new Int32Array(0)
  #size = 0

  /** Empties the table and makes room for up to `features` different ones. */
  reset(features: number): void {
    let capacity = 1_024
    while (capacity < features * 2) capacity *= 2
    if (this.#keys.length < capacity) {
      this.#keys = new Int32Array(capacity)
      this.#counts = new Uint16Array(capacity)
      this.#weights = new Float32Array(capacity)
      this.#used = new Int32Array(capacity)
    } else for (let i = 0; i < this.#size; i++) this.#counts[this.#used[i] ?? 0] = 0
    this.#size = 0
  }

  add(hash: number, weight: number): void {
    const mask = this.#keys.length - 1
    let slot = hash & mask
    while (this.#counts[slot] !== 0) {
      if (this.#keys[slot] === hash) {
        if (this.#counts[slot] !== 0xffff) this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
        return
      }
      slot = (slot + 1) & mask
    }
    this.#keys[slot] = hash
    this.#counts[slot] = 1
    this.#weights[slot] = weight
    this.#used[this.#size++] = slot
  }

  /** Folds the features into a vector: sign and place by hash, weight times 1 + ln(count). */
  fold(into: Float32Array, logs: Float32Array): void {
    const dims = into.length
    for (let i = 0; i < this.#size; i++) {
      const slot = this.#used[i] ?? 0
      const hash = this.#keys[slot] ?? 0
      const count = this.#counts[slot] ?? 1
      const value = (this.#weights[slot] ?? 0) * (count < logs.length ? (logs[count] ?? 1) : 1 + Math.log(count))
      const place = (hash >>> 1) % dims
      into[place] = (into[place] ?? 0) + ((hash & 1) === 0 ? value : -value)
    }
  }
}
