/** What a column holds; each dialect has its own word for it (see `dialects/`). */
export const COLUMN_TYPES = [
  'int',
  'bigint',
  'varchar',
  'text',
  'boolean',
  'json',
  'timestamp',
  'float',
  'double',
] as const
export type ColumnType = (typeof COLUMN_TYPES)[number]

/**
 * A value as it is read. Every integer, of a column or an expression, is a `bigint`, every other number a `number`;
 * timestamps are `YYYY-MM-DD HH:MM:SS` in UTC; JSON is parsed, with integers beyond 2^53 as `bigint` inside.
 */
export type Cell =
  | null
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly unknown[]
  | { [key: string]: unknown }

/**
 * A value on its way in, checked against its column: integers also as decimal text; booleans also as 0, 1, "true",
 * "false"; timestamps as text with or without a zone (UTC without), `Date` or epoch milliseconds; numbers also for
 * text columns; JSON as a plain value, or as its text when it is a string.
 */
export type CellInput = null | string | number | bigint | boolean | Date | object

export type Row = { [column: string]: Cell }
export type RowInput = { readonly [column: string]: CellInput | undefined }

/** A column as its owner asks for it. */
export type ColumnSpec = {
  /** A letter or `_`, then letters, digits and `_`, of any script, at most 64. Case does not tell names apart. */
  name: string
  type: ColumnType
  /** The most characters (code points) of a `varchar`, 1…16,383; 255 when it is not given. */
  length?: number
  /** NULL is refused. Columns of the primary key always are. */
  required?: boolean
  /** For rows that leave the column out. `{ now: true }` is the time of the insert, for timestamps. */
  default?: CellInput | { now: true }
  /** Numbers given by the database, ascending and never again; only for an integer that is the whole primary key. */
  autoIncrement?: boolean
  description?: string
}

export type IndexSpec = {
  /** Unique in its table; made from the columns when it is not given. */
  name?: string
  kind: 'primary' | 'unique' | 'normal'
  columns: readonly string[]
}

export type TableSpec = {
  /** `table_<id>` when it is empty. Names of tables need not differ from each other. */
  name?: string
  description?: string
  columns: readonly ColumnSpec[]
  indexes?: readonly IndexSpec[]
}

/** A column as it is. */
export type TableColumn = {
  /** A small integer as text, unique among the columns of all tables, never used again. */
  id: string
  name: string
  type: ColumnType
  /** null for all types but `varchar`. */
  length: number | null
  required: boolean
  autoIncrement: boolean
  default: { value: Cell } | { now: true } | null
  description: string
}

export type TableIndex = { name: string; kind: IndexSpec['kind']; columns: string[] }

/** A table as it is. */
export type Table = {
  id: string
  name: string
  description: string
  /** Grows with every change of the definition. */
  version: number
  /** In the order in which they were added. */
  columns: TableColumn[]
  indexes: TableIndex[]
  createdAtMs: number
  updatedAtMs: number
}

/** One step of a change. Steps are taken in their order, each on what the steps before have left. */
export type AlterStep =
  | { op: 'rename_table'; name: string }
  | { op: 'describe_table'; description: string }
  | { op: 'add_column'; column: ColumnSpec }
  /** The whole new definition; what `column` leaves out is not kept. `column.name` may be a new name. */
  | { op: 'modify_column'; name: string; column: ColumnSpec }
  | { op: 'rename_column'; from: string; to: string }
  | { op: 'drop_column'; name: string }
  | { op: 'add_index'; index: IndexSpec }
  | { op: 'drop_index'; name: string }

export type Comparison = '=' | '!=' | '>' | '>=' | '<' | '<='

/** `!=`, `not_like` and `not_in` leave rows out that have no value, as SQL does. */
export type Condition =
  | { column: string; op: Comparison; value: CellInput }
  /** Case does not count, in any script; `%` any run, `_` any character, `\` takes their meaning. */
  | { column: string; op: 'like' | 'not_like'; value: string }
  /** An empty list matches nothing, in both. */
  | { column: string; op: 'in' | 'not_in'; values: readonly CellInput[] }
  | { column: string; op: 'is_null' | 'is_not_null' }

/** Conditions and groups together, joined by `logic` (`and` when it is not given). At least one must be there. */
export type Where =
  | 'all_rows'
  | { logic?: 'and' | 'or'; conditions?: readonly Condition[]; groups?: readonly Exclude<Where, 'all_rows'>[] }

export type SelectQuery = {
  /** Which columns, in this order; all when it is not given. */
  columns?: readonly string[]
  /** All rows when it is not given. */
  where?: Where
  /** Rows without a value come first, last with `desc`. The primary key decides between equal ones. */
  orderBy?: readonly { column: string; direction?: 'asc' | 'desc' }[]
  /** 0…10,000, and 10,000 when it is not given. */
  limit?: number
  offset?: number
}

export type SelectResult = {
  columns: string[]
  rows: Row[]
  /** All rows that match, whatever `limit` says. */
  total: number
  /** Rows were left out that `limit` did not ask to leave out. */
  truncated: boolean
}

export type SqlOperation = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'CREATE' | 'ALTER' | 'DROP' | 'TRUNCATE'

/** What `execute` needs of a SQL parser; `SqlParser` of infra/sqlparser is one. */
export type StatementReader = {
  /** Throws an `AppError` for what is not one statement. */
  getSQLOperation(sql: string): SqlOperation
  /** Every table that the statement reaches. */
  tables(sql: string): readonly string[]
}

/** A statement in the names of the engine: see `sqlNamesOf`. */
export type ExecuteRequest = {
  sql: string
  /** The ids of the tables that it may reach. */
  tables: readonly string[]
  /** Those of them that it may only read. */
  readOnly?: readonly string[]
  /** For each `?`; a list stands for as many values, an empty one matches nothing in `IN (?)`. */
  params?: readonly (CellInput | readonly CellInput[])[]
  /** What it may be; only `SELECT` when it is not given. Nothing but rows is ever written. */
  allow?: readonly ('SELECT' | 'INSERT' | 'UPDATE' | 'DELETE')[]
  /** REPLACE, which removes rows that stand in its way whosever they are. Not when it is not given. */
  allowReplace?: boolean
  maxRows?: number
  timeoutMs?: number
}

export type ExecuteResult = {
  operation: SqlOperation
  /** As the statement labels them, in the owner's names; a label that comes again gets a number: `id`, `id_2`. */
  columns: string[]
  rows: Row[]
  /** Rows written. */
  affected: number
  truncated: boolean
}
