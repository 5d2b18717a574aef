import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqlParser } from '../../open.ts'

const parser = await openSqlParser('mysql')

const FUNCTIONS: readonly (readonly [sql: string, names: string[]])[] = [
  ['SELECT a, `b`, c + 1 FROM t', []],
  ['SELECT SLEEP(1), load_file(a), `benchmark`(1, 2)', ['sleep', 'load_file', 'benchmark']],
  ['SELECT db.f(1), `db`.`G`(2), f (3)', ['db.f', 'db.g', 'f']],
  ['SELECT CURRENT_USER, CURRENT_TIMESTAMP(3), user()', ['current_user', 'current_timestamp', 'user']],
  ["SELECT TRIM(BOTH 'x' FROM a), EXTRACT(YEAR FROM b), SUBSTRING(a FROM 1)", ['trim', 'extract', 'substring']],
  ['SELECT IF(a, LEFT(b, 1), DATABASE()), CHAR(65)', ['if', 'left', 'database', 'char']],
  ['SELECT COUNT(*), GROUP_CONCAT(a), RANK() OVER ()', ['count', 'group_concat', 'rank']],
  ["SELECT CAST(a AS CHAR), CONVERT(a, CHAR), CASE WHEN a THEN 1 END, EXISTS (SELECT 1), DATE '2024-01-01'", []],
  [
    "SELECT * FROM JSON_TABLE(f(1), '$' COLUMNS (a INT PATH '$')) j WHERE INTERVAL(1, 2, 3)",
    ['json_table', 'f', 'interval'],
  ],
  ['INSERT INTO t (a) VALUES (uuid()) ON DUPLICATE KEY UPDATE a = VALUES(a)', ['uuid']],
  ['CREATE TABLE t (a INT DEFAULT (rand()), b INT AS (abs(a)))', ['rand', 'abs']],
  ['SELECT count, max, now FROM t', []],
]

test('every function that is called is told, under the name that the server calls', () => {
  for (const [sql, names] of FUNCTIONS) assert.deepEqual(parser.functions(sql), names, sql)
})

const TABLES: readonly (readonly [sql: string, tables: string[]])[] = [
  [
    'SELECT 1 FROM a, (b JOIN c), (SELECT 1 FROM d) x WHERE 1 IN (TABLE e) ORDER BY (SELECT 1 FROM f)',
    ['a', 'b', 'c', 'd', 'e', 'f'],
  ],
  ['WITH a AS (SELECT 1 FROM b) SELECT 1 FROM a, db.a', ['b', 'db.a']],
  ['WITH RECURSIVE a AS (SELECT 1 FROM b UNION SELECT 1 FROM a) SELECT 1 FROM a', ['b']],
  ['WITH a AS (SELECT 1 FROM a) SELECT 1 FROM a', ['a']],
  ['(SELECT 1 FROM a) UNION (SELECT 1 FROM b) ORDER BY (SELECT 1 FROM c)', ['a', 'b', 'c']],
  ['INSERT INTO a (x) VALUES ((SELECT 1 FROM b)) ON DUPLICATE KEY UPDATE x = (SELECT 1 FROM c)', ['a', 'b', 'c']],
  ['REPLACE INTO a TABLE b', ['a', 'b']],
  ['UPDATE a, b JOIN c USING (x) SET a.x = (SELECT 1 FROM d)', ['a', 'b', 'c', 'd']],
  ['DELETE x, b FROM a AS x JOIN b WHERE EXISTS (SELECT 1 FROM c)', ['a', 'b', 'c']],
  ['DELETE FROM a USING a, b', ['a', 'b']],
  ["SELECT 1 FROM a, JSON_TABLE((SELECT x FROM b), '$' COLUMNS (y INT PATH '$')) j", ['a', 'b']],
  ['SELECT 1 FROM a, LATERAL (SELECT 1 FROM b WHERE b.x = a.x) l', ['a', 'b']],
  ['CREATE TABLE a (x INT REFERENCES b (y), FOREIGN KEY (x) REFERENCES c (y))', ['a', 'b', 'c']],
  ['CREATE TABLE a (x INT) UNION = (b, c) AS SELECT x FROM d', ['a', 'b', 'c', 'd']],
  ['CREATE TABLE a LIKE b', ['a', 'b']],
  ['ALTER TABLE a RENAME TO b, ADD FOREIGN KEY (x) REFERENCES c (y)', ['a', 'b', 'c']],
  ['ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b', ['a', 'b']],
  ['DROP TABLE a, db.b', ['a', 'db.b']],
  ['VALUES ROW((SELECT 1 FROM a))', ['a']],
]

