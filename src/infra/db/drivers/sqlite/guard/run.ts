import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AppError } from '../../../../../base/errors.ts'
import type { GuardedResult, GuardedStatement, SqlValue } from '../../../driver.ts'
import { bind } from '../handle.ts'
import { Authorizer, checkWords } from './rules.ts'

export const isWrite = ({ tables }: GuardedStatement): boolean =>
  Object.values(tables).some((grants) => grants.length > 0)

const sizeOf = (value: SqlValue): number =>
  typeof value === 'string' || value instanceof Uint8Array ? value.length : 8

/** Runs the statement on a connection of its own or on one that nobody else uses meanwhile. */
export function runGuarded(db: DatabaseSync, statement: GuardedStatement): GuardedResult {
  checkWords(statement)
  const before = totalChanges(db)
  const authorizer = new Authorizer(statement.tables)
  db.setAuthorizer(authorizer.ask)
  try {
    const prepared = db.prepare(statement.sql)
    db.setAuthorizer(null)
    authorizer.checkUnread((name) => isTable(db, name))
    // a schema that changed meanwhile is compiled anew, and VACUUM asks while it runs
    db.setAuthorizer(authorizer.ask)
    const result = collect(prepared, statement)
    db.setAuthorizer(null)
    return { ...result, affected: totalChanges(db) - before }
  } catch (err) {
    throw authorizer.refusal ?? err
  } finally {
    db.setAuthorizer(null)
  }
}

function collect(prepared: StatementSync, statement: GuardedStatement): Omit<GuardedResult, 'affected'> {
  // SQLite compiles up to the first semicolon and says nothing about the rest
  if (!/^[\s;]*$/.test(statement.sql.slice(prepared.sourceSQL.length)))
    throw new AppError('invalid_argument', 'only one statement runs at a time')
  prepared.setReadBigInts(true)
  prepared.setReturnArrays(true)
  const columns = prepared.columns().map(({ name, table, column }) => ({ name, table, column }))
  const writes = isWrite(statement)
  const rows: SqlValue[][] = []
  let truncated = false
  let sizeBytes = 0
  for (const row of prepared.iterate(...statement.parameters.map(bind)) as Iterable<unknown> as Iterable<SqlValue[]>) {
    sizeBytes += row.reduce<number>((sum, value) => sum + sizeOf(value), 0)
    truncated ||= rows.length >= statement.maxRows || sizeBytes > statement.maxBytes
    if (!truncated) rows.push(row)
    else if (!writes) break // a write with RETURNING has to come to its end
  }
  return { columns, rows, truncated }
}

const totalChanges = (db: DatabaseSync): number => Number(db.prepare('SELECT total_changes() AS n').get()?.n ?? 0)

const OWN_TABLE = `SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE
  UNION ALL SELECT 1 FROM pragma_module_list WHERE name = ?1 COLLATE NOCASE`

const isTable = (db: DatabaseSync, name: string): boolean =>
  /^(sqlite|pragma)_/i.test(name) || db.prepare(OWN_TABLE).get(name) !== undefined
