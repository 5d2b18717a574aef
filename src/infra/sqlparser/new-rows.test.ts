import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqlParseError } from './core/errors.ts'
import type { Dialect } from './driver.ts'
import { openSqlParser } from './open.ts'

/** What the dialects write in their own ways; what all of them know is in conformance/owners.ts. */
const REFUSED: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [
    'INSERT INTO t DEFAULT VALUES',
    'REPLACE INTO t (a, o) VALUES (1, 1)',
    'INSERT OR REPLACE INTO t (a, o) VALUES (1, 1)',
    'UPDATE OR REPLACE t SET a = 1',
    'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET o = 1',
    'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET (a, o) = (1, 1)',
    'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET a = 1 ON CONFLICT DO UPDATE SET o = 2',
    'INSERT INTO t (a, o) VALUES (1, 2) ON CONFLICT DO NOTHING',
    'INSERT INTO t (a, o) VALUES (1, [1])',
    'INSERT INTO t (a, "o", [o]) VALUES (1, 1, 2)',
    'UPDATE t SET (a, o) = (1, 2)',
    'UPDATE t SET [o] = 2',
    'UPDATE t SET o = u.a FROM u',
    'INSERT INTO t (a, o) SELECT 1, 1 UNION VALUES (1, 2)',
    'WITH c AS (SELECT 2) INSERT INTO t (o) SELECT * FROM c',
  ],
  mysql: [
    'REPLACE t (a, o) VALUES (1, 1)',
    'REPLACE t (a, o) SELECT 1, 1',
    'INSERT INTO t (a, o) VALUES (1, 1) ON DUPLICATE KEY UPDATE a = 2',
    'INSERT INTO t (a, o) VALUES (1, 1) AS n ON DUPLICATE KEY UPDATE o = n.o',
    'INSERT INTO t SET a = 1, o = 1',
    'INSERT INTO t () VALUES ()',
    'INSERT INTO t (a, o) VALUES ROW(1, 2)',
    'INSERT INTO t (a, o) TABLE u',
    'INSERT INTO t (a, o) VALUES (1, 1 || 1)',
    'INSERT INTO t (a, `o`) VALUES (1, DEFAULT)',
    'INSERT INTO t (o, a) SELECT 2 a, 1',
    'UPDATE t SET t.o = 2',
    'UPDATE t x, u SET x.o = 2',
    'UPDATE t x, u SET o = 2',
    'UPDATE u JOIN t ON t.a = u.a SET u.a = 1, t.`O` = 2',
  ],
  postgres: [
    'INSERT INTO t DEFAULT VALUES',
    'INSERT INTO t (a, o) VALUES (1, DEFAULT)',
    'INSERT INTO t (a, o) VALUES (1, 1::int)',
    'INSERT INTO t (a, o[1]) VALUES (1, 1)',
    'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET o = excluded.o',
    'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET (a, o) = (1, 1)',
    'WITH c AS (INSERT INTO t (o) VALUES (1) RETURNING a) SELECT a FROM c',
    'WITH c AS (UPDATE t SET o = 2 RETURNING a) SELECT a FROM c',
    'INSERT INTO t (a, o) TABLE u',
    'INSERT INTO t (a, o) SELECT DISTINCT ON (a) a, 2 FROM u',
    'INSERT INTO t (a, o) (VALUES (1, 1)) LIMIT 1',
    'UPDATE t SET (a, o) = (SELECT 1, 2)',
    'UPDATE t AS x SET o = u.a FROM u',
    'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET o = 2',
  ],
}

