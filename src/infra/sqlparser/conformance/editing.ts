import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import { refused, type SqlParserHarness } from './harness.ts'

const PAIR = 'INSERT INTO t (id, name) VALUES (1, 2), (3, 4)'
const AGE = [{ colName: 'age', value: 18 }]

export const editingCases: readonly Case<SqlParserHarness>[] = [
  {
    name: 'SQL-17 a column is added to the only row',
    run: async ({ parser }) => {
      const { sql, existing } = parser.addColumnsToInsertSQL('INSERT INTO t (id) VALUES (1)', AGE, null, false)
      assert.equal(sql, 'INSERT INTO t (id,age) VALUES (1,18)')
      assert.deepEqual([...existing], ['id'])
    },
  },
  {
    name: 'SQL-18 keys are added to the rows in their order, one for each',
    run: async ({ parser }) => {
      const add = (values: bigint[]) => parser.addColumnsToInsertSQL(PAIR, AGE, { colName: 'pk', values }, false).sql
      assert.equal(
        add([9223372036854775807n, 8n]),
        'INSERT INTO t (id,name,age,pk) VALUES (1,2,18,9223372036854775807),(3,4,18,8)',
      )
      assert.throws(() => add([7n]), AppError)
    },
  },
  {
    name: 'SQL-19 with nothing to add the text comes back',
    run: async ({ parser }) => {
      assert.equal(parser.addColumnsToInsertSQL(PAIR, [], null, false).sql, PAIR)
      assert.equal(parser.addColumnsToInsertSQL(PAIR, [], { colName: 'pk', values: [1, 2] }, false).sql, PAIR)
    },
  },
  {
    name: 'SQL-20 a column that is there already is left alone, in any case of letters',
    run: async ({ parser }) => {
      const { sql, existing } = parser.addColumnsToInsertSQL(PAIR, [{ colName: 'name', value: 9 }], null, false)
      assert.equal(sql, PAIR)
      assert.ok(existing.has('name'))
      const upper = 'INSERT INTO t (ID) VALUES (1)'
      assert.equal(parser.addColumnsToInsertSQL(upper, [{ colName: 'id', value: 9 }], null, false).sql, upper)
    },
  },
  {
    name: 'SQL-21 as parameters: one ? for each column of each row',
    run: async ({ parser }) => {
      const add = (sql: string) =>
        parser.addColumnsToInsertSQL(sql, [{ colName: 'b' }], { colName: 'k', values: [] }, true).sql
      assert.equal(add('INSERT INTO t (a) VALUES (?)'), 'INSERT INTO t (a,b,k) VALUES (?,?,?)')
      assert.equal(add('INSERT INTO t (a) VALUES (?), (?)'), 'INSERT INTO t (a,b,k) VALUES (?,?,?),(?,?,?)')
    },
  },
  {
    name: 'SQL-22 an INSERT without a list of columns is refused',
    run: async ({ parser }) =>
      refused(() => parser.addColumnsToInsertSQL('INSERT INTO t VALUES (1)', AGE, null, false)),
  },
  {
    name: 'SQL-23 INSERT … SELECT is refused',
    run: async ({ parser }) =>
      refused(() => parser.addColumnsToInsertSQL('INSERT INTO t (a) SELECT b FROM u', AGE, null, false)),
  },
  {
    name: 'SQL-24 values are literals, whatever they hold',
    run: async ({ parser }) => {
      const evil = "x'); DROP TABLE t; --"
      const add = (value: string | null | boolean) =>
        parser.addColumnsToInsertSQL('INSERT INTO t (a) VALUES (1)', [{ colName: 'b', value }], null, false).sql
      assert.equal(add(evil), `INSERT INTO t (a,b) VALUES (1,'x''); DROP TABLE t; --')`)
      assert.equal(add(null), 'INSERT INTO t (a,b) VALUES (1,NULL)')
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 'a\0b'])
        assert.throws(
          () => parser.addColumnsToInsertSQL('INSERT INTO t (a) VALUES (1)', [{ colName: 'b', value }], null, false),
          AppError,
        )
    },
  },
  {
    name: 'SQL-28 a filter joins the condition of SELECT, UPDATE and DELETE, or becomes it',
    run: async ({ parser }) => {
      const table: [sql: string, operator: 'AND' | 'OR', want: string][] = [
        ['SELECT * FROM t', 'AND', 'SELECT * FROM t WHERE o=1'],
        ['SELECT * FROM t WHERE a = 1', 'AND', 'SELECT * FROM t WHERE a=1 AND o=1'],
        ['SELECT * FROM t WHERE a = 1', 'OR', 'SELECT * FROM t WHERE a=1 OR o=1'],
        ['UPDATE t SET a = 1', 'AND', 'UPDATE t SET a=1 WHERE o=1'],
        ['UPDATE t SET a = 1, b = 2 WHERE a = 2', 'AND', 'UPDATE t SET a=1, b=2 WHERE a=2 AND o=1'],
        ['DELETE FROM t', 'OR', 'DELETE FROM t WHERE o=1'],
        ['DELETE FROM t WHERE a = 2', 'AND', 'DELETE FROM t WHERE a=2 AND o=1'],
      ]
      for (const [sql, operator, want] of table) assert.equal(parser.appendSQLFilter(sql, operator, 'o = 1'), want)
    },
  },
  {
    name: 'SQL-30 a filter with OR is put in brackets, and so is a condition with OR',
    run: async ({ parser }) => {
      assert.equal(
        parser.appendSQLFilter('SELECT * FROM t WHERE a = 1', 'AND', 'o = 1 OR p = 2'),
        'SELECT * FROM t WHERE a=1 AND (o=1 OR p=2)',
      )
      assert.equal(
        parser.appendSQLFilter('DELETE FROM t WHERE a = 1 OR b = 2', 'AND', 'o = 1'),
        'DELETE FROM t WHERE (a=1 OR b=2) AND o=1',
      )
    },
  },
  {
    name: 'SQL-31 brackets that are there stay as they are',
    run: async ({ parser }) =>
      assert.equal(
        parser.appendSQLFilter('SELECT * FROM t WHERE (a = 1 OR b = 2)', 'AND', '(o = 1 OR p = 2)'),
        'SELECT * FROM t WHERE (a=1 OR b=2) AND (o=1 OR p=2)',
      ),
  },
  {
    name: 'SQL-32 a statement with joins keeps its aliases',
    run: async ({ parser }) =>
      assert.equal(
        parser.appendSQLFilter('SELECT u.a FROM t u JOIN s AS o ON u.a = o.b WHERE u.c = 1', 'AND', 'o.d = 2'),
        'SELECT u.a FROM t AS u JOIN s AS o ON u.a=o.b WHERE u.c=1 AND o.d=2',
      ),
  },
  {
    name: 'SQL-33 what is wrong with a filter is said',
    run: async ({ parser }) => {
      const append = (sql: string, operator: string, filter: string) => () =>
        parser.appendSQLFilter(sql, operator as 'AND', filter)
      assert.throws(append('SELECT 1 FROM t', 'aNd', 'a = 1'), /invalid filter operator/)
      assert.throws(append('SELECT 1 FROM t', '', 'a = 1'), /invalid filter operator/)
      refused(append('', 'AND', 'a = 1'), /empty SQL statement/)
      refused(append('SELECT 1 FROM t', 'AND', ''), /empty filter condition/)
      refused(append('CREATE TABLE t (a INT)', 'AND', 'a = 1'), /only support SELECT\/UPDATE\/DELETE/)
      refused(append('SELECTZ * FRON t', 'AND', 'a = 1'), /failed to parse SQL/)
      refused(append('SELECT 1 FROM t', 'AND', 'a =='), /parse filter condition failed/)
      refused(append('SELECT 1 FROM t UNION SELECT 2 FROM t', 'AND', 'a = 1'), /set operation/)
    },
  },
  {
    name: 'SQL-34 what follows WHERE stays behind the filter',
    run: async ({ parser }) =>
      assert.equal(
        parser.appendSQLFilter(
          'SELECT a, COUNT(*) FROM t GROUP BY a HAVING COUNT(*) > 1 ORDER BY a DESC LIMIT 5',
          'AND',
          'o = 1',
        ),
        'SELECT a,COUNT(*) FROM t WHERE o=1 GROUP BY a HAVING COUNT(*)>1 ORDER BY a DESC LIMIT 5',
      ),
  },
  {
    name: 'SQL-35 a filter is one expression and nothing else',
    run: async ({ parser }) => {
      const bad = [
        'a = 1; DROP TABLE t',
        'a = 1 -- ',
        'a = 1 --',
        'a = 1 /* c */',
        'a = 1 /*',
        '1=1) OR (1=1',
        'a = 1) UNION SELECT (1',
        'a = 1 ORDER BY a',
        'a = 1 LIMIT 1',
        'a = 1 UNION SELECT 1',
        'a = 1, b = 2',
        "a = 'x",
        '(a = 1',
        'a = 1)',
        ')',
      ]
      for (const filter of bad)
        refused(() => parser.appendSQLFilter('SELECT 1 FROM t', 'AND', filter), /parse filter condition failed/)
    },
  },
  {
    name: 'SQL-36 fields are added unless the rows are no rows of the table',
    run: async ({ parser }) => {
      const table: [sql: string, want: string][] = [
        ['SELECT name, age FROM t', 'SELECT name,age,pk FROM t'],
        ['SELECT u.name FROM t u WHERE u.a = 1', 'SELECT u.name,pk FROM t AS u WHERE u.a=1'],
      ]
      for (const [sql, want] of table) assert.equal(parser.addSelectFieldsToSelectSQL(sql, ['pk']), want)
      const same = [
        'SELECT * FROM t',
        'SELECT t.*, 1 FROM t',
        'SELECT COUNT(*) FROM t',
        'SELECT AVG(age), MAX(score) FROM t',
        'SELECT DISTINCT a FROM t',
        'SELECT a FROM t GROUP BY a',
        'SELECT a FROM t UNION SELECT b FROM u',
        'SELECT a FROM t EXCEPT SELECT b FROM u ORDER BY 1',
      ]
      for (const sql of same) assert.equal(parser.addSelectFieldsToSelectSQL(sql, ['pk']), sql)
      for (const sql of ['', 'INSERT INTO t (a) VALUES (1)', 'SELECT * t WHERE a = 1'])
        refused(() => parser.addSelectFieldsToSelectSQL(sql, ['pk']))
    },
  },
]
