import { sql } from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Definition } from './definition.ts'
import type { TableDialect } from './dialect.ts'
import { translated } from './errors.ts'
import { columnsIn } from './names.ts'

/** Runs the statements of one change. Throws `conflict` when values that are there do not fit into it. */
export async function runDdl(
  tx: Db | Tx,
  statements: readonly string[],
  dialect: TableDialect,
  definition: Definition,
): Promise<void> {
  let running = ''
  try {
    for (const text of statements) {
      running = text
      await sql.raw(text).execute(tx)
    }
  } catch (err) {
    const complaint = err instanceof AppError && err.cause !== undefined ? dialect.complaintOf(err.cause) : undefined
    if (complaint === undefined || complaint.kind === 'statement') throw translated(err, dialect, [definition])
    const told = translated(err, dialect, [definition], columnsIn(running))
    const reason = told instanceof AppError ? `: ${told.message}` : ''
    throw new AppError('conflict', `the rows of the table do not fit${reason}`, {
      cause: err,
      details: told instanceof AppError ? told.details : {},
    })
  }
}
