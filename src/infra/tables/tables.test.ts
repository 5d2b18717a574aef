import { after, test } from 'node:test'
import { runConformance } from '../../../test-kit/conformance.ts'
import { mysqlDatabase } from '../../../test-kit/mysql.ts'
import { postgresDatabase, postgresSchema } from '../../../test-kit/postgres.ts'
import { service } from '../../../test-kit/services.ts'
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

for (const name of ['mariadb', 'mysql'] as const) {
  const found = service(name)
  if (found.uri === undefined) test(`tables on ${name}`, { skip: found.skip }, () => undefined)
  else
    runConformance(`tables on ${name}`, tablesCases, {
      features: new Set(['guarded.timeout']),
      open: async () => {
        const { uri, remove } = await mysqlDatabase(found.uri)
        const opened = await harness(uri, '/nowhere')
        const close = async () => {
          await opened.database.close()
          await remove()
        }
        return { harness: opened, close }
      },
    })
}

runConformance('tables on sqlite in memory', tablesCases, {
  open: async () => {
    const opened = await harness('sqlite://:memory:', '/nowhere')
    return { harness: opened, close: () => opened.database.close() }
  },
})

const server = service('postgres')
const own = server.uri === undefined ? undefined : await postgresDatabase(server.uri)
after(() => own?.remove())

if (own === undefined) test('tables on postgres', { skip: server.skip }, () => undefined)
else
  runConformance('tables on postgres', tablesCases, {
    features: new Set(['guarded.timeout']),
    open: async () => {
      const { uri, remove } = postgresSchema(own.uri)
      const opened = await harness(uri, '/nowhere')
      const close = async () => {
        await opened.database.close()
        await remove()
      }
      return { harness: opened, close }
    },
  })
