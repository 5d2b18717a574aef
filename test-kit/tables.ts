import { idGenerator } from '../src/base/ids.ts'
import { migrate } from '../src/infra/db/migrate.ts'
import { openDatabase } from '../src/infra/db/open.ts'
import { openSqlParser } from '../src/infra/sqlparser/open.ts'
import type { TablesHarness } from '../src/infra/tables/conformance/harness.ts'
import { sqlNamesOf, Tables } from '../src/infra/tables/tables.ts'

/** User tables on an empty database; `remove` runs once it is closed. */
export async function tablesHarness(
  uri: string,
  { home = '/nowhere', remove = async (): Promise<unknown> => undefined } = {},
): Promise<{ harness: TablesHarness; close(): Promise<unknown> }> {
  const database = await openDatabase(uri, { home })
  await migrate(database)
  const parser = await openSqlParser(database.dialect)
  const tables = new Tables({ database, parser, newId: idGenerator(Date.now, 1), clock: Date.now })
  const rewrite: TablesHarness['rewrite'] = (sql, known) =>
    parser.parseAndModifySQL(sql, Object.fromEntries(known.map((table) => [table.name, sqlNamesOf(table)])))
  const close = async () => {
    await database.close()
    await remove()
  }
  return { harness: { database, tables, rewrite }, close }
}
