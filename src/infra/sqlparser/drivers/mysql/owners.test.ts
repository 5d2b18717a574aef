import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Connection, createConnection } from 'mysql2/promise'
import { type MariaDb, startMariaDb, withoutMariaDb } from '../../../../../test-kit/mariadb.ts'
import { AppError } from '../../../../base/errors.ts'
import { openSqlParser } from '../../open.ts'
import { mutate, numbers } from './cases/mutate.ts'
import { randomQuery } from './cases/queries.ts'

const parser = await openSqlParser('mysql')

/** Statements that already try to get at what belongs to others. */
const SEEDS = [
  'SELECT body FROM notes WHERE id = 3 OR 1 = 1',
  'SELECT n.body FROM notes n LEFT JOIN notes m ON m.id = 3 WHERE m.body IS NOT NULL OR n.id > 0',
  'SELECT (SELECT MAX(body) FROM notes WHERE owner = 2) FROM notes',
  'SELECT body FROM notes WHERE id IN (SELECT id FROM notes) UNION ALL SELECT body FROM notes WHERE owner = 2',
  'WITH c AS (SELECT * FROM notes) SELECT c.body FROM c, notes x',
  'WITH notes AS (SELECT * FROM notes WHERE owner <> 1) SELECT body FROM notes',
  'WITH RECURSIVE r AS (SELECT id, body FROM notes UNION SELECT n.id, n.body FROM notes n JOIN r ON n.id = r.id + 1) SELECT * FROM r',
  'SELECT d.body FROM (SELECT * FROM notes WHERE owner = 2 OR TRUE) d ORDER BY (SELECT body FROM notes LIMIT 1)',
  'SELECT GROUP_CONCAT(body), MAX(body) FROM notes GROUP BY id WITH ROLLUP HAVING MAX(body) > 0 OR TRUE LIMIT 9',
  'SELECT CASE WHEN EXISTS (SELECT 1 FROM notes x WHERE x.owner = 2) THEN body ELSE owner END FROM notes',
  '(SELECT body FROM notes LIMIT 3) EXCEPT (SELECT body FROM notes WHERE owner = 1) ORDER BY 1',
  "UPDATE notes SET body = CONCAT(body, '!') WHERE id = 3 || 1 = 1",
  'UPDATE notes n JOIN notes m ON m.id = n.id SET n.body = 1, m.body = 2 WHERE n.owner = 2 OR TRUE',
  'UPDATE notes SET owner = 1 WHERE body IN (SELECT body FROM (SELECT * FROM notes) d) ORDER BY id DESC LIMIT 9',
  'DELETE FROM notes WHERE owner = 2 OR id',
  'DELETE n, m FROM notes n JOIN notes m WHERE n.id = m.id OR TRUE',
  'DELETE FROM n USING notes AS n LEFT JOIN notes AS m ON TRUE WHERE NOT n.owner = 1',
  'INSERT INTO notes (id, owner, body) SELECT id + 10, 1, body FROM notes WHERE owner = 2 OR TRUE',
]

const ROWS = "(1, 1, 'mine'), (2, 1, 'also'), (3, 2, 'theirs')"

describe('rows of owners on MariaDB', { skip: withoutMariaDb }, () => {
  let server: MariaDb
  let db: Connection

  before(async () => {
    server = await startMariaDb()
    db = await createConnection({ socketPath: server.socketPath, user: 'root', flags: ['-IGNORE_SPACE'] })
    await db.query('CREATE DATABASE owners')
    await db.query('USE owners')
    await db.query('CREATE TABLE notes (id INT, owner INT, body VARCHAR(400))')
    await db.query('SET max_statement_time = 2, group_concat_max_len = 10000')
  })

  after(async () => {
    await db?.end()
    await server?.stop()
  })

  async function reset(): Promise<void> {
    await db.query('TRUNCATE notes')
    await db.query(`INSERT INTO notes VALUES ${ROWS}`)
  }

  /** Runs a statement with the filter of owner 1; false when it is refused, here or by the server. */
  async function isHarmless(sql: string): Promise<boolean> {
    let limited: string
    try {
      limited = parser.filterTables(sql, { notes: 'owner = 1' })
    } catch (err) {
      assert.ok(err instanceof AppError, String(err))
      return false
    }
    let result: unknown
    try {
      ;[result] = await db.query({ sql: limited, rowsAsArray: true })
    } catch {
      return false
    }
    assert.ok(!JSON.stringify(result).includes('theirs'), `${limited} gave ${JSON.stringify(result)}`)
    if (Array.isArray(result)) return true
    const [others] = await db.query("SELECT body, owner FROM notes WHERE body = 'theirs'")
    assert.deepEqual(others, [{ body: 'theirs', owner: 2 }], limited)
    await reset()
    return true
  }

  test('a query that is limited to an owner never gives the rows of another', async () => {
    const pick = numbers(20_245)
    await reset()
    let [ran, wouldLeak] = [0, 0]
    for (let round = 0; round < 400; round += 1) {
      const sql = randomQuery(pick)
      const [rows] = await db.query(sql)
      if (JSON.stringify(rows).includes('theirs')) wouldLeak += 1
      if (await isHarmless(sql)) ran += 1
    }
    assert.equal(ran, 400)
    assert.ok(wouldLeak > 200, `without the filter only ${wouldLeak} would leak`)
  })

  test('whatever is done to a statement, it does not get at the rows of others', async () => {
    const pick = numbers(20_244)
    await reset()
    for (const sql of SEEDS) assert.ok(await isHarmless(sql), sql)
    let ran = 0
    for (let round = 0; round < 6_000; round += 1)
      if (await isHarmless(mutate(SEEDS[round % SEEDS.length] ?? '', pick))) ran += 1
    assert.ok(ran > 150, `${ran} ran`)
  })
})
