import { AppError } from '../../base/errors.ts'
import type { ParseContext } from './parse.ts'
import { columnNames, columnsText, rowText } from './tables.ts'

/**
 * Turns the lines of a table file into row blocks: finds the header and the first row as the options say, pads and
 * cuts rows to the header's width, stops at `maxRows`. Feed it every line, then call `finish`.
 * `unnamed: 'keep'` gives columns beyond the header's last name a number instead of cutting them.
 */
export class RowReader {
  readonly #context: ParseContext
  readonly #keepUnnamed: boolean
  readonly #headerLine: number | undefined
  readonly #firstLine: number
  readonly #maxRows: number
  readonly #asCells: boolean
  #names: string[] | undefined
  #line = -1
  #rows = 0
  #ragged: number[] = []
  #raggedCount = 0

  /** Throws `invalid_argument` when the first row would come before the header. */
  constructor(context: ParseContext, options: { unnamed: 'keep' | 'cut' }) {
    const { headerLine, firstLine, maxRows } = context.options
    if (firstLine !== undefined && firstLine <= (headerLine ?? 0))
      throw new AppError('invalid_argument', 'the first row of a table must come after its header line')
    this.#context = context
    this.#keepUnnamed = options.unnamed === 'keep'
    this.#headerLine = headerLine
    this.#firstLine = firstLine ?? 0
    this.#asCells = context.options.cells === true
    this.#maxRows = maxRows ?? Number.POSITIVE_INFINITY
  }

  /** Takes the next line; false when no more are wanted. */
  push(cells: readonly string[]): boolean {
    this.#line++
    if (this.#line < (this.#headerLine ?? 0) || cells.every((cell) => cell.trim() === '')) return true
    if (this.#names === undefined) {
      this.#names = columnNames(this.#keepUnnamed ? cells : withoutEmptyTail(cells))
      if (this.#asCells) this.#add(this.#names)
      return true
    }
    if (this.#line < this.#firstLine) return true
    if (this.#rows === this.#maxRows) {
      this.#context.sink.warn(`only the first ${this.#maxRows} rows were read`)
      return false
    }
    this.#rows++
    if (cells.length < this.#names.length || withoutEmptyTail(cells).length > this.#names.length) this.#noteRagged()
    if (this.#asCells) this.#add(this.#names.map((_, i) => cells[i] ?? ''))
    else this.#context.sink.add({ kind: 'row', text: rowText(this.#names, cells) })
    return true
  }

  /** After the last line: a table of column names only says so, and ragged rows are reported. */
  finish(): void {
    if (this.#names !== undefined && this.#rows === 0 && !this.#asCells)
      this.#context.sink.add({ kind: 'text', text: columnsText(this.#names) })
    if (this.#raggedCount === 0) return
    const where = `line${this.#raggedCount === 1 ? '' : 's'} ${this.#ragged.join(', ')}`
    const more = this.#raggedCount > this.#ragged.length ? ', …' : ''
    this.#context.sink.warn(
      `${this.#raggedCount} rows do not have as many cells as the header and were filled up or cut (${where}${more})`,
    )
  }

  #add(cells: readonly string[]): void {
    this.#context.sink.add({ kind: 'row', text: JSON.stringify(cells) })
  }

  #noteRagged(): void {
    this.#raggedCount++
    if (this.#ragged.length < 5) this.#ragged.push(this.#line + 1)
  }
}

function withoutEmptyTail(cells: readonly string[]): readonly string[] {
  let end = cells.length
  while (end > 0 && cells[end - 1]?.trim() === '') end--
  return cells.slice(0, end)
}
