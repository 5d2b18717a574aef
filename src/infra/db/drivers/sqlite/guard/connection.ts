import type { DatabaseSync } from 'node:sqlite'
import { addUserFunctions } from './sql-functions.ts'

/** How far one statement may go before it is even planned. A value, and a row, has at most 16 MiB. */
export const LIMITS = {
  length: 16 * 1024 ** 2,
  sqlLength: 4 * 1024 ** 2,
  exprDepth: 1000,
  compoundSelect: 200,
  attach: 0,
  triggerDepth: 1,
}

/** Adds the functions that people may call, and closes what a schema or a file could open. */
export function prepareForGuard(db: DatabaseSync): void {
  db.enableDefensive(true)
  db.exec('PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY')
  addUserFunctions(db)
}
