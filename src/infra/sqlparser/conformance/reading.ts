import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { ORDERS, refused, type SqlParserHarness, USERS } from './harness.ts'

export const readingCases: readonly Case<SqlParserHarness>[] = [
  {
    name: 'SQL-01 each operation is recognised, mistakes are refused',
    run: async ({ parser }) => {
      const table: [sql: string, operation: string][] = [
        ['SELECT 1 FROM t', 'SELECT'],
        ['insert into t (a) values (1)', 'INSERT'],
        ['UPDATE t SET a = 1', 'UPDATE'],
        ['DELETE FROM t', 'DELETE'],
        ['CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(20))', 'CREATE'],
        ['ALTER TABLE t ADD COLUMN c INT', 'ALTER'],
        ['DROP TABLE t;', 'DROP'],
        ['SELECT a FROM t UNION SELECT b FROM u', 'SELECT'],
        ['WITH c AS (SELECT 1 AS a) SELECT a FROM c', 'SELECT'],
      ]
      for (const [sql, operation] of table) assert.equal(parser.getSQLOperation(sql), operation, sql)
      for (const sql of ['', '  ', ';', '-- c', 'SELECTS 1', 'SELECT FROM WHERE', 'DROP', 'x'])
        refused(() => parser.getSQLOperation(sql))
    },
  },
  {
    name: 'SQL-02 TRUNCATE is recognised, also where the engine has none',
    run: async ({ parser }) => assert.equal(parser.getSQLOperation('TRUNCATE TABLE t'), 'TRUNCATE'),
  },
  {
    name: 'SQL-03 an UPDATE with a sub-query is an UPDATE',
    run: async ({ parser }) =>
      assert.equal(parser.getSQLOperation('UPDATE a SET s = s * 1.1 WHERE d = (SELECT id FROM b)'), 'UPDATE'),
  },
  {
    name: 'SQL-25 the table of a statement, the first of a join',
    run: async ({ parser }) => {
      const table: [sql: string, name: string][] = [
        ['SELECT * FROM users WHERE id = 1', 'users'],
        ['INSERT INTO users (id) VALUES (1)', 'users'],
        ['UPDATE users SET a = 1', 'users'],
        ['DELETE FROM users', 'users'],
        ['SELECT 1 FROM users u JOIN orders o ON u.a = o.a', 'users'],
      ]
      for (const [sql, name] of table) assert.equal(parser.getTableName(sql), name)
    },
  },
  {
    name: 'SQL-26 statements without such a table are refused',
    run: async ({ parser }) => {
      for (const sql of ['CREATE TABLE t (a INT)', 'DROP TABLE t', 'SELECT 1', 'SELECT a FROM (SELECT 1 AS a) d', ''])
        refused(() => parser.getTableName(sql))
    },
  },
  {
    name: 'SQL-27 the rows of an INSERT are counted',
    run: async ({ parser }) => {
      const rows = (count: number) => `INSERT INTO t (a, b) VALUES ${Array(count).fill("(?, ')(')").join(', ')};`
      for (const count of [1, 2, 4, 500]) assert.equal(parser.getInsertDataNums(rows(count)), count)
      for (const sql of ['SELECT 1 FROM t', 'INSERTT INTO t (a) VALUES (1)', 'INSERT INTO t (a) SELECT b FROM u'])
        refused(() => parser.getInsertDataNums(sql))
    },
  },
  {
    name: 'SQL-37 two statements are refused by every operation',
    run: async ({ parser }) => {
      const two = 'SELECT a FROM t; DELETE FROM t'
      const calls = [
        () => parser.parseAndModifySQL(two, USERS),
        () => parser.getSQLOperation(two),
        () => parser.addColumnsToInsertSQL(two, [], null, false),
        () => parser.getTableName(two),
        () => parser.getInsertDataNums(two),
        () => parser.appendSQLFilter(two, 'AND', 'a = 1'),
        () => parser.filterTables(two, { t: 'a = 1' }),
        () => parser.addSelectFieldsToSelectSQL(two, ['b']),
        () => parser.tables(two),
      ]
      for (const call of calls) refused(call)
    },
  },
  {
    name: 'SQL-38 what is returned is read again as the same statement',
    run: async ({ parser }) => {
      const statements = [
        'SELECT a, b AS c, - -1, a - -b, x IN (1, 2), NOT a = 1, count(*) FROM t GROUP BY a ORDER BY c DESC',
        "INSERT INTO t (a, b) VALUES (1, 'x'), (-2, NULL)",
        'UPDATE t SET a = a * (b + 1), c = 2 WHERE d BETWEEN 1 AND 2 AND e IS NOT NULL',
        "DELETE FROM t WHERE a LIKE '%x' OR b IN (SELECT c FROM d WHERE d.e = t.f)",
        'WITH c AS (SELECT 1 AS a UNION ALL SELECT 2) SELECT CASE WHEN a > 1 THEN 2 ELSE 3 END FROM c',
      ]
      for (const sql of statements) {
        const once = parser.parseAndModifySQL(sql, { unused: { newTableName: 'x' } })
        assert.equal(parser.parseAndModifySQL(once, { unused: { newTableName: 'x' } }), once)
      }
    },
  },
  {
    name: 'SQL-39 every table is seen: sub-queries, CTEs, EXISTS, set operations, the source of an INSERT',
    run: async ({ parser }) => {
      const table: [sql: string, tables: string[]][] = [
        ['WITH c AS (SELECT * FROM a) SELECT * FROM c WHERE EXISTS (SELECT 1 FROM b)', ['a', 'b']],
        [
          'SELECT (SELECT max(x) FROM a) FROM b WHERE y IN (SELECT z FROM c UNION SELECT z FROM d)',
          ['a', 'b', 'c', 'd'],
        ],
        ['INSERT INTO a (x) SELECT y FROM b WHERE z = (SELECT 1 FROM c)', ['a', 'b', 'c']],
        ['UPDATE a SET x = (SELECT y FROM b) WHERE z = 1', ['a', 'b']],
        ['DELETE FROM a WHERE x NOT IN (SELECT x FROM b)', ['a', 'b']],
        ['SELECT * FROM (SELECT * FROM (SELECT * FROM a) x) y', ['a']],
        ['SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN a a2 ON a2.y = (SELECT y FROM c)', ['a', 'b', 'c']],
        ['DROP TABLE a', ['a']],
        ['SELECT * FROM other.a', ['other.a']],
      ]
      for (const [sql, tables] of table) assert.deepEqual(parser.tables(sql).toSorted(), tables, sql)
    },
  },
  {
    name: 'SQL-42 a megabyte is no problem, and more than the limit is refused',
    run: async ({ parser }) => {
      const text = `SELECT id FROM users WHERE name = '${'x'.repeat(1_000_000)}'`
      const list = `SELECT id FROM users WHERE id IN (${Array.from({ length: 20_000 }, (_, i) => i).join(', ')})`
      for (const sql of [text, list])
        assert.match(parser.parseAndModifySQL(sql, USERS), /^SELECT user_id FROM new_users/)
      refused(() => parser.getSQLOperation(`SELECT '${'x'.repeat(3_000_000)}'`), /longer/)
    },
  },
  {
    name: 'SQL-43 the current time stays a call',
    run: async ({ parser }) => {
      const sql = 'UPDATE users SET age = CURRENT_TIMESTAMP, name = NOW() WHERE id = 1'
      const want = 'UPDATE new_users SET user_age=CURRENT_TIMESTAMP, user_name=NOW() WHERE user_id=1'
      assert.equal(parser.parseAndModifySQL(sql, { ...USERS, ...ORDERS }), want)
    },
  },
]
