/** Vectors in one page; a page is made when its first vector comes. */
const PER_PAGE = 1024

/**
 * The vectors of one index by slot, in memory, scaled to length 1 so that a dot product is the cosine. Search is
 * exact: every vector that the mask leaves is compared.
 */
export class Vectors {
  readonly dims: number
  readonly #pages: (Float32Array | undefined)[] = []
  #has = new Uint8Array(PER_PAGE)

  constructor(dims: number) {
    this.dims = dims
  }

  /** A vector of zeros has no direction and is never found. */
  set(slot: number, vector: Float32Array): void {
    const norm = lengthOf(vector)
    if (norm === 0 || vector.length !== this.dims) return
    const number = Math.floor(slot / PER_PAGE)
    const page = this.#pages[number] ?? new Float32Array(PER_PAGE * this.dims)
    this.#pages[number] = page
    const start = (slot % PER_PAGE) * this.dims
    for (let i = 0; i < this.dims; i++) page[start + i] = (vector[i] ?? 0) / norm
    if (slot >= this.#has.length) {
      const grown = new Uint8Array(Math.max(slot + 1, this.#has.length * 2))
      grown.set(this.#has)
      this.#has = grown
    }
    this.#has[slot] = 1
  }

  /** Calls `found` with the cosine of every vector whose slot is 1 in the mask, in slot order. */
  score(query: Float32Array, mask: Uint8Array, found: (slot: number, cosine: number) => void): void {
    const { dims } = this
    const norm = lengthOf(query)
    if (norm === 0) return
    const unit = query.map((x) => x / norm)
    const end = Math.min(mask.length, this.#has.length)
    for (let slot = 0; slot < end; slot++) {
      if (this.#has[slot] === 0 || mask[slot] === 0) continue
      const page = this.#pages[Math.floor(slot / PER_PAGE)]
      if (page !== undefined) found(slot, dot(page, (slot % PER_PAGE) * dims, unit, dims))
    }
  }

  get sizeBytes(): number {
    return this.#pages.filter((page) => page !== undefined).length * PER_PAGE * this.dims * 4 + this.#has.length
  }
}

/** Four sums at once: the processor need not wait for the last addition. */
function dot(page: Float32Array, start: number, unit: Float32Array, dims: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  let i = 0
  for (; i + 3 < dims; i += 4) {
    a += (page[start + i] as number) * (unit[i] as number)
    b += (page[start + i + 1] as number) * (unit[i + 1] as number)
    c += (page[start + i + 2] as number) * (unit[i + 2] as number)
    d += (page[start + i + 3] as number) * (unit[i + 3] as number)
  }
  for (; i < dims; i++) a += (page[start + i] as number) * (unit[i] as number)
  return a + b + c + d
}

function lengthOf(vector: Float32Array): number {
  let sum = 0
  for (const x of vector) sum += x * x
  return Math.sqrt(sum)
}