const KEPT: Readonly<Record<Dialect, readonly (readonly [sql: string, result: string])[]>> = {
  sqlite: [
    [
      'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET a = excluded.a',
      'INSERT INTO t (a,o) VALUES (1,1) ON CONFLICT (a) DO UPDATE SET a=excluded.a WHERE t.o=1',
    ],
    ['INSERT OR IGNORE INTO t (o, a) VALUES (1, 5)', 'INSERT OR IGNORE INTO t (o,a) VALUES (1,5)'],
    ['UPDATE t SET a = o', 'UPDATE t SET a=o WHERE t.o=1'],
    ['SELECT a FROM t', 'SELECT a FROM (SELECT * FROM t WHERE t.o=1 LIMIT -1) AS t'],
    [
      'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET a = 2 WHERE t.a > 1 RETURNING a',
      'INSERT INTO t (a,o) VALUES (1,1) ON CONFLICT (a) DO UPDATE SET a=2' +
        ' WHERE t.o=1 AND CASE WHEN t.o=1 THEN CASE WHEN (t.a>1) THEN 1=1 END END RETURNING a',
    ],
    [
      'UPDATE t SET a = b IS DISTINCT FROM 1 FROM u JOIN v USING (a), json_each(u.b) j WHERE u.a = t.a',
      'UPDATE t SET a=b IS DISTINCT FROM 1 FROM u JOIN v USING (a),json_each(u.b) AS j' +
        ' WHERE t.o=1 AND CASE WHEN t.o=1 THEN CASE WHEN (u.a=t.a) THEN 1=1 END END',
    ],
    [
      "UPDATE t SET a = b IS DISTINCT FROM c FROM json_each('[1]') AS j",
      "UPDATE t SET a=b IS DISTINCT FROM c FROM json_each('[1]') AS j WHERE t.o=1",
    ],
  ],
  mysql: [
    ['INSERT IGNORE t (o, a) VALUES ROW(1, 5)', 'INSERT IGNORE t (o,a) VALUES ROW (1,5)'],
    ['UPDATE t x, u SET u.o = 2', 'UPDATE (SELECT * FROM t WHERE t.o=1 LIMIT 18446744073709551615) AS x,u SET u.o=2'],
    [
      'INSERT INTO u (o) SELECT o FROM t',
      'INSERT INTO u (o) SELECT o FROM (SELECT * FROM t WHERE t.o=1 LIMIT 18446744073709551615) AS t',
    ],
  ],
  postgres: [
    [
      'INSERT INTO t (a, o) VALUES (1, 1) ON CONFLICT (a) DO UPDATE SET a = excluded.a',
      'INSERT INTO t (a,o) VALUES (1,1) ON CONFLICT (a) DO UPDATE SET a=excluded.a WHERE t.o=1',
    ],
    ['SELECT a FROM t', 'SELECT a FROM (SELECT DISTINCT ON (t.ctid) t.* FROM t WHERE t.o=1 OFFSET 0) AS t'],
    [
      'DELETE FROM t x USING u JOIN v USING (a), LATERAL (SELECT b FROM w WHERE w.a = u.a) l WHERE u.a = b RETURNING a',
      'DELETE FROM t AS x USING u JOIN v USING (a),LATERAL (SELECT b FROM w WHERE w.a=u.a) AS l' +
        ' WHERE x.o=1 AND CASE WHEN x.o=1 THEN CASE WHEN (u.a=b) THEN 1=1 END END RETURNING a',
    ],
    [
      'INSERT INTO t (a, o) OVERRIDING SYSTEM VALUE VALUES (1, 1) RETURNING a',
      'INSERT INTO t (a,o) OVERRIDING SYSTEM VALUE VALUES (1,1) RETURNING a',
    ],
    [
      'WITH c AS (UPDATE t SET a = 2 RETURNING a) INSERT INTO u (a) SELECT a FROM c',
      'WITH c AS (UPDATE t SET a=2 WHERE t.o=1 RETURNING a) INSERT INTO u (a) SELECT a FROM c',
    ],
  ],
}

const WRITES: readonly (readonly [dialect: Dialect, sql: string, written: readonly string[]])[] = [
  ['mysql', 'UPDATE t JOIN u ON t.a = u.a SET u.b = 1', ['u']],
  ['mysql', 'UPDATE t x, u SET b = 1', ['t', 'u']],
  ['mysql', 'UPDATE t x, u SET x.b = (SELECT 1 FROM v)', ['t']],
  ['mysql', 'DELETE u FROM t JOIN u ON t.a = u.a', ['u']],
  ['mysql', 'DELETE FROM a, b USING t AS a JOIN u AS b', ['t', 'u']],
  ['mysql', 'INSERT INTO t (a) SELECT a FROM u ON DUPLICATE KEY UPDATE a = 1', ['t']],
  ['sqlite', 'UPDATE t SET a = u.a FROM u', ['t']],
  ['sqlite', 'INSERT INTO t (a) SELECT a FROM u WHERE 1 ON CONFLICT DO UPDATE SET a = 1', ['t']],
  ['postgres', 'DELETE FROM t USING u', ['t']],
  ['postgres', 'WITH c AS (DELETE FROM u RETURNING a) INSERT INTO t (a) SELECT a FROM c', ['u', 't']],
  ['postgres', 'SELECT a FROM t', []],
]

test('the tables that a statement writes to are told', async () => {
  for (const [dialect, sql, written] of WRITES)
    assert.deepEqual((await openSqlParser(dialect)).writtenTables(sql), written, sql)
})

for (const dialect of ['mysql', 'sqlite', 'postgres'] as const)
  test(`${dialect}: under a filter nothing is written for another owner`, async () => {
    const parser = await openSqlParser(dialect)
    for (const sql of REFUSED[dialect])
      assert.throws(() => parser.filterTables(sql, { t: 'o = 1' }), SqlParseError, sql)
    for (const [sql, result] of KEPT[dialect]) assert.equal(parser.filterTables(sql, { t: 'o = 1' }), result)
  })
