import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PGlite } from '@electric-sql/pglite'
import { Random } from '../../../../../test-kit/random.ts'
import { HARD_MAPPING } from '../../../../../test-kit/sql-cases.ts'
import { CASES } from '../../../../../test-kit/sql-cases-postgres.ts'
import { mayLoop, mutate } from '../../../../../test-kit/sql-mutants.ts'
import { SqlParseError } from '../../core/errors.ts'
import { openSqlParser } from '../../open.ts'

const SEED = Number(process.env.SNUG_SEED ?? 20_261_121)
const ROUNDS = Number(process.env.SNUG_ROUNDS ?? 2_000)
const STATEMENTS = Object.values(CASES).flatMap((items) => items.map(([sql]) => sql))
const parser = await openSqlParser('postgres')
const loaded = await import('@electric-sql/pglite').catch(() => undefined)

/** What a call gives, `undefined` when it is refused with a position; nothing else may be thrown. */
function attempt<T>(sql: string, call: () => T): T | undefined {
  try {
    return call()
  } catch (err) {
    assert.ok(err instanceof SqlParseError, `${JSON.stringify(sql)} threw ${err instanceof Error ? err.stack : err}`)
    return undefined
  }
}

test('postgres: accidents to a statement are refused or rewritten, and what is returned is read again', () => {
  const random = new Random(SEED)
  let accepted = 0
  for (let count = 0; count < ROUNDS; count += 1) {
    const sql = mutate(random, random.pick(STATEMENTS), STATEMENTS)
    const calls = [
      () => parser.parseAndModifySQL(sql, HARD_MAPPING),
      () => parser.parseAndModifySQL(sql, HARD_MAPPING, { strict: true }),
      () => parser.appendSQLFilter(sql, 'AND', 'owner = 1 OR owner IS NULL'),
      () => parser.filterTables(sql, { users: 'owner = 1', orders: 'owner = 1' }),
      () => parser.addSelectFieldsToSelectSQL(sql, ['pk']),
      () => parser.addColumnsToInsertSQL(sql, [{ colName: 'owner', value: "a'b" }], null, false).sql,
    ]
    for (const call of calls) {
      const text = attempt(sql, call)
      if (text === undefined) continue
      accepted += 1
      const again = attempt(text, () => parser.getSQLOperation(text))
      assert.ok(again !== undefined, `${JSON.stringify(sql)} became ${JSON.stringify(text)}, which is refused`)
    }
    attempt(sql, () => parser.tables(sql))
    attempt(sql, () => parser.functions(sql))
    attempt(sql, () => parser.formatForComparison(sql, { identifierQuote: '`' }))
  }
  assert.ok(accepted > ROUNDS / 8, `only ${accepted} were accepted`)
})

const SHORT = [
  'SELECT name FROM users WHERE id = 1',
  'SELECT name, note FROM users, orders WHERE user_id = users.id',
  'SELECT u.name FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.total > 1',
  'SELECT (SELECT max(note) FROM orders) FROM users',
  'SELECT * FROM (SELECT * FROM users) d WHERE EXISTS (SELECT 1 FROM items WHERE sku = d.name)',
  'SELECT u.name, x.note FROM users u, LATERAL (SELECT note FROM orders WHERE user_id = u.id) x',
  'SELECT name FROM users UNION SELECT sku FROM items',
  'SELECT count(*), sum(total) FROM orders GROUP BY user_id',
  'WITH c AS (SELECT * FROM users) SELECT name FROM c, orders',
  'WITH d AS (DELETE FROM orders WHERE id > 1 RETURNING *) SELECT d.note FROM d',
  "UPDATE users SET name = 'x' WHERE id = 1 RETURNING *",
  'UPDATE users SET age = total FROM orders WHERE user_id = users.id',
  'DELETE FROM orders USING users WHERE user_id = users.id',
  // a division by zero where it is another owner's
  'SELECT note FROM orders WHERE 100 / (total - 777010) < 5',
  'SELECT u.name FROM users u LEFT JOIN orders o ON 1 / (o.total - 777010) = u.id',
  "UPDATE orders SET note = 'x' WHERE 100 / (total - 777010) < 5 OR id = 1",
  'UPDATE users SET age = 1 FROM orders WHERE 1 / (age - 777041) = 0 AND user_id = users.id',
  'DELETE FROM orders USING users WHERE 1 / (total - 777010) = 0 AND user_id = users.id RETURNING note',
  "INSERT INTO users (id, name) SELECT id, note FROM orders ON CONFLICT (id) DO UPDATE SET name = 'x'",
  "INSERT INTO users (id, name) VALUES (777001, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *",
]
const FILTERS = { users: 'owner = 1', orders: 'owner = 1', items: 'owner = 1' }

