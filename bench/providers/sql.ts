import { migrate } from '../../src/infra/db/migrate.ts'
import { openDatabase } from '../../src/infra/db/open.ts'
import { rate } from '../report.ts'
import type { Contest } from './contest.ts'

/** Rows that the figures before have made. */
const KNOWN = 50

export const sql: Contest = {
  name: 'sql',
  rivals: [{ db: 'mariadb' }, { db: 'mysql' }, { db: 'postgres' }],
  async measure(env, home) {
    const database = await openDatabase(env.DB_URI, { home })
    await migrate(database)
    const { db } = database
    const row = (name: string) => ({ name, value_json: { text: 'x'.repeat(100) }, updated_at_ms: 1 })
    const ten = (i: number) =>
      database.transaction(async (tx) => {
        for (let n = 0; n < 10; n++)
          await tx
            .insertInto('setting')
            .values(row(`t${i}:${n}:${performance.now()}`))
            .execute()
      })
    const insert = (i: number) =>
      db
        .insertInto('setting')
        .values(row(i < KNOWN ? `n${i}:${performance.now()}` : `n${i}`))
        .execute()
    const select = (i: number) =>
      db
        .selectFrom('setting')
        .selectAll()
        .where('name', '=', `n${KNOWN + (i % KNOWN)}`)
        .executeTakeFirst()
    try {
      return [
        { name: 'sql insert', value: await rate(insert), unit: '/s' },
        { name: 'sql select by key', value: await rate(select), unit: '/s' },
        { name: 'sql transaction of 10 inserts', value: await rate(ten), unit: '/s' },
      ]
    } finally {
      await database.close()
    }
  },
}
