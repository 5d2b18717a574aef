import { runConformance } from '../../../test-kit/conformance.ts'
import { temporaryFolder } from '../../../test-kit/tmp.ts'
import { idGenerator } from '../../base/ids.ts'
import { migrate } from '../db/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { openSqlParser } from '../sqlparser/open.ts'
import type { TablesHarness } from './conformance/harness.ts'
import { tablesCases } from './conformance.ts'
import { sqlNamesOf, Tables } from './tables.ts'

async function harness(uri: string, home: string): Promise<TablesHarness> {
  const database = await openDatabase(uri, { home })
  await migrate(database)
  const parser = await openSqlParser(database.dialect)
  const tables = new Tables({ database, parser, newId: idGenerator(Date.now, 1), clock: Date.now })
  const rewrite: TablesHarness['rewrite'] = (sql, known) =>
    parser.parseAndModifySQL(sql, Object.fromEntries(known.map((table) => [table.name, sqlNamesOf(table)])))
  return { database, tables, rewrite }
}

runConformance('tables on sqlite', tablesCases, {
  features: new Set(['guarded.timeout']),
  open: async () => {
    const folder = await temporaryFolder()
    const opened = await harness('sqlite://./app.db', folder.path)
    const close = async () => {
      await opened.database.close()
      await folder.remove()
    }
    return { harness: opened, close }
  },
})

runConformance('tables on sqlite in memory', tablesCases, {
  open: async () => {
    const opened = await harness('sqlite://:memory:', '/nowhere')
    return { harness: opened, close: () => opened.database.close() }
  },
})
