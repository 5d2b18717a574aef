/** Aborts after a silence of `ms`; each `restart` begins a new one. */
export class Quiet {
  readonly signal: AbortSignal
  readonly #over = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#over.signal])
    this.#timer = setTimeout(() => this.#over.abort(), ms)
  }

  get isOver(): boolean {
    return this.#over.signal.aborted
  }

  restart(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
