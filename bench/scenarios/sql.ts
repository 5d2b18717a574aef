import { DatabaseSync } from 'node:sqlite'
import { testDatabase } from '../../test-kit/db.ts'
import { type Row, rate, type Scenario } from '../report.ts'

const ROWS = 10_000

/** The application's database through its query builder beside bare prepared statements on the same engine. */
export const sql: Scenario = {
  name: 'sql',
  run: async () => {
    await using database = await testDatabase()
    const { db } = database
    const bare = new DatabaseSync(':memory:')
    bare.exec('CREATE TABLE setting(name TEXT PRIMARY KEY, value_json TEXT, updated_at_ms INTEGER) STRICT')
    const put = bare.prepare('INSERT OR REPLACE INTO setting VALUES (?, ?, ?)')
    const get = bare.prepare('SELECT * FROM setting WHERE name = ?')
    const name = 'bare SQLite'
    const row = (i: number) => ({ name: `n${i % ROWS}`, value_json: { i }, updated_at_ms: i })
    const insert = (i: number) =>
      db
        .insertInto('setting')
        .values(row(i))
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ updated_at_ms: i }))
        .execute()
    const rows: Row[] = [
      {
        name: 'sql upsert, one after the other',
        value: await rate(insert),
        unit: '/s',
        against: { name: `${name} in memory`, value: await rate((i) => put.run(`n${i % ROWS}`, `{"i":${i}}`, i)) },
      },
      {
        name: 'sql select by key',
        value: await rate((i) =>
          db
            .selectFrom('setting')
            .selectAll()
            .where('name', '=', `n${i % 1000}`)
            .executeTakeFirst(),
        ),
        unit: '/s',
        against: { name: `${name} in memory`, value: await rate((i) => get.get(`n${i % 1000}`)) },
      },
    ]
    bare.close()
    return rows
  },
}
