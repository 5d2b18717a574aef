import type { DriverEvent } from '../../driver.ts'

type Piece = Extract<DriverEvent, { type: 'text' | 'reasoning' }>

const OPEN = '<think>'
const CLOSE = '</think>'

/** How many units at the end of `text` may be the start of `mark`. */
function tailOf(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--)
    if (mark.startsWith(text.slice(-length))) return length
  return 0
}

/**
 * Takes apart what local servers put into the text: an answer that starts with `<think>` is reasoning up to `</think>`.
 * The marks may be cut anywhere between two pieces. One splitter per answer.
 */
export class ThinkSplitter {
  #state: 'start' | 'thinking' | 'after' | 'text' = 'start'
  #held = ''

  /** The pieces that are certain after this much text. */
  push(text: string): Piece[] {
    if (this.#state === 'text') return [{ type: 'text', text }]
    this.#held += text
    const out: Piece[] = []
    if (this.#state === 'start') {
      const begin = this.#held.trimStart()
      if (begin.length < OPEN.length && OPEN.startsWith(begin)) return out
      if (!begin.startsWith(OPEN)) return [...out, ...this.#rest('text')]
      this.#held = begin.slice(OPEN.length)
      this.#state = 'thinking'
    }
    if (this.#state === 'thinking') {
      const end = this.#held.indexOf(CLOSE)
      const certain = end >= 0 ? end : this.#held.length - tailOf(this.#held, CLOSE)
      if (certain > 0) out.push({ type: 'reasoning', text: this.#held.slice(0, certain) })
      this.#held = this.#held.slice(end >= 0 ? end + CLOSE.length : certain)
      if (end < 0) return out
      this.#state = 'after'
    }
    // The blank lines behind the mark belong to neither.
    this.#held = this.#held.trimStart()
    return this.#held === '' ? out : [...out, ...this.#rest('text')]
  }

  /** What was still held back when the answer ended. */
  end(): Piece[] {
    return this.#rest(this.#state === 'thinking' ? 'reasoning' : 'text')
  }

  #rest(type: Piece['type']): Piece[] {
    const text = this.#held
    this.#held = ''
    this.#state = 'text'
    return text === '' ? [] : [{ type, text }]
  }
}
