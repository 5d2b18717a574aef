import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Random } from '../../../../../test-kit/random.ts'
import { HARD_MAPPING } from '../../../../../test-kit/sql-cases.ts'
import { CASES } from '../../../../../test-kit/sql-cases-sqlite.ts'
import { mayLoop, mutate } from '../../../../../test-kit/sql-mutants.ts'
import { SqlParseError } from '../../core/errors.ts'
import { openSqlParser } from '../../open.ts'

const SEED = Number(process.env.SNUG_SEED ?? 20_261_121)
const ROUNDS = Number(process.env.SNUG_ROUNDS ?? 6_000)
const STATEMENTS = Object.values(CASES).flatMap((items) => items.map(([sql]) => sql))
const parser = await openSqlParser('sqlite')

/** What a call gives, `undefined` when it is refused with a position; nothing else may be thrown. */
function attempt<T>(sql: string, call: () => T): T | undefined {
  try {
    return call()
  } catch (err) {
    assert.ok(err instanceof SqlParseError, `${JSON.stringify(sql)} threw ${err instanceof Error ? err.stack : err}`)
    assert.ok(err.line >= 1 && err.column >= 1 && err.offset >= 0)
    return undefined
  }
}

test('sqlite: accidents to a statement are refused or rewritten, and what is returned is read again', () => {
  const random = new Random(SEED)
  let accepted = 0
  for (let count = 0; count < ROUNDS / 2; count += 1) {
    const sql = mutate(random, random.pick(STATEMENTS), STATEMENTS)
    const calls = [
      () => parser.parseAndModifySQL(sql, HARD_MAPPING),
      () => parser.parseAndModifySQL(sql, HARD_MAPPING, { strict: true }),
      () => parser.appendSQLFilter(sql, 'AND', 'owner = 1 OR owner IS NULL'),
      () => parser.filterTables(sql, { users: 'owner = 1', orders: 'owner = 1' }),
      () => parser.addSelectFieldsToSelectSQL(sql, ['pk']),
      () => parser.addColumnsToInsertSQL(sql, [{ colName: 'owner', value: "a'b" }], null, false).sql,
      () => parser.formatForComparison(sql, { identifierQuote: '"' }),
    ]
    for (const call of calls) {
      const text = attempt(sql, call)
      if (text === undefined) continue
      accepted += 1
      const again = attempt(text, () => parser.formatForComparison(text, { identifierQuote: '"' }))
      assert.ok(again !== undefined, `${JSON.stringify(sql)} became ${JSON.stringify(text)}, which is refused`)
    }
    attempt(sql, () => parser.tables(sql))
    attempt(sql, () => parser.getSQLOperation(sql))
    attempt(sql, () => parser.getTableName(sql))
    attempt(sql, () => parser.getInsertDataNums(sql))
    attempt(sql, () => parser.functions(sql))
  }
  assert.ok(accepted > ROUNDS / 8, `only ${accepted} were accepted`)
})

