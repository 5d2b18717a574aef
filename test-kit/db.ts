import type { Database } from '../src/infra/db/db.ts'
import { migrate } from '../src/infra/db/migrate.ts'
import { openDatabase } from '../src/infra/db/open.ts'
import { temporaryFolder } from './tmp.ts'

/** A migrated SQLite database in a folder of its own; `await using` closes and removes it. */
export async function testDatabase(): Promise<Database & AsyncDisposable> {
  const folder = await temporaryFolder()
  const database = await openDatabase('sqlite://./app.db', { home: folder.path })
  await migrate(database)
  const dispose = async () => {
    await database.close()
    await folder.remove()
  }
  return Object.assign(database, { [Symbol.asyncDispose]: dispose })
}
