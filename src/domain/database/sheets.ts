import { AppError } from '../../base/errors.ts'
import type { DocumentParser } from '../../infra/document/document.ts'
import { extensionOf } from '../names.ts'
import { nameKey } from './fields.ts'
import { FIELD_TYPES, type Field, type FieldType, type SheetPlace } from './types.ts'
import { readValue, type Value } from './values.ts'

/** One table of a file, all of it text. */
export type Sheet = { name: string; names: string[]; rows: string[][] }

const MAX_ROWS = 100_000
/** Reasons are for people. */
const MAX_REASON_CHARS = 300

/** Throws `invalid_argument` unless the name is that of a csv or xlsx file. */
export function sheetType(fileName: string): 'csv' | 'xlsx' {
  const extension = extensionOf(fileName)
  if (extension === 'csv' || extension === 'xlsx') return extension
  throw new AppError('invalid_argument', 'only csv and xlsx files can be imported')
}

/** The tables of a file. Throws what the parser throws, with words for a person. */
export async function readSheets(
  parser: Pick<DocumentParser, 'parse'>,
  file: { name: string; bytes: Uint8Array },
  { headerLine, firstLine }: Omit<SheetPlace, 'sheet'>,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Sheet[]> {
  const options = { type: sheetType(file.name), headerLine, firstLine, cells: true, limits: { rows: MAX_ROWS + 1 } }
  const { blocks } = await parser.parse(file.bytes, { ...options, ...(signal === undefined ? {} : { signal }) })
  const sheets: Sheet[] = []
  let current: Sheet | undefined
  for (const { kind, text } of blocks) {
    if (kind === 'heading') current = undefined
    if (kind === 'heading') sheets.push({ name: text, names: [], rows: [] })
    if (kind !== 'row') continue
    const cells = JSON.parse(text) as string[]
    if (sheets.length === 0) sheets.push({ name: file.name, names: [], rows: [] })
    if (current !== undefined) current.rows.push(cells)
    else {
      current = sheets.at(-1)
      if (current !== undefined) current.names = cells
    }
  }
  return sheets
}

/** One of them. Throws `invalid_argument` when there are not so many. */
export function sheetAt(sheets: readonly Sheet[], position: number): Sheet {
  const sheet = sheets[position]
  if (sheet !== undefined) return sheet
  throw new AppError('invalid_argument', `table_sheet: the file has ${sheets.length} sheets`)
}

/** The narrowest type that all values of a column have; text when there are none. */
export function typeOf({ names, rows }: Sheet, column: number): FieldType {
  const values = rows.map((row) => row[column] ?? '').filter((text) => text.trim() !== '')
  const order: readonly FieldType[] = ['integer', 'float', 'boolean', 'date']
  const fits = (type: FieldType) =>
    values.every((text) => {
      try {
        return readValue({ name: names[column] ?? '', type, isRequired: false }, text) !== null
      } catch {
        return false
      }
    })
  return values.length === 0 ? 'text' : (order.find(fits) ?? FIELD_TYPES[0])
}

/**
 * The rows as values of the fields with the names of its columns; other columns are passed over. `problems` says by field
 * why the sheet cannot be taken.
 */
export function readRows(
  { names, rows }: Sheet,
  fields: readonly Field[],
): { values: Record<string, Value>[]; problems: Record<string, string> } {
  const columns = new Map(names.map((name, i) => [nameKey(name.trim()), i]))
  const problems: Record<string, string> = {}
  const taken = fields.flatMap((field) => {
    const column = columns.get(nameKey(field.name))
    if (column === undefined && field.isRequired) problems[field.name] = 'the file has no such column'
    return column === undefined ? [] : [{ field, column }]
  })
  if (taken.length === 0)
    for (const { name } of fields) problems[name] = 'the file has no column with the name of a field'
  const values = rows.map((row, i) => {
    const record: Record<string, Value> = {}
    for (const { field, column } of taken) {
      if (problems[field.name] !== undefined) continue
      try {
        record[field.name] = readValue(field, row[column] ?? '')
      } catch (err) {
        const why = err instanceof AppError ? err.message.replace(`${field.name}: `, '') : 'cannot be read'
        problems[field.name] = `row ${i + 1}: ${why}`.slice(0, MAX_REASON_CHARS)
      }
    }
    return record
  })
  return { values, problems }
}
