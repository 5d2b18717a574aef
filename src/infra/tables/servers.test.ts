import { after, test } from 'node:test'
import { runConformance } from '../../../test-kit/conformance.ts'
import { mysqlDatabase } from '../../../test-kit/mysql.ts'
import { postgresDatabase, postgresSchema } from '../../../test-kit/postgres.ts'
import { service } from '../../../test-kit/services.ts'
import { tablesHarness } from '../../../test-kit/tables.ts'
import { tablesCases } from './conformance.ts'

const features = new Set(['guarded.timeout'])

for (const name of ['mariadb', 'mysql'] as const) {
  const found = service(name)
  if (found.uri === undefined) test(`tables on ${name}`, { skip: found.skip }, () => undefined)
  else
    runConformance(`tables on ${name}`, tablesCases, {
      features,
      open: async () => {
        const { uri, remove } = await mysqlDatabase(found.uri)
        return tablesHarness(uri, { remove })
      },
    })
}

const server = service('postgres')
const own = server.uri === undefined ? undefined : await postgresDatabase(server.uri)
after(() => own?.remove())

if (own === undefined) test('tables on postgres', { skip: server.skip }, () => undefined)
else
  runConformance('tables on postgres', tablesCases, {
    features,
    open: async () => {
      const { uri, remove } = postgresSchema(own.uri)
      return tablesHarness(uri, { remove })
    },
  })
