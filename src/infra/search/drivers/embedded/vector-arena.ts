import { AppError } from '../../../../base/errors.ts'
import { type DotKernel, dotKernel, ROUND } from './dot-kernel.ts'

const WASM_PAGE_BYTES = 65_536
/** The first page holds the query; blocks follow. */
const QUERY_BYTES = WASM_PAGE_BYTES
export const BLOCK_BYTES = 4 * WASM_PAGE_BYTES

/**
 * Memory for the vectors of all indexes, in blocks that are given back and used again: one WebAssembly memory, since
 * each one reserves gigabytes of address space. It is made with the first block and never shrinks.
 */
export class VectorArena {
  #kernel: DotKernel | undefined
  readonly #free: number[] = []
  /** Blocks handed out at least once, and blocks that there is memory for. */
  #blocks = 0
  #grown = 0

  /** The number of a block of 256 KiB; what it holds is undefined. Throws `resource_exhausted` beyond 4 GiB. */
  allocate(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#blocks === this.#grown) this.#grow()
    return this.#blocks++
  }

  /** By a quarter, since growing is slow: V8 makes a new buffer each time. */
  #grow(): void {
    const blocks = Math.max(1, this.#grown >> 2)
    this.#kernel ??= dotKernel()
    try {
      this.#kernel.memory.grow((blocks * BLOCK_BYTES) / WASM_PAGE_BYTES)
    } catch (err) {
      throw new AppError('resource_exhausted', 'there is no memory left for vectors', { cause: err })
    }
    this.#grown += blocks
  }

  release(blocks: readonly number[]): void {
    this.#free.push(...blocks)
  }

  /** The floats of a block; valid until the next `allocate`. */
  floats(block: number): Float32Array {
    const buffer = this.#kernel?.memory.buffer ?? new ArrayBuffer(0)
    return new Float32Array(buffer, QUERY_BYTES + block * BLOCK_BYTES, BLOCK_BYTES / 4)
  }

  /** Sets the query. Returns the dot product with the vector that starts at a float of a block. */
  against(query: Float32Array): (block: number, start: number) => number {
    const kernel = this.#kernel
    if (kernel === undefined) return () => 0
    const end = paddedLength(query.length) * 4
    const place = new Float32Array(kernel.memory.buffer, 0, QUERY_BYTES / 4)
    place.fill(0, 0, end / 4)
    place.set(query)
    return (block, start) => kernel.dot(0, QUERY_BYTES + block * BLOCK_BYTES + start * 4, end)
  }
}

/** Floats that a vector takes up in memory. */
export const paddedLength = (dims: number): number => Math.ceil(dims / ROUND) * ROUND
