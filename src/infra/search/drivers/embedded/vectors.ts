import { growBytes } from './growable.ts'
import { BLOCK_BYTES, paddedLength, type VectorArena } from './vector-arena.ts'

/**
 * The vectors of one index by slot, in memory, scaled to length 1 so that a dot product is the cosine. Search is
 * exact: every vector that the mask leaves is compared.
 */
export class Vectors {
  readonly dims: number
  readonly #arena: VectorArena
  /** Floats from one vector to the next, and vectors in a block. */
  readonly #stride: number
  readonly #perBlock: number
  readonly #blocks: number[] = []
  readonly #has = growBytes()

  constructor(dims: number, arena: VectorArena) {
    this.dims = dims
    this.#arena = arena
    this.#stride = paddedLength(dims)
    this.#perBlock = Math.floor(BLOCK_BYTES / 4 / this.#stride)
  }

  /** A vector of zeros has no direction and is never found. */
  set(slot: number, vector: Float32Array): void {
    const norm = lengthOf(vector)
    if (norm === 0 || vector.length !== this.dims) return
    const block = Math.floor(slot / this.#perBlock)
    while (this.#blocks.length <= block) this.#blocks.push(NO_BLOCK)
    if (this.#blocks[block] === NO_BLOCK) this.#blocks[block] = this.#arena.allocate()
    const floats = this.#arena.floats(this.#blocks[block] ?? NO_BLOCK)
    const start = (slot % this.#perBlock) * this.#stride
    floats.fill(0, start + this.dims, start + this.#stride)
    for (let i = 0; i < this.dims; i++) floats[start + i] = (vector[i] ?? 0) / norm
    this.#has.set(slot, 1)
  }

  /** Calls `found` with the cosine of every vector whose slot is 1 in the mask, in slot order. */
  score(query: Float32Array, mask: Uint8Array, found: (slot: number, cosine: number) => void): void {
    const norm = lengthOf(query)
    if (norm === 0 || query.length !== this.dims) return
    const cosine = this.#arena.against(query.map((x) => x / norm))
    const has = this.#has.data
    for (const [number, block] of this.#blocks.entries()) {
      if (block === NO_BLOCK) continue
      const first = number * this.#perBlock
      const end = Math.min(first + this.#perBlock, mask.length, has.length)
      for (let slot = first; slot < end; slot++)
        if (mask[slot] === 1 && has[slot] === 1) found(slot, cosine(block, (slot - first) * this.#stride))
    }
  }

  /** Gives the memory back; nothing is found any more. */
  release(): void {
    this.#arena.release(this.#blocks.filter((block) => block !== NO_BLOCK))
    this.#blocks.length = 0
  }

  get sizeBytes(): number {
    return this.#blocks.filter((block) => block !== NO_BLOCK).length * BLOCK_BYTES + this.#has.sizeBytes
  }
}

/** Stands where no slot of a block has a vector. */
const NO_BLOCK = -1

function lengthOf(vector: Float32Array): number {
  let sum = 0
  for (const x of vector) sum += x * x
  return Math.sqrt(sum)
}
