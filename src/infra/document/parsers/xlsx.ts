import readXlsxFile, { readSheet } from 'read-excel-file/node'
import { AppError } from '../../../base/errors.ts'
import { openOffice } from '../office.ts'
import type { ParseContext } from '../parse.ts'
import { RowReader } from '../rows.ts'

type Cell = string | number | boolean | Date | null
type Sheet = { sheet: string; data: Cell[][] }

/**
 * An Excel workbook: every sheet (or `options.sheet`) becomes rows, under a heading with its name when there are
 * several. Formulas give their stored values, dates are written as 2024-01-31 or 2024-01-31 14:30. Lines above the
 * header that hold a single cell (a title) become text.
 */
export async function parseXlsx(source: Uint8Array, context: ParseContext): Promise<void> {
  const file = Buffer.from(openOffice(source, 'xl/', context.limits))
  const sheets = await readSheets(file, context.options.sheet)
  for (const { sheet, data } of sheets) {
    const reader = new RowReader(context, { unnamed: 'keep' })
    if (sheets.length > 1 || context.options.cells === true)
      context.sink.add({ kind: 'heading', text: sheet, level: 1 })
    const titles = context.options.headerLine === undefined ? titleLines(data) : 0
    for (const row of data.slice(0, titles)) context.sink.add({ kind: 'text', text: row.map(cellText).join('') })
    for (const row of data.slice(titles)) if (!reader.push(row.map(cellText))) break
    reader.finish()
  }
}

async function readSheets(file: Buffer, wanted: string | number | undefined): Promise<Sheet[]> {
  if (wanted === undefined) return (await readXlsxFile(file)) as unknown as Sheet[]
  const unknown = (cause?: unknown) =>
    new AppError('invalid_argument', `the workbook has no sheet ${JSON.stringify(wanted)}`, { cause })
  if (typeof wanted === 'number' && !(wanted >= 0)) throw unknown()
  const key = typeof wanted === 'number' ? wanted + 1 : wanted
  try {
    return [{ sheet: String(wanted), data: (await readSheet(file, key)) as unknown as Cell[][] }]
  } catch (err) {
    throw err instanceof Error && err.name === 'SheetNotFoundError' ? unknown(err) : err
  }
}

/** How many lines hold at most one cell before the first that holds more. */
function titleLines(data: readonly Cell[][]): number {
  const filled = (row: readonly Cell[]) => row.filter((cell) => cell !== null).length
  const header = data.findIndex((row) => filled(row) > 1)
  return Math.max(0, header)
}

function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (cell instanceof Date) return dateText(cell)
  return typeof cell === 'number' ? String(Number(cell.toPrecision(15))) : String(cell)
}

/** Excel's clock starts in 1899: earlier values are times of day. */
function dateText(date: Date): string {
  const rounded = new Date(Math.round(date.getTime() / 1000) * 1000)
  if (Number.isNaN(rounded.getTime())) return ''
  const [day = '', time = ''] = rounded.toISOString().slice(0, 19).split('T')
  const short = time.replace(/:00$/, '')
  if (rounded.getUTCFullYear() < 1900) return short
  return short === '00:00' ? day : `${day} ${short}`
}
