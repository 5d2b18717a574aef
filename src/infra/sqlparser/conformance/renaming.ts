import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import { ORDERS, refused, type SqlParserHarness, USERS } from './harness.ts'

const BOTH = { ...USERS, ...ORDERS }

export const renamingCases: readonly Case<SqlParserHarness>[] = [
  {
    name: 'SQL-04 columns are renamed in a table that keeps its name',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL('SELECT id FROM users WHERE age > 1', { users: { columnMap: { id: 'a', age: 'b' } } }),
        'SELECT a FROM users WHERE b>1',
      ),
  },
  {
    name: 'SQL-05 SELECT, INSERT, UPDATE and DELETE are renamed, parameters stay',
    run: async ({ parser }) => {
      const table: [sql: string, want: string][] = [
        ['SELECT id FROM users WHERE age > ?', 'SELECT user_id FROM new_users WHERE user_age>?'],
        ['INSERT INTO users (id, age) VALUES (?, 2)', 'INSERT INTO new_users (user_id,user_age) VALUES (?,2)'],
        [
          'UPDATE users SET age = ?, name = ? WHERE id = 1',
          'UPDATE new_users SET user_age=?, user_name=? WHERE user_id=1',
        ],
        ['DELETE FROM users WHERE id IN (?, ?)', 'DELETE FROM new_users WHERE user_id IN (?,?)'],
      ]
      for (const [sql, want] of table) assert.equal(parser.parseAndModifySQL(sql, USERS), want)
    },
  },
  {
    name: 'SQL-06 a column map with an empty name is refused',
    run: async ({ parser }) => {
      for (const columnMap of [{ id: '' }, { '': 'x' }])
        assert.throws(() => parser.parseAndModifySQL('SELECT id FROM users', { users: { columnMap } }), AppError)
    },
  },
  {
    name: 'SQL-07 aliases lead to their tables in the select list and in ON',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL('SELECT u.id, o.order_id FROM users u JOIN orders o ON u.id = o.user_id', BOTH),
        'SELECT u.user_id,o.id FROM new_users AS u JOIN new_orders AS o ON u.user_id=o.customer_id',
      ),
  },
  {
    name: 'SQL-08 a joined table without a mapping stays as it is',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL('SELECT u.id, o.order_id FROM users u JOIN orders o ON u.id = o.user_id', USERS),
        'SELECT u.user_id,o.order_id FROM new_users AS u JOIN orders AS o ON u.user_id=o.user_id',
      ),
  },
  {
    name: 'SQL-09 a table name before a column gets the new name too',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL('SELECT users.id FROM users JOIN orders ON users.id = orders.user_id', BOTH),
        'SELECT new_users.user_id FROM new_users JOIN new_orders ON new_users.user_id=new_orders.customer_id',
      ),
  },
  {
    name: 'SQL-10 an alias that is the name of a mapped table is refused',
    run: async ({ parser }) =>
      refused(() => parser.parseAndModifySQL('SELECT users.x FROM orders AS users', USERS), /alias/),
  },
  {
    name: 'SQL-11 a table name that MySQL reserves must be quoted in every dialect',
    run: async ({ parser }) =>
      refused(() => parser.parseAndModifySQL('SELECT a FROM database', { database: { newTableName: 'd' } })),
  },
  {
    name: 'SQL-12 a map without columns renames the table only',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL('SELECT users.id FROM users', { users: { newTableName: 'x' } }),
        'SELECT x.id FROM x',
      ),
  },
  {
    name: 'SQL-13 names inside texts and comments are no names',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL("SELECT id /* users.id */ FROM users WHERE name = 'users id''age' -- age", USERS),
        "SELECT user_id FROM new_users WHERE user_name='users id''age'",
      ),
  },
  {
    name: 'SQL-14 names match in any case',
    run: async ({ parser }) =>
      assert.equal(
        parser.parseAndModifySQL('select ID from USERS as U where U.Age > 1', USERS),
        'SELECT user_id FROM new_users AS U WHERE U.user_age>1',
      ),
  },
  {
    name: 'SQL-15 tables of sub-queries are renamed, and their columns seen from outside',
    run: async ({ parser }) => {
      const table: [sql: string, want: string][] = [
        [
          'SELECT name FROM users WHERE id IN (SELECT user_id FROM orders)',
          'SELECT user_name FROM new_users WHERE user_id IN (SELECT customer_id FROM new_orders)',
        ],
        [
          'SELECT d.id, name FROM (SELECT id, name FROM users) d',
          'SELECT d.user_id,user_name FROM (SELECT user_id,user_name FROM new_users) AS d',
        ],
        [
          'SELECT d.n FROM (SELECT name AS n FROM users) d',
          'SELECT d.n FROM (SELECT user_name AS n FROM new_users) AS d',
        ],
        [
          'WITH c AS (SELECT id FROM users) SELECT id FROM c',
          'WITH c AS (SELECT user_id FROM new_users) SELECT user_id FROM c',
        ],
        [
          'SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = users.id)',
          'SELECT 1 FROM new_users WHERE EXISTS (SELECT 1 FROM new_orders WHERE customer_id=new_users.user_id)',
        ],
      ]
      for (const [sql, want] of table) assert.equal(parser.parseAndModifySQL(sql, BOTH), want)
    },
  },
  {
    name: 'SQL-16 a bare column that two tables map differently is refused; one that they map alike is not',
    run: async ({ parser }) => {
      const sql = 'SELECT id FROM a JOIN b ON a.x = b.x'
      refused(
        () => parser.parseAndModifySQL(sql, { a: { columnMap: { id: 'p' } }, b: { columnMap: { id: 'q' } } }),
        /ambiguous/,
      )
      const alike = { a: { columnMap: { id: 'p' } }, b: { columnMap: { id: 'p' } } }
      assert.equal(parser.parseAndModifySQL(sql, alike), 'SELECT p FROM a JOIN b ON a.x=b.x')
    },
  },
  {
    name: 'SQL-40 names that need quotes have them',
    run: async ({ parser, quote: q }) => {
      assert.equal(
        parser.parseAndModifySQL('SELECT id FROM users', {
          users: { newTableName: 'my table', columnMap: { id: 'select' } },
        }),
        `SELECT ${q}select${q} FROM ${q}my table${q}`,
      )
      assert.equal(
        parser.parseAndModifySQL(`SELECT ${q}id${q}, ${q}a b${q} FROM users`, { users: { columnMap: { id: 'x' } } }),
        `SELECT ${q}x${q},${q}a b${q} FROM users`,
      )
      const odd = { users: { newTableName: `a${q}b` } }
      assert.equal(parser.parseAndModifySQL('SELECT 1 FROM users', odd), `SELECT 1 FROM ${q}a${q}${q}b${q}`)
    },
  },
  {
    name: 'SQL-41 names and texts of every script survive',
    run: async ({ parser, quote: q }) => {
      const sql = `SELECT ${q}名前${q} FROM ${q}пользователи${q} WHERE ${q}名前${q} = '日本 👩‍👩‍👧 é'`
      const map = { пользователи: { newTableName: 'ผู้ใช้', columnMap: { 名前: 'имя' } } }
      assert.equal(
        parser.parseAndModifySQL(sql, map),
        `SELECT ${q}имя${q} FROM ${q}ผู้ใช้${q} WHERE ${q}имя${q}='日本 👩‍👩‍👧 é'`,
      )
    },
  },
]
