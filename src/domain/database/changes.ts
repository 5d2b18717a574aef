import { AppError } from '../../base/errors.ts'
import type { SqlParser, TableColumns } from '../../infra/sqlparser/sqlparser.ts'
import { nameKey } from './fields.ts'
import { sqlWords } from './sql-words.ts'

/** A table that a model may change, with the columns that it may name. */
export type ChangeableTable = { name: string; columns: readonly string[] }

const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE'])

/** Whether a statement changes rows, and nothing but rows. Throws what the parser throws. */
export const isChange = (parser: SqlParser, sql: string): boolean => CHANGES.has(parser.getSQLOperation(sql))

/**
 * A model's change of one table, as it may run: it writes to a table that it was told it may write to, names what is
 * there only, and says which rows it means. What it writes comes back, where the dialect can do that. Whose rows it
 * reaches is settled when it runs. Throws `permission_denied` or `invalid_argument` and says why.
 */
export function admittedChange(
  parser: SqlParser,
  sql: string,
  { mapping, tables }: { mapping: TableColumns; tables: readonly ChangeableTable[] },
): string {
  const operation = parser.getSQLOperation(sql)
  const written = parser.writtenTables(sql).map((name) => tables.find((table) => nameKey(table.name) === nameKey(name)))
  const [table] = written
  if (table === undefined || written.includes(undefined)) {
    const known = tables.map(({ name }) => name).join(', ')
    throw refusal(`${operation} is not allowed on this table; rows of these may be changed: ${known}`)
  }
  const printed = parser.parseAndModifySQL(sql, mapping, { strict: true })
  const words = sqlWords(parser.dialect, printed).filter(({ depth }) => depth === 0)
  if (operation !== 'INSERT' && !words.some(({ text }) => text === 'WHERE'))
    throw refusal(`${operation} must say which rows it means, by WHERE`)
  if (parser.dialect === 'mysql' || words.some(({ text }) => text === 'RETURNING')) return printed
  const columns = table.columns.map((name) => `"${name.replaceAll('"', '""')}"`)
  const shown = `${printed} RETURNING ${columns.join(', ')}`
  return parser.parseAndModifySQL(shown, mapping, { strict: true })
}

const refusal = (message: string) => new AppError('permission_denied', message)