test('every table that is reached is told', () => {
  for (const [sql, tables] of TABLES) assert.deepEqual(parser.tables(sql), tables, sql)
})

const FILTERED: readonly (readonly [sql: string, result: string])[] = [
  ['SELECT a FROM t', 'SELECT a FROM t WHERE o=1'],
  ['SELECT a FROM t WHERE a = 1 OR b = 2', 'SELECT a FROM t WHERE (a=1 OR b=2) AND o=1'],
  ['SELECT a FROM t WHERE a = 1 || b = 2', 'SELECT a FROM t WHERE (a=1||b=2) AND o=1'],
  ['SELECT a FROM t WHERE a XOR b', 'SELECT a FROM t WHERE (a XOR b) AND o=1'],
  ['SELECT a FROM t WHERE @x := a', 'SELECT a FROM t WHERE (@x:=a) AND o=1'],
  ['SELECT a FROM t WHERE a && NOT b', 'SELECT a FROM t WHERE a&&NOT b AND o=1'],
  ['SELECT a FROM t WHERE a BETWEEN 1 AND 2', 'SELECT a FROM t WHERE a BETWEEN 1 AND 2 AND o=1'],
  [
    'SELECT a FROM t GROUP BY a HAVING a > 1 ORDER BY a LIMIT 1 FOR UPDATE',
    'SELECT a FROM t WHERE o=1 GROUP BY a HAVING a>1 ORDER BY a LIMIT 1 FOR UPDATE',
  ],
  ['SELECT a FROM t WINDOW w AS (ORDER BY a)', 'SELECT a FROM t WHERE o=1 WINDOW w AS (ORDER BY a)'],
  ['SELECT 1', 'SELECT 1 WHERE o=1'],
  ['(SELECT a FROM t)', '(SELECT a FROM t WHERE o=1)'],
  ['WITH c AS (SELECT 1) SELECT a FROM t', 'WITH c AS (SELECT 1) SELECT a FROM t WHERE o=1'],
  ['UPDATE t SET a = 1 ORDER BY b LIMIT 1', 'UPDATE t SET a=1 WHERE o=1 ORDER BY b LIMIT 1'],
  ['DELETE FROM t LIMIT 1', 'DELETE FROM t WHERE o=1 LIMIT 1'],
  ['DELETE t FROM t JOIN u WHERE a OR b', 'DELETE t FROM t JOIN u WHERE (a OR b) AND o=1'],
]

test('a filter goes where WHERE stands, and no OR gets round it', () => {
  for (const [sql, result] of FILTERED) assert.equal(parser.appendSQLFilter(sql, 'AND', 'o = 1'), result)
  assert.equal(parser.appendSQLFilter('DELETE FROM t WHERE a', 'AND', 'b || c'), 'DELETE FROM t WHERE a AND (b||c)')
  for (const sql of [
    'TABLE t',
    'VALUES ROW(1)',
    'SELECT 1 UNION SELECT 2',
    '(SELECT 1) LIMIT 1',
    'INSERT INTO t VALUES (1)',
  ])
    assert.throws(() => parser.appendSQLFilter(sql, 'AND', 'o = 1'), { code: 'invalid_argument' }, sql)
  for (const filter of [
    'a = 1) OR (1 = 1',
    'a = 1; DROP TABLE t',
    'a = 1 ORDER BY a',
    'a = 1 -- ',
    'a = 1 #',
    'a /*',
    'a, b',
    'SELECT 1',
  ])
    assert.throws(() => parser.appendSQLFilter('SELECT a FROM t', 'AND', filter), { code: 'invalid_argument' }, filter)
})

