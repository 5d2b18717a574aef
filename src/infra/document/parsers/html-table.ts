import type { FirstRow } from '../tables.ts'

/** Hostile spans would multiply one cell into millions. */
const MAX_COLUMN_SPAN = 100
const MAX_ROW_SPAN = 1_000
const MAX_COLUMNS = 1_000

/** One table while it is read: spans are filled in, so that every row has its cells under the right header. */
export class HtmlTable {
  readonly rows: string[][] = []
  isCellOpen = false
  #headerCells = 0
  #cell = ''
  #isHeader = false
  #span = { columns: 1, rows: 1 }
  /** Column → a value that reaches down from a row above. */
  #below = new Map<number, { text: string; rows: number }>()

  /** The first row names the columns if it consists of header cells. */
  firstRow(): FirstRow {
    return this.#headerCells > 0 && this.#headerCells === this.rows[0]?.length ? 'names' : 'guess'
  }

  openRow(): void {
    this.closeCell()
    this.rows.push([])
    this.#fillFromAbove()
  }

  openCell(isHeader: boolean, columns: string | undefined, rows: string | undefined): void {
    this.closeCell()
    if (this.rows.length === 0) this.openRow()
    this.isCellOpen = true
    this.#isHeader = isHeader
    this.#span = { columns: span(columns, MAX_COLUMN_SPAN), rows: span(rows, MAX_ROW_SPAN) }
  }

  addText(text: string): void {
    this.#cell += this.#cell === '' ? text : `\n${text}`
  }

  closeCell(): void {
    if (!this.isCellOpen) return
    this.isCellOpen = false
    const row = this.rows.at(-1)
    const text = this.#cell
    this.#cell = ''
    for (let i = 0; row !== undefined && i < this.#span.columns && row.length < MAX_COLUMNS; i++) {
      if (this.#span.rows > 1) this.#below.set(row.length, { text, rows: this.#span.rows - 1 })
      row.push(i === 0 ? text : '')
      if (this.#isHeader && this.rows.length === 1) this.#headerCells++
    }
    this.#fillFromAbove()
  }

  #fillFromAbove(): void {
    const row = this.rows.at(-1)
    if (row === undefined || this.#below.size === 0) return
    for (let above = this.#below.get(row.length); above !== undefined; above = this.#below.get(row.length)) {
      if (above.rows === 1) this.#below.delete(row.length)
      else this.#below.set(row.length, { ...above, rows: above.rows - 1 })
      row.push(above.text)
    }
  }
}

function span(text: string | undefined, max: number): number {
  const value = Number.parseInt(text ?? '1', 10)
  return Number.isInteger(value) && value > 0 ? Math.min(value, max) : 1
}
