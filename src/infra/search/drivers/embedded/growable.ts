type Numbers = Uint8Array | Uint32Array | Float64Array

/** A typed array that grows by doubling. Unset places read 0. Read `data` afresh after every `set`. */
export class Growable<T extends Numbers> {
  data: T
  readonly #make: (length: number) => T

  constructor(make: (length: number) => T) {
    this.#make = make
    this.data = make(64)
  }

  set(at: number, value: number): void {
    this.reach(at)
    this.data[at] = value
  }

  at(at: number): number {
    return this.data[at] ?? 0
  }

  /** Makes place `at` exist. */
  reach(at: number): void {
    if (at < this.data.length) return
    const grown = this.#make(Math.max(at + 1, this.data.length * 2))
    grown.set(this.data)
    this.data = grown
  }

  get sizeBytes(): number {
    return this.data.byteLength
  }
}

export const growBytes = (): Growable<Uint8Array> => new Growable((n) => new Uint8Array(n))
export const growUints = (): Growable<Uint32Array> => new Growable((n) => new Uint32Array(n))
export const growDoubles = (): Growable<Float64Array> => new Growable((n) => new Float64Array(n))
