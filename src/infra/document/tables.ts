import type { BlockSink } from './sink.ts'

/** Longer first cells are content, not the name of a column. */
const MAX_NAME_CHARS = 60
/** "50", "€ 1.20", "-3 %", "12 days". */
const NUMBER_LIKE = /^[\s.,+\-−~<>≤≥≈(€$£¥￥]*\d/

/**
 * How the first row is read: `names` holds the column names, `plain` has none, `guess` looks at the cells
 * (a table in running text rarely says).
 */
export type FirstRow = 'names' | 'plain' | 'guess'

/** Column names from a header row: blanks become "Column 3", repeats "Name 2". */
export function columnNames(cells: readonly string[]): string[] {
  const used = new Map<string, number>()
  return cells.map((cell, i) => {
    const name = cell.replace(/\s+/g, ' ').trim() || `Column ${i + 1}`
    const seen = (used.get(name) ?? 0) + 1
    used.set(name, seen)
    return seen === 1 ? name : `${name} ${seen}`
  })
}

/** "Name: Ada; City: London", on lines of their own when a value has several; empty cells are left out. */
export function rowText(names: readonly string[], cells: readonly string[]): string {
  const pairs: string[] = []
  for (const [i, name] of names.entries()) {
    const value = cells[i]?.trim() ?? ''
    if (value !== '') pairs.push(`${name}: ${value}`)
  }
  return pairs.join(pairs.some((pair) => pair.includes('\n')) ? '\n' : '; ')
}

/** A table found in running text, as row blocks; one column or one row is text. */
export function addTable(sink: BlockSink, rows: readonly string[][], first: FirstRow, page?: number): void {
  const filled = rows.filter((row) => row.some((cell) => cell.trim() !== ''))
  const where = page === undefined ? {} : { page }
  const [header, ...rest] = filled
  if (header === undefined) return
  const width = Math.max(...filled.map((row) => row.length))
  if (first === 'names' || (first === 'guess' && rest.length > 0 && looksLikeNames(header, rest, width))) {
    const names = columnNames(Array.from({ length: width }, (_, i) => header[i] ?? ''))
    if (rest.length === 0) sink.add({ kind: 'text', text: columnsText(names), ...where })
    for (const row of rest) sink.add({ kind: 'row', text: rowText(names, row), ...where })
    return
  }
  const kind = width === 1 || filled.length === 1 ? 'text' : 'row'
  for (const row of filled) {
    const cells = row.map((cell) => cell.trim()).filter((cell) => cell !== '')
    const glue = width !== 2 ? ' | ' : /[:：]$/.test(cells[0] ?? '') ? ' ' : ': '
    sink.add({ kind, text: cells.join(glue), ...where })
  }
}

/** What a table without rows says. */
export const columnsText = (names: readonly string[]): string => `Columns: ${names.join(', ')}`

/**
 * Two columns may be a list of "name: value" pairs as well, so there the first row counts as a header only when the
 * rows below hold numbers that it does not.
 */
function looksLikeNames(header: readonly string[], rest: readonly string[][], width: number): boolean {
  const cells = header.map((cell) => cell.trim())
  const named = cells.every((cell) => cell !== '' && cell.length <= MAX_NAME_CHARS && !NUMBER_LIKE.test(cell))
  if (!named || cells.length < width || width < 2 || new Set(cells).size < cells.length) return false
  if (width > 2) return true
  const numbers = rest.filter((row) => NUMBER_LIKE.test(row[1] ?? '')).length
  return numbers * 2 > rest.length
}
