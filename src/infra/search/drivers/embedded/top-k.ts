/**
 * Keeps the first `k` of many candidates in an order: a heap whose top is the last of those kept. `comesBefore`
 * must be a total order, so that the result does not depend on the order of arrival.
 */
export class TopK {
  readonly #k: number
  readonly #heap: number[] = []
  readonly #comesBefore: (a: number, b: number) => boolean

  constructor(k: number, comesBefore: (a: number, b: number) => boolean) {
    this.#k = k
    this.#comesBefore = comesBefore
  }

  add(candidate: number): void {
    const heap = this.#heap
    if (heap.length < this.#k) {
      heap.push(candidate)
      this.#up(heap.length - 1)
    } else if (this.#k > 0 && this.#comesBefore(candidate, heap[0] ?? candidate)) {
      heap[0] = candidate
      this.#down()
    }
  }

  /** The kept ones, first to last. */
  take(): number[] {
    return this.#heap.sort((a, b) => (this.#comesBefore(a, b) ? -1 : 1))
  }

  #up(from: number): void {
    const heap = this.#heap
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#comesBefore(heap[parent] as number, heap[at] as number)) return
      swap(heap, at, parent)
      at = parent
    }
  }

  #down(): void {
    const heap = this.#heap
    for (let at = 0; ; ) {
      let last = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && this.#comesBefore(heap[last] as number, heap[child] as number)) last = child
      if (last === at) return
      swap(heap, at, last)
      at = last
    }
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] as number
  heap[a] = heap[b] as number
  heap[b] = kept
}
