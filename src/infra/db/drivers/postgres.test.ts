import { after, test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { postgresDatabase, postgresSchema, runOnPostgres } from '../../../../test-kit/postgres.ts'
import { service } from '../../../../test-kit/services.ts'
import { dbCases } from '../conformance.ts'
import { openDatabase } from '../open.ts'

const FEATURES = new Set(['returning', 'upsert.target', 'ddl.transactional', 'readers', 'guarded', 'guarded.timeout'])

const server = service('postgres')
const own = server.uri === undefined ? undefined : await postgresDatabase(server.uri)
after(() => own?.remove())

if (own === undefined) test('PostgreSQL', { skip: server.skip }, () => undefined)
else
  runConformance('postgres', dbCases, {
    features: FEATURES,
    open: async () => {
      const { uri, schema, remove } = postgresSchema(own.uri)
      await runOnPostgres(own.uri, `create schema "${schema}"`)
      const database = await openDatabase(uri, { home: '/nowhere' })
      const close = async () => {
        await database.close()
        await remove()
      }
      return { harness: { database }, close }
    },
  })
