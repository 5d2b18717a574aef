import type { RawBuilder, SqlBool } from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Dialect, SqlValue } from '../db/driver.ts'
import type { Definition } from './definition.ts'
import { mysqlTables } from './dialects/mysql.ts'
import { postgresTables } from './dialects/postgres.ts'
import { sqliteTables } from './dialects/sqlite.ts'
import type { TableColumn } from './types.ts'

/** What an engine complains about. Columns are named by their ids. */
export type Complaint = {
  /**
   * `unique`: the row exists. `required`: a value is missing. `check`: a value is not one of its column's type or too
   * large for it. `statement`: the statement itself is wrong, `text` says how, in the engine's names.
   */
  kind: 'unique' | 'required' | 'check' | 'statement'
  columnIds: readonly string[]
  text: string
  /** The index of a `unique` complaint, where the engine names it instead of its columns. */
  index?: number | 'primary'
}

/** What is to be done inside of the transaction before a change of the schema that is not part of it. */
export type Preparation = {
  /** Queries for rows that stand in the way, each with what is wrong with them. */
  checks: { sql: string; complaint: Complaint }[]
  /** Statements that rewrite values so that the change reads them as it should. */
  rewrites: string[]
}

/** Everything about user-defined tables that differs between engines. */
export interface TableDialect {
  /** Makes the table with its indexes. Each column refuses what is not of its type, whoever writes it. */
  create(definition: Definition): string[]
  /** Leads from one definition to the next, with the rows; where a value does not fit, one of them fails. */
  alter(before: Definition, after: Definition): string[]
  drop(definition: Definition): string[]
  /** Where changes of the schema are no part of a transaction: each of `alter` is then one statement that is atomic. */
  prepare?(before: Definition, after: Definition): Preparation
  /** Whether the error of a statement of `alter` or `drop` says that it had been done before. */
  isDone?(err: unknown): boolean
  /** Tells rows apart where no primary key does; a part of ORDER BY, and of writes with a limit. */
  rowKey(definition: Definition): RawBuilder<unknown>
  /** `column IN (values)`, for lists of any length; the list is not empty. */
  isIn(column: RawBuilder<unknown>, values: readonly SqlValue[]): RawBuilder<SqlBool>
  /** What comes behind a column and its direction in ORDER BY, so that rows without a value come first, last with `desc`. */
  nulls(direction: 'asc' | 'desc'): string
  /** LIKE in which case does not count and `\` escapes. The column, written `ref`, may be of any type. */
  isLike(ref: RawBuilder<unknown>, pattern: string, column: TableColumn): RawBuilder<SqlBool>
  /** The name in quotes; the placeholder of the parameter with that number, from 0. */
  quote(name: string): string
  mark(position: number): string
  /** What is no SQL of its own in a text: quotes of all kinds, comments; and each `?` alone. */
  readonly opaque: RegExp
  /** How many values one statement binds at most. */
  readonly maxValues: number
  /** How many values one insert binds; 500 when it is not said. More of them save ways to a server. */
  readonly insertValues?: number
  /** What an error of the driver says; undefined when it is not about tables, columns or the statement. */
  complaintOf(err: unknown): Complaint | undefined
}

const DIALECTS: Readonly<Partial<Record<Dialect, TableDialect>>> = {
  mysql: mysqlTables,
  postgres: postgresTables,
  sqlite: sqliteTables,
}

/** Throws `unimplemented` for dialects that have no user-defined tables yet. */
export function tableDialect(dialect: Dialect): TableDialect {
  const found = DIALECTS[dialect]
  if (found !== undefined) return found
  throw new AppError('unimplemented', `user-defined tables are not there for ${dialect} yet`)
}
