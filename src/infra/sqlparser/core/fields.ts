import type { SqlParserDriver, Statement } from '../driver.ts'
import { Insertions, namePiece } from './edit.ts'
import { type Piece, piece } from './print.ts'

export type FieldsOptions = {
  driver: SqlParserDriver
  statement: Statement
  fields: readonly string[]
  refuse(message: string, token: number, hint?: string): Error
}

/** Adds columns to the select list; `undefined` when the statement stays: a star, an aggregate, groups, DISTINCT, UNION. */
export function addFields({ driver, statement, fields, refuse }: FieldsOptions): readonly Piece[] | undefined {
  const { operation, root } = statement
  if (operation !== 'SELECT') throw refuse('fields can only be added to SELECT statements', 0)
  const isPlain = root.arms === undefined && root.aggregate !== true && root.grouped !== true
  const stays = !isPlain || root.outputs.some(({ star }) => star !== undefined)
  if (fields.length === 0 || stays) return undefined
  if (root.listEnd === undefined) throw refuse('the statement has no select list', 0)
  const insertions = new Insertions(statement)
  for (const field of fields)
    insertions.before(root.listEnd, piece('punctuation', ','), namePiece(driver, field, 'column'))
  return insertions.apply()
}
