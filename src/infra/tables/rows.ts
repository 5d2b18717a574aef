import { CompiledQuery } from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Tx } from '../db/db.ts'
import type { SqlValue } from '../db/driver.ts'
import { columnOf, refused } from './definition.ts'
import { physicalColumn, physicalTable } from './names.ts'
import type { StatementContext } from './statements.ts'
import type { RowInput, TableColumn } from './types.ts'
import { defaultValue, toStored } from './values.ts'

/** Values of one statement: its text stays short enough to be kept compiled. */
const INSERT_VALUES = 500

/** Characters of one statement: servers take packets of some megabytes. */
const CHARS_PER_STATEMENT = 1_000_000

/** Which columns the rows name between them, in the order of the table; all of them when they name none. */
export function namedColumns(rows: readonly RowInput[], { definition, limits }: StatementContext): TableColumn[] {
  if (rows.length === 0) throw refused('there are no rows to write')
  if (rows.length > limits.rowsPerCall)
    throw new AppError('out_of_range', `at most ${limits.rowsPerCall} rows are written at once`)
  const named = new Set<TableColumn>()
  const known = new Set<string>()
  for (const row of rows)
    for (const name of Object.keys(row)) {
      if (known.has(name)) continue
      known.add(name)
      named.add(columnOf(definition, name))
    }
  return named.size === 0 ? definition.columns : definition.columns.filter((column) => named.has(column))
}

export type Reader = (row: RowInput, position: number) => SqlValue[]

/** What a row stores in these columns: its own values, or the columns' defaults. */
export function rowReader(columns: readonly TableColumn[], rows: readonly RowInput[], nowMs: number): Reader {
  const spellings = spellingsOf(columns, rows)
  const defaults = columns.map((column) => defaultValue(column, nowMs))
  return (row, position) =>
    columns.map((column, i) => {
      const name = spellings[i]?.find((spelling) => Object.hasOwn(row, spelling) && row[spelling] !== undefined)
      const stored = name === undefined ? (defaults[i] ?? null) : toStored(column, row[name], position)
      if (stored !== null || !column.required || column.autoIncrement) return stored
      throw new AppError('invalid_argument', `row ${position + 1}: the column "${column.name}" must have a value`, {
        details: { column: column.name, row: position },
      })
    })
}

/** Rows may spell a column in another case, or each in its own. */
function spellingsOf(columns: readonly TableColumn[], rows: readonly RowInput[]): string[][] {
  const spellings = new Map(columns.map((column) => [column, [column.name]]))
  const known = new Set(columns.map(({ name }) => name))
  for (const row of rows)
    for (const name of Object.keys(row)) {
      if (known.has(name)) continue
      known.add(name)
      spellings.get(columnOf({ columns: [...columns] }, name))?.push(name)
    }
  return columns.map((column) => spellings.get(column) ?? [])
}

/** Inserts what the rows store in these columns, some hundred values at a time. */
export async function insertRows(
  tx: Tx,
  columns: readonly TableColumn[],
  stored: Iterable<readonly SqlValue[]>,
  { definition, dialect }: StatementContext,
): Promise<void> {
  const names = columns.map(({ id }) => dialect.quote(physicalColumn(id))).join(', ')
  const head = `insert into ${dialect.quote(physicalTable(definition.id))} (${names}) values `
  const textOf = (count: number): string =>
    head +
    Array.from({ length: count }, (_, row) => {
      const marks = columns.map((_column, i) => dialect.mark(row * columns.length + i))
      return `(${marks.join(', ')})`
    }).join(', ')
  const perStatement = Math.max(1, Math.floor((dialect.insertValues ?? INSERT_VALUES) / columns.length))
  const full = textOf(perStatement)
  let values: SqlValue[] = []
  let chars = 0
  const flush = async () => {
    const count = values.length / columns.length
    const text = count === perStatement ? full : textOf(count)
    await tx.executeQuery(CompiledQuery.raw(text, values))
    values = []
    chars = 0
  }
  for (const row of stored) {
    values.push(...row)
    for (const value of row) if (typeof value === 'string') chars += value.length
    if (values.length === perStatement * columns.length || chars > CHARS_PER_STATEMENT) await flush()
  }
  if (values.length > 0) await flush()
}