const schema = (name: string, others: boolean) => `
  CREATE SCHEMA ${name}; SET search_path = ${name};
  CREATE TABLE users (id int PRIMARY KEY, name text, age int, email text, data jsonb, owner int DEFAULT 1);
  CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, note text, owner int DEFAULT 1);
  CREATE TABLE items (id int PRIMARY KEY, order_id int, sku text, qty int, owner int DEFAULT 1);
  INSERT INTO users VALUES (1, 'Ann', 41, 'a@x', '{"city":"Bern","tags":["a","b"]}', 1), (2, 'Bob', 33, NULL, '{"tags":["b"]}', 1);
  INSERT INTO orders VALUES (1, 1, 10, 'Ann', 1), (2, 1, 20, 'x', 1), (3, 2, 41, 'Bob', 1);
  INSERT INTO items VALUES (1, 1, 'pen', 2, 1), (2, 2, 'ink', 1, 1), (41, 41, 'odd', 1, 1);
  ${others ? OTHERS : ''}`
const OTHERS = `
  INSERT INTO users VALUES (777001, 'SECRET', 777041, 'SECRET', '{"city":"SECRET","tags":["SECRET"]}', 2), (777002, 'Ann', 41, NULL, NULL, 2);
  INSERT INTO orders VALUES (777001, 1, 777010, 'SECRET', 2), (777002, 777001, 10, 'Ann', 2);
  INSERT INTO items VALUES (777001, 1, 'SECRET', 777, 2), (777002, 777001, 'pen', 1, 2);`

const OTHER_ROWS = ['users', 'orders', 'items']
  .map((table) => `SELECT '${table}' AS t, to_jsonb(x) FROM ${table} x WHERE id IN (777001, 777002)`)
  .join(' UNION ALL ')

type Outcome = { rows: string[]; others: string } | undefined

/** Runs a statement in one of the schemas and undoes it; `undefined` when the server refuses it. */
async function run(db: PGlite, name: string, sql: string): Promise<Outcome> {
  await db.exec(`BEGIN; SET LOCAL search_path = ${name}`)
  try {
    const { rows } = await db.query<unknown[]>(sql, [], { rowMode: 'array' })
    const others = await db.query(OTHER_ROWS, [], { rowMode: 'array' })
    return {
      rows: rows.map((row) => JSON.stringify(row)).sort(),
      others: JSON.stringify(others.rows.map(String).sort()),
    }
  } catch {
    return undefined
  } finally {
    await db.exec('ROLLBACK')
  }
}

test('postgres: under an owner filter a statement never reads nor changes the row of another owner', {
  skip: loaded === undefined ? 'PGlite is not installed' : false,
}, async () => {
  await using db = await loaded?.PGlite.create()
  assert.ok(db)
  await db.exec(schema('everyone', true) + schema('alone', false))
  const before = (await run(db, 'everyone', 'SELECT 1'))?.others
  const random = new Random(SEED + 1)
  let ran = 0
  for (let count = 0; count < ROUNDS; count += 1) {
    const seed = random.below(2) === 0 ? random.pick(SHORT) : random.pick(STATEMENTS)
    const sql = random.below(10) === 0 ? seed : mutate(random, seed, STATEMENTS)
    const operation = attempt(sql, () => parser.getSQLOperation(sql))
    const limited = attempt(sql, () => parser.filterTables(sql, FILTERS))
    const isUsable = operation !== undefined && ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].includes(operation)
    if (limited === undefined || !isUsable || mayLoop(sql)) continue
    if (parser.tables(sql).some((table) => !Object.hasOwn(FILTERS, table))) continue
    const outcome = await run(db, 'everyone', limited)
    if (outcome === undefined) {
      // an INSERT or a changed key may meet a row of the other owner
      const isOwnFault = operation === 'INSERT' || /\bSET\b.*\bid\b/is.test(sql)
      if (!isOwnFault) assert.equal(await run(db, 'alone', limited), undefined, `${sql}\n${limited}`)
      continue
    }
    assert.equal(outcome.others, before, `${sql}\n${limited}`)
    assert.ok(
      outcome.rows.every((row) => !row.includes('SECRET')),
      `${sql}\n${limited}`,
    )
    const alone = operation === 'SELECT' && !/\bLIMIT|FETCH|DISTINCT ON|TABLESAMPLE|LATERAL\b/i.test(sql)
    if (alone) assert.deepEqual(outcome.rows, (await run(db, 'alone', limited))?.rows, `${sql}\n${limited}`)
    ran += 1
  }
  assert.ok(ran > ROUNDS / 12, `${ran} statements ran`)
})
