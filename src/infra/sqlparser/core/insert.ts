import { AppError } from '../../../base/errors.ts'
import type { SqlParserDriver, SqlValue, Statement } from '../driver.ts'
import { Insertions, namePiece } from './edit.ts'
import { type Piece, piece } from './print.ts'

export type NewColumn = { readonly colName: string; readonly value?: SqlValue }
export type NewKey = { readonly colName: string; readonly values: readonly SqlValue[] }

export type InsertOptions = {
  driver: SqlParserDriver
  statement: Statement
  columns: readonly NewColumn[]
  primaryKey: NewKey | null
  isParam: boolean
  refuse(message: string, token: number, hint?: string): Error
}

/** What a new column puts into each row. */
type Added = { readonly name: string; value(row: number): Piece }

/**
 * Adds columns behind those of an INSERT, and a value to each of its rows. `pieces` is absent when there is nothing to
 * add; `existing` are the columns that the statement names itself.
 */
export function addColumns(options: InsertOptions): { pieces: readonly Piece[] | undefined; existing: Set<string> } {
  const { driver, statement, columns, primaryKey, refuse } = options
  const { insert } = statement
  if (insert === undefined) throw refuse('columns can only be added to INSERT statements', 0)
  const list = insert.columns
  if (list === undefined || list.tokens.length === 0)
    throw refuse('the INSERT has no list of columns', statement.root.sources[0]?.token ?? 0, 'name the columns')
  const { rows } = insert
  if (rows === undefined) throw refuse('columns can only be added to INSERT … VALUES', 0)
  const existing = new Set(list.tokens.map((token) => nameAt(options, token)))
  const taken = new Set([...existing].map((name) => driver.key(name)))
  const added: Added[] = []
  for (const { colName, value } of columns) {
    if (taken.has(driver.key(colName))) continue
    taken.add(driver.key(colName))
    added.push({ name: colName, value: () => valuePiece(options, colName, value) })
  }
  if (added.length === 0) return { pieces: undefined, existing }
  if (primaryKey !== null && !taken.has(driver.key(primaryKey.colName))) {
    const { colName, values } = primaryKey
    if (!options.isParam && values.length !== rows.length)
      throw new AppError('invalid_argument', `${colName}: ${values.length} values for ${rows.length} rows`)
    added.push({ name: colName, value: (row) => valuePiece(options, colName, values[row]) })
  }
  const insertions = new Insertions(statement)
  const comma = piece('punctuation', ',')
  for (const { name } of added) insertions.before(list.close, comma, namePiece(driver, name, 'column'))
  rows.forEach(({ open, close }, row) => {
    if (close === open + 1) throw refuse('a row has no values', open)
    for (const column of added) insertions.before(close, comma, column.value(row))
  })
  return { pieces: insertions.apply(), existing }
}

function nameAt({ driver, statement }: InsertOptions, token: number): string {
  const found = statement.tokens[token]
  return found === undefined ? '' : driver.nameOf(found)
}

function valuePiece({ driver, isParam }: InsertOptions, column: string, value: SqlValue | undefined): Piece {
  if (isParam) return piece('parameter', '?')
  if (value === undefined) throw new AppError('invalid_argument', `${column}: a value is missing`)
  return piece(typeof value === 'string' ? 'string' : 'number', driver.literal(value))
}

/** How many rows an INSERT … VALUES holds. */
export function countRows({ insert }: Statement, refuse: InsertOptions['refuse']): number {
  if (insert === undefined) throw refuse('only INSERT statements have rows to count', 0)
  if (insert.rows === undefined) throw refuse('the rows of the INSERT are not written in it', 0)
  return insert.rows.length
}
