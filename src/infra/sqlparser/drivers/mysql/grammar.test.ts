import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUERIES } from '../../../../../test-kit/mysql-cases/accepted-queries.ts'
import { WRITES } from '../../../../../test-kit/mysql-cases/accepted-writes.ts'
import { REFUSED } from '../../../../../test-kit/mysql-cases/refused.ts'
import { SqlParseError } from '../../core/errors.ts'
import { openSqlParser } from '../../open.ts'

const parser = await openSqlParser('mysql')
const print = (sql: string) => parser.parseAndModifySQL(sql, { unused: { newTableName: 'x' } })

for (const [topic, statements] of Object.entries({ ...QUERIES, ...WRITES }))
  test(`accepted, and printed as the same statement: ${topic}`, () => {
    for (const sql of statements) {
      const once = print(sql)
      assert.equal(print(once), once, sql)
      assert.equal(parser.getSQLOperation(once), parser.getSQLOperation(sql), sql)
      assert.deepEqual(parser.tables(once), parser.tables(sql), sql)
    }
  })

test('mistakes are refused where they are', () => {
  for (const [sql, at, says] of REFUSED)
    assert.throws(
      () => parser.getSQLOperation(sql),
      (err) => {
        assert.ok(err instanceof SqlParseError, sql)
        assert.deepEqual(
          [`${err.line}:${err.column}`, err.message.includes(says)],
          [at, true],
          `${sql}: ${err.message}`,
        )
        return true
      },
    )
})

const HINTS: readonly (readonly [sql: string, hint: RegExp])[] = [
  ['SELECT rank FROM t', /RANK is reserved: as a name it must stand in back-quotes/],
  ['SELECT * FROM "users"', /names are quoted with back-quotes, not with "/],
  ['SELECT a FROM t FULL OUTER JOIN u ON 1', /MySQL has no FULL JOIN/],
  ['INSERT INTO t VALUES (1) RETURNING a', /MySQL has no RETURNING/],
  ['INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING', /ON DUPLICATE KEY UPDATE/],
  ["SELECT a FROM t WHERE a ILIKE 'x'", /MySQL has no ILIKE/],
  ['SELECT a FROM t WHERE a == 1', /one =/],
  ['SELECT a::int FROM t', /CAST\(x AS type\)/],
  ['SELECT a FROM t WHERE a = :a', /parameters are written \?/],
  ['SELECT [a] FROM t', /back-quotes/],
  ['SELECT COUNT (*) FROM t', /remove the space/],
  ['SELECT a FROM t LIMIT 1 UNION SELECT 1', /\(SELECT …\) UNION …/],
  ["SELECT a INTO OUTFILE 'x' FROM t", /writes to variables or files/],
  ["CREATE TABLE t (a INT) DATA DIRECTORY '/tmp'", /files or another server/],
  ['SELECT /*!50000 1 */', /depends on the version of the server/],
  ['SET @a = 1', /SELECT, INSERT, UPDATE, DELETE/],
]

test('errors say what to do about it, and never what a text holds', () => {
  for (const [sql, hint] of HINTS)
    assert.throws(
      () => parser.getSQLOperation(sql),
      (err) => err instanceof SqlParseError && hint.test(err.hint ?? ''),
      sql,
    )
  assert.throws(
    () => parser.getSQLOperation("SELECT a FROM t WHERE 'secret' 'secret' b c"),
    (err) => err instanceof Error && !err.message.includes('secret'),
  )
})