const SCHEMA = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT, email TEXT, data TEXT, owner INT DEFAULT 1);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT, total INT, note TEXT, owner INT DEFAULT 1);
  CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INT, sku TEXT, qty INT, owner INT DEFAULT 1);
  INSERT INTO users VALUES (1, 'Ann', 41, 'a@x', '{"city":"Bern","tags":["a","b"]}', 1), (2, 'Bob', 33, NULL, '{"tags":["b"]}', 1);
  INSERT INTO orders VALUES (1, 1, 10, 'Ann', 1), (2, 1, 20, 'x', 1), (3, 2, 41, 'Bob', 1);
  INSERT INTO items VALUES (1, 1, 'pen', 2, 1), (2, 2, 'ink', 1, 1), (41, 41, 'odd', 1, 1);`
const OTHERS = `
  INSERT INTO users VALUES (777001, 'SECRET', 777041, 'SECRET', '{"city":"SECRET","tags":["SECRET"', 2), (777002, 'Ann', 41, NULL, NULL, 2);
  INSERT INTO orders VALUES (777001, 1, 777010, 'SECRET', 2), (777002, 777001, 10, 'Ann', 2);
  INSERT INTO items VALUES (777001, 1, 'SECRET', 777, 2), (777002, 777001, 'pen', 1, 2);`
/** Short statements, so that an accident often leaves them valid. */
const SHORT = [
  'SELECT name FROM users WHERE id = 1',
  'SELECT name, note FROM users, orders WHERE user_id = users.id',
  'SELECT u.name FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.total > 1',
  'SELECT (SELECT max(note) FROM orders) FROM users',
  'SELECT * FROM (SELECT * FROM users) d WHERE EXISTS (SELECT 1 FROM items WHERE sku = d.name)',
  'SELECT name FROM users UNION SELECT sku FROM items',
  'SELECT count(*), sum(total) FROM orders GROUP BY user_id',
  'WITH c AS (SELECT * FROM users) SELECT name FROM c, orders WHERE 1 IN orders',
  "UPDATE users SET name = 'x' WHERE id = 1",
  'UPDATE users SET age = total FROM orders WHERE user_id = users.id',
  'DELETE FROM orders WHERE user_id IN (SELECT id FROM users)',
  // no JSON where it is another owner's
  "SELECT name FROM users WHERE json_extract(data, '$.city') = 'Bern'",
  "SELECT o.note FROM orders o LEFT JOIN users u ON u.id = o.user_id AND json_type(u.data) = 'object'",
  "UPDATE users SET name = 'x' WHERE json_type(data) = 'object'",
  "UPDATE users SET age = total FROM orders WHERE json_type(users.data) = 'object' AND user_id < 3",
  "DELETE FROM users WHERE json_extract(data, '$.city') = 'Bern' OR age > 40",
  "INSERT INTO users (id, name) SELECT id, note FROM orders WHERE true ON CONFLICT (id) DO UPDATE SET name = 'x'",
  "INSERT INTO users (id, name) VALUES (777001, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name, owner = 1",
]
const FILTERS = { users: 'owner = 1', orders: 'owner = 1', items: 'owner = 1' }

function database(others: boolean): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(SCHEMA)
  if (others) db.exec(OTHERS)
  return db
}

function run(db: DatabaseSync, sql: string): string[] | undefined {
  try {
    const statement = db.prepare(sql)
    statement.setReturnArrays(true)
    return statement.all().map((row) => JSON.stringify(row))
  } catch {
    return undefined
  }
}

const rowsOfOthers = (db: DatabaseSync): string =>
  ['users', 'orders', 'items']
    .map((table) => JSON.stringify(run(db, `SELECT * FROM ${table} WHERE id IN (777001, 777002)`)))
    .join()

test('sqlite: under an owner filter a statement never reads nor changes the row of another owner', () => {
  const random = new Random(SEED + 1)
  const both = database(true)
  const alone = database(false)
  let ran = 0
  let wrote = 0
  for (let count = 0; count < ROUNDS; count += 1) {
    const seed = random.below(2) === 0 ? random.pick(SHORT) : random.pick(STATEMENTS)
    const sql = random.below(10) === 0 ? seed : mutate(random, seed, STATEMENTS)
    if (mayLoop(sql)) continue
    const operation = attempt(sql, () => parser.getSQLOperation(sql))
    const limited = attempt(sql, () => parser.filterTables(sql, FILTERS))
    if (limited === undefined || operation === undefined) continue
    if (parser.tables(sql).some((table) => !Object.hasOwn(FILTERS, table.toLowerCase()))) continue
    if (operation === 'SELECT') {
      const rows = run(both, limited)
      assert.deepEqual(rows, run(alone, limited), `${sql}\n${limited}`)
      assert.ok(rows?.every((row) => !row.includes('SECRET')) !== false, `${sql}\n${limited}`)
      if (rows !== undefined) ran += 1
    } else if (operation === 'UPDATE' || operation === 'DELETE' || operation === 'INSERT') {
      const db = database(true)
      const before = rowsOfOthers(db)
      const rows = run(db, limited)
      assert.equal(rowsOfOthers(db), before, `${sql}\n${limited}`)
      assert.ok(rows?.every((row) => !row.includes('SECRET')) !== false, `${sql}\n${limited}`)
      db.close()
      // a new row, or a key that is changed, may meet a row of the other owner
      if (operation === 'DELETE' || (operation === 'UPDATE' && !/\bSET\b.*\bid\b/is.test(sql))) {
        const own = database(false)
        assert.deepEqual(rows, run(own, limited), `${sql}\n${limited}`)
        own.close()
      }
      if (rows !== undefined) wrote += 1
    }
  }
  both.close()
  alone.close()
  assert.ok(ran > ROUNDS / 20 && wrote > ROUNDS / 80, `${ran} queries and ${wrote} writes ran`)
})
