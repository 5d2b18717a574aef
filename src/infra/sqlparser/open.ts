import { AppError } from '../../base/errors.ts'
import type { Dialect, SqlParserDriver } from './driver.ts'
import { SqlParser, type SqlParserOptions } from './sqlparser.ts'

export type OpenSqlParserOptions = SqlParserOptions & {
  /** Read `` `name` `` as a quoted name where the dialect has no back-quotes (PostgreSQL). Off by default. */
  acceptBackquotes?: boolean
}

/** Every dialect, one line each. Dynamic import: an unused grammar costs no memory. */
export const SQL_DIALECTS: Readonly<Partial<Record<Dialect, (o: OpenSqlParserOptions) => Promise<SqlParserDriver>>>> = {
  mysql: async () => (await import('./drivers/mysql.ts')).open(),
  sqlite: async () => (await import('./drivers/sqlite.ts')).open(),
  postgres: async (options) => (await import('./drivers/postgres.ts')).open(options),
}

/** Loads the grammar of a dialect; the parser is synchronous from then on. Throws `invalid_argument` for another. */
export async function openSqlParser(dialect: Dialect, options: OpenSqlParserOptions = {}): Promise<SqlParser> {
  const open = Object.hasOwn(SQL_DIALECTS, dialect) ? SQL_DIALECTS[dialect] : undefined
  if (open === undefined) {
    const known = Object.keys(SQL_DIALECTS).join(', ')
    throw new AppError('invalid_argument', `there is no SQL dialect ${dialect}; known: ${known}`)
  }
  return new SqlParser(await open(options), options)
}
