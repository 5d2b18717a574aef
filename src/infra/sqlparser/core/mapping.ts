import { AppError } from '../../../base/errors.ts'
import type { SqlParserDriver } from '../driver.ts'

/** New names by logical table. What is not named stays as it is. */
export type TableColumns = Readonly<
  Record<string, { readonly newTableName?: string; readonly columnMap?: Readonly<Record<string, string>> }>
>

export type TableMapping = {
  readonly newName: string | undefined
  /** New column names by the key of the old ones. When there are any, they are taken for all columns of the table. */
  readonly columns: ReadonlyMap<string, string>
  /** The keys of the new column names. */
  readonly newKeys: ReadonlySet<string>
  /** Whether any column gets a name that differs. */
  readonly changes: boolean
}

/** By the key of the logical table name. */
export type Mapping = ReadonlyMap<string, TableMapping>

/** Checks what a caller gave. Throws `invalid_argument` for empty names and for names that mean the same twice. */
export function readMapping(driver: SqlParserDriver, tables: TableColumns): Mapping {
  const mapping = new Map<string, TableMapping>()
  for (const [table, { newTableName, columnMap }] of Object.entries(tables)) {
    if (table === '') throw new AppError('invalid_argument', 'the mapping names a table with no name')
    const columns = new Map<string, string>()
    const newKeys = new Set<string>()
    let changes = false
    for (const [from, to] of Object.entries(columnMap ?? {})) {
      if (from === '' || to === '')
        throw new AppError('invalid_argument', `the mapping of table ${table} has a column with no name`)
      const key = driver.key(from)
      if (columns.has(key)) throw new AppError('invalid_argument', `the mapping of table ${table} names ${from} twice`)
      columns.set(key, to)
      newKeys.add(driver.key(to))
      changes ||= to !== from
    }
    const key = driver.key(table)
    if (mapping.has(key)) throw new AppError('invalid_argument', `the mapping names table ${table} twice`)
    mapping.set(key, { newName: newTableName === '' ? undefined : newTableName, columns, newKeys, changes })
  }
  return mapping
}
