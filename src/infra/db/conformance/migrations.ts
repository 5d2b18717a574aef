import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Case } from '../../../base/conformance.ts'
import { migrate, migrationStatus } from '../migrate.ts'
import { createTable } from '../migrations/ddl.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import type { Migration } from '../migrations/migration.ts'
import type { DbHarness } from './harness.ts'

const table = (name: string, column: string): Migration => ({
  name,
  up: (db, dialect) => createTable(db, dialect, `t_${name}`, { columns: { id: 'id', [column]: 'text' } }),
})
const FIRST = table('0001_first', 'body')
const SECOND = table('0002_second', 'title')
const BROKEN: Migration = {
  name: '0003_broken',
  up: async (db, dialect) => {
    await createTable(db, dialect, 't_broken', { columns: { id: 'id' } })
    await sql`insert into no_such_table values (1)`.execute(db)
  },
}
const tablesOf = async ({ database }: DbHarness) =>
  (await database.db.introspection.getTables()).map(({ name }) => name).sort()

/** Forward only, once, in order, whoever starts. */
export const migrationCases: readonly Case<DbHarness>[] = [
  {
    name: 'DB-03 an empty database has every table of the application after migrate',
    run: async (h) => {
      const { applied } = await migrate(h.database)
      assert.deepEqual(
        applied,
        MIGRATIONS.map(({ name }) => name),
      )
      const tables = await tablesOf(h)
      for (const name of ['account', 'agent', 'chunk', 'conversation', 'message', 'outbox', 'schema_migrations'])
        assert.ok(tables.includes(name), name)
    },
  },
  {
    name: 'DB-04 a second migrate does nothing, a longer list runs the rest',
    run: async ({ database }) => {
      assert.deepEqual(await migrationStatus(database, [FIRST]), { applied: [], pending: ['0001_first'] })
      assert.deepEqual(await migrate(database, [FIRST]), { applied: ['0001_first'] })
      assert.deepEqual(await migrate(database, [FIRST]), { applied: [] })
      assert.deepEqual(await migrate(database, [FIRST, SECOND]), { applied: ['0002_second'] })
      assert.deepEqual(await migrationStatus(database, [FIRST, SECOND]), {
        applied: ['0001_first', '0002_second'],
        pending: [],
      })
    },
  },
  {
    name: 'DB-05 a migration that was changed after it ran is refused by name',
    run: async ({ database }) => {
      await migrate(database, [FIRST])
      const changed = [{ ...table('0001_first', 'other'), name: '0001_first' }]
      await assert.rejects(migrate(database, changed), { code: 'failed_precondition', message: /0001_first.*changed/ })
      await assert.rejects(migrationStatus(database, changed), { code: 'failed_precondition' })
      assert.deepEqual(await migrate(database, [FIRST]), { applied: [] })
    },
  },
  {
    name: 'DB-05 a database from a newer version, or with a gap, is refused',
    run: async ({ database }) => {
      await migrate(database, [FIRST, SECOND])
      await assert.rejects(migrate(database, [FIRST]), { code: 'failed_precondition', message: /0002_second/ })
      const gap = [FIRST, table('0001a_between', 'x'), SECOND]
      await assert.rejects(migrate(database, gap), { code: 'failed_precondition', message: /0001a_between/ })
    },
  },
  {
    name: 'DB-06 of two migrates at once one applies and the other waits',
    run: async ({ database }) => {
      const both = await Promise.all([migrate(database, [FIRST, SECOND]), migrate(database, [FIRST, SECOND])])
      assert.deepEqual(both.map(({ applied }) => applied.length).sort(), [0, 2])
    },
  },
  {
    name: 'DB-06 a migration that fails leaves nothing, and can be repaired and run again',
    needs: 'ddl.transactional',
    run: async (h) => {
      await assert.rejects(migrate(h.database, [FIRST, SECOND, BROKEN]), {
        code: 'internal',
        message: /"0003_broken" failed/,
      })
      assert.deepEqual(await tablesOf(h), [])
      const repaired = { ...BROKEN, up: FIRST.up }
      assert.deepEqual(await migrate(h.database, [repaired]), { applied: ['0003_broken'] })
    },
  },
]
