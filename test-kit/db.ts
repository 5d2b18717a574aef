import type { Database } from '../src/infra/db/db.ts'
import { migrate } from '../src/infra/db/migrate.ts'
import { openDatabase } from '../src/infra/db/open.ts'
import { mysqlDatabase } from './mysql.ts'
import { postgresSchema } from './postgres.ts'
import { service } from './services.ts'
import { temporaryFolder } from './tmp.ts'

type Place = { uri: string; home: string; remove(): Promise<unknown> }

/** The URI of a real server that was started, or why the tests can't run on it. */
function serverOf(name: 'postgres' | 'mariadb'): string {
  const found = service(name)
  if (found.uri === undefined) throw new Error(`TEST_DB=${name}: ${found.skip}`)
  return found.uri
}

/** Places for databases, by what `TEST_DB` may say. */
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  sqlite: async () => {
    const folder = await temporaryFolder()
    return { uri: 'sqlite://./app.db', home: folder.path, remove: () => folder.remove() }
  },
  mysql: async () => {
    const { uri = serverOf('mariadb') } = service('mysql')
    return { ...(await mysqlDatabase(uri)), home: '/nowhere' }
  },
  postgres: async () => ({ ...postgresSchema(serverOf('postgres')), home: '/nowhere' }),
}

/** What `testDatabase` gives: SQLite, or what `TEST_DB` names. */
export const TEST_DB = process.env.TEST_DB ?? 'sqlite'

/**
 * A migrated database of its own; `await using` closes and removes it. With `TEST_DB=postgres` or `TEST_DB=mysql`
 * (MySQL, or else MariaDB) on the real server.
 */
export async function testDatabase(): Promise<Database & AsyncDisposable> {
  const place = PLACES[TEST_DB]
  if (place === undefined) throw new Error(`TEST_DB takes one of ${Object.keys(PLACES).join(', ')}`)
  const { uri, home, remove } = await place()
  const database = await openDatabase(uri, { home })
  await migrate(database)
  const dispose = async () => {
    await database.close()
    await remove()
  }
  return Object.assign(database, { [Symbol.asyncDispose]: dispose })
}