const MINE = '(SELECT * FROM t WHERE t.o=1 LIMIT 18446744073709551615) AS t'
const LIMITED: readonly (readonly [sql: string, result: string])[] = [
  ['SELECT a FROM t WHERE b', `SELECT a FROM ${MINE} WHERE b`],
  [
    'UPDATE t SET a = 1 WHERE b OR c',
    'UPDATE t SET a=1 WHERE t.o=1 AND CASE WHEN t.o=1 THEN CASE WHEN (b OR c) THEN 1=1 END END',
  ],
  ['DELETE FROM t AS x', 'DELETE FROM t AS x WHERE x.o=1'],
  [
    'DELETE x FROM t AS x JOIN u ON x.a = u.a',
    'DELETE x FROM t AS x JOIN u ON CASE WHEN x.o=1 THEN CASE WHEN (x.a=u.a) THEN 1=1 END END WHERE x.o=1',
  ],
  [
    'UPDATE u JOIN t ON t.a = u.a SET t.b = 1',
    'UPDATE u JOIN t ON CASE WHEN t.o=1 THEN CASE WHEN (t.a=u.a) THEN 1=1 END END SET t.b=1 WHERE t.o=1',
  ],
  [
    'UPDATE u JOIN t ON t.a = u.a SET b = 1',
    'UPDATE u JOIN t ON CASE WHEN t.o=1 THEN CASE WHEN (t.a=u.a) THEN 1=1 END END SET b=1 WHERE t.o=1',
  ],
  [
    'DELETE t, x FROM u JOIN t ON t.a = u.a JOIN t AS x ON x.a = u.b JOIN v ON v.a = u.a WHERE v.b',
    'DELETE t,x FROM u JOIN t ON CASE WHEN t.o=1 THEN CASE WHEN (t.a=u.a) THEN 1=1 END END' +
      ' JOIN t AS x ON CASE WHEN t.o=1 AND x.o=1 THEN CASE WHEN (x.a=u.b) THEN 1=1 END END' +
      ' JOIN v ON CASE WHEN t.o=1 AND x.o=1 THEN CASE WHEN (v.a=u.a) THEN 1=1 END END' +
      ' WHERE t.o=1 AND x.o=1 AND CASE WHEN t.o=1 AND x.o=1 THEN CASE WHEN (v.b) THEN 1=1 END END',
  ],
  ['UPDATE u JOIN v ON u.a = v.a, t SET t.b = 1', 'UPDATE u JOIN v ON u.a=v.a,t SET t.b=1 WHERE t.o=1'],
  ['UPDATE u JOIN t ON t.a = u.a SET u.b = 1', `UPDATE u JOIN ${MINE} ON t.a=u.a SET u.b=1`],
  ['UPDATE u JOIN t USING (a) SET u.b = 1', `UPDATE u JOIN ${MINE} USING (a) SET u.b=1`],
  ['WITH t AS (SELECT * FROM t) SELECT a FROM t', `WITH t AS (SELECT * FROM ${MINE}) SELECT a FROM t`],
]

test('a table is limited to its rows wherever a statement reaches it', () => {
  for (const [sql, result] of LIMITED) assert.equal(parser.filterTables(sql, { t: 'o = 1' }), result)
  const refused = [
    'TABLE t',
    'SELECT a FROM t PARTITION (p0)',
    'SELECT a FROM t USE INDEX (i)',
    'SELECT a FROM db.t',
    'REPLACE INTO t (a) VALUES (1)',
    'INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2',
    'TRUNCATE t',
    'CREATE TABLE u LIKE t',
    'WITH T AS (SELECT 1) SELECT a FROM t',
  ]
  for (const sql of refused)
    assert.throws(() => parser.filterTables(sql, { t: 'o = 1' }), { code: 'invalid_argument' }, sql)
})

test('fields are added to plain queries only', () => {
  const add = (sql: string) => parser.addSelectFieldsToSelectSQL(sql, ['pk'])
  assert.equal(add('SELECT a AS b FROM t u'), 'SELECT a AS b,pk FROM t AS u')
  assert.equal(add('SELECT SUM(a) OVER () FROM t'), 'SELECT SUM(a) OVER (),pk FROM t')
  assert.equal(add('SELECT (SELECT COUNT(*) FROM u) FROM t'), 'SELECT (SELECT COUNT(*) FROM u),pk FROM t')
  for (const sql of [
    'SELECT COUNT(*) FROM t',
    'SELECT a FROM t HAVING MAX(a)',
    'SELECT DISTINCT a FROM t',
    'SELECT t.* FROM t',
  ])
    assert.equal(add(sql), sql)
})

test('columns are added to each row of an INSERT', () => {
  const add = (sql: string) => parser.addColumnsToInsertSQL(sql, [{ colName: 'o', value: "it's \\" }], null, false).sql
  const added = String.raw`'it''s \\'`
  assert.equal(
    add('INSERT INTO t (a) VALUES (1), (DEFAULT)'),
    `INSERT INTO t (a,o) VALUES (1,${added}),(DEFAULT,${added})`,
  )
  assert.equal(add('REPLACE t (a) VALUE (1)'), `REPLACE t (a,o) VALUE (1,${added})`)
  assert.equal(
    add('INSERT INTO t (a) VALUES ROW(1), ROW(2)'),
    `INSERT INTO t (a,o) VALUES ROW (1,${added}),ROW (2,${added})`,
  )
  for (const sql of [
    'INSERT INTO t SET a = 1',
    'INSERT INTO t VALUES (1)',
    'INSERT INTO t () VALUES ()',
    'INSERT INTO t (a) TABLE u',
  ])
    assert.throws(() => add(sql), { code: 'invalid_argument' }, sql)
})
