import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'

/** Rows in one chunk of DuckDB's. */
const CHUNK = 2_048
/** Rows that are read into memory in one go: what a request has to wait for. */
const ROWS_PER_TURN = 256

/** The bytes of a BLOB; `null` for NULL. */
export const bytesOf = (value: DuckDBValue | undefined): Uint8Array | null =>
  value instanceof DuckDBBlobValue ? value.bytes : null

/** All rows of a small result. */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  return (await connection.run(sql)).getRows()
}

/** Streams a result, column by column, a part of a chunk each turn of the event loop. */
export async function eachPart(
  connection: DuckDBConnection,
  sql: string,
  visit: (columns: DuckDBValue[][]) => void,
): Promise<void> {
  const result = await connection.stream(sql)
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const columns = chunk.getColumns()
    for (let row = 0; row < chunk.rowCount; row += ROWS_PER_TURN) {
      await nextTurn()
      visit(columns.map((column) => column.slice(row, row + ROWS_PER_TURN)))
    }
  }
}

/** Appends rows to a table, within the transaction that the connection is in. */
export async function append(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: readonly DuckDBValue[][],
): Promise<void> {
  if (rows.length === 0) return
  const appender = await connection.createAppender(table)
  try {
    for (let i = 0; i < rows.length; i += CHUNK) {
      const part = rows.slice(i, i + CHUNK)
      const chunk = DuckDBDataChunk.create(types, part.length)
      chunk.setColumns(types.map((_type, column) => part.map((row) => row[column] ?? null)))
      appender.appendDataChunk(chunk)
    }
  } finally {
    appender.closeSync()
  }
}
