import { parseUri, pickScheme, type Uri } from '../../base/uri.ts'
import { Database } from './db.ts'
import type { DbDriver } from './driver.ts'

export type OpenDatabaseOptions = {
  /** Where relative file paths start. */
  home: string
}

/** Every database scheme. Imports are dynamic: a provider that isn't used costs nothing. */
export const DB_SCHEMES: Readonly<Record<string, (uri: Uri, options: OpenDatabaseOptions) => Promise<DbDriver>>> = {
  mysql: async (uri) => (await import('./drivers/mysql.ts')).open(uri),
  postgres: async (uri) => (await import('./drivers/postgres.ts')).open(uri),
  postgresql: async (uri) => (await import('./drivers/postgres.ts')).open(uri),
  sqlite: async (uri, options) => (await import('./drivers/sqlite.ts')).open(uri, options),
}

/** Opens the database that `DB_URI` names. Runs no migration: see `migrate`. */
export async function openDatabase(text: string, options: OpenDatabaseOptions): Promise<Database> {
  const uri = parseUri(text)
  return new Database(await pickScheme(uri, DB_SCHEMES, 'DB_URI')(uri, options))
}
