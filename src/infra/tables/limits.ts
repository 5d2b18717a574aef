/** How much of everything. */
export type TableLimits = {
  columns: number
  indexes: number
  /** Columns of one index. */
  indexColumns: number
  /** Conditions in one `where`, and groups in groups. */
  conditions: number
  depth: number
  /** Values of one `in` list. */
  listValues: number
  /** Rows of one insert or upsert. */
  rowsPerCall: number
  /** Rows and bytes of one result. */
  resultRows: number
  resultBytes: number
  /** Characters of one statement, and how long it may run. */
  sqlChars: number
  timeoutMs: number
}

export const DEFAULT_LIMITS: TableLimits = {
  columns: 200,
  indexes: 32,
  indexColumns: 8,
  conditions: 500,
  depth: 10,
  listValues: 100_000,
  rowsPerCall: 100_000,
  resultRows: 10_000,
  resultBytes: 16 * 1024 ** 2,
  sqlChars: 1024 ** 2,
  timeoutMs: 10_000,
}

export const MAX_VARCHAR = 16_383
export const DEFAULT_VARCHAR = 255
/** MySQL's TEXT. Held everywhere, so that tables can move. */
export const MAX_TEXT_BYTES = 65_535
export const MAX_JSON_BYTES = 1024 ** 2
export const MAX_DESCRIPTION = 2_000
