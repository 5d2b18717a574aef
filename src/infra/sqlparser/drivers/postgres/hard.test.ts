import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PGlite } from '@electric-sql/pglite'
import { HARD_MAPPING, testRewrites } from '../../../../../test-kit/sql-cases.ts'
import { CASES } from '../../../../../test-kit/sql-cases-postgres.ts'
import { openSqlParser } from '../../open.ts'

const parser = await openSqlParser('postgres')
const loaded = await import('@electric-sql/pglite').catch(() => undefined)

testRewrites('postgres', parser, CASES)

const SCHEMA = `
  CREATE TABLE users (id int PRIMARY KEY, name text, age int, email text, data jsonb);
  CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, note text);
  CREATE TABLE items (id int PRIMARY KEY, order_id int, sku text, qty int);
  INSERT INTO users VALUES (1, 'Ann', 41, 'a@x', '{"city":"Bern","tags":["a","b"]}'), (2, 'Bob', 33, NULL, '{"tags":["b"]}'),
    (3, 'Cem', 33, 'c@x', '{"city":"Köln","tags":[]}'), (4, 'Dóra', NULL, 'd@x', NULL);
  INSERT INTO orders VALUES (1, 1, 10, 'Ann'), (2, 1, 20, 'x'), (3, 2, 41, 'Bob'), (4, 3, 5, NULL);
  INSERT INTO items VALUES (1, 1, 'pen', 2), (2, 2, 'ink', 1), (3, 3, 'Ann', 7), (41, 41, 'odd', 1);`

/** The same rows twice: under the names of the statements, and under those of the mapping. */
function setUp(): string {
  const renames = Object.entries(HARD_MAPPING).flatMap(([table, { newTableName, columnMap }]) => [
    ...Object.entries(columnMap ?? {}).map(([from, to]) => `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to};`),
    `ALTER TABLE ${table} RENAME TO ${newTableName ?? table};`,
    `ALTER INDEX ${table}_pkey RENAME TO ${newTableName ?? table}_pkey;`,
  ])
  return [SCHEMA, ...renames, SCHEMA].join('\n')
}

type Outcome = { rows: string[]; tables: string[] } | { error: true }

/** What a statement gives, and what is in the tables then; everything is undone. */
async function outcome(db: PGlite, sql: string, tables: readonly string[]): Promise<Outcome> {
  await db.exec('BEGIN')
  try {
    const { rows } = await db.query<unknown[]>(sql, [], { rowMode: 'array' })
    const state: string[] = []
    for (const table of tables) {
      const all = await db.query<unknown[]>(`SELECT * FROM ${table} ORDER BY 1`, [], { rowMode: 'array' })
      state.push(JSON.stringify(all.rows))
    }
    return { rows: rows.map((row) => JSON.stringify(row)).sort(), tables: state }
  } catch {
    return { error: true }
  } finally {
    await db.exec('ROLLBACK')
  }
}

/** Definitions and other objects are not comparable, and parameters have no values. */
const NOT_RUN: ReadonlySet<string> = new Set(['definitions', 'other objects', 'parameters'])
/** Errors of the engine on both sides prove little, so there are few of them. */
const MAX_ERRORS = 6

test('postgres: rewritten statements do on renamed tables what the originals do on theirs', {
  skip: loaded === undefined ? 'PGlite is not installed' : false,
}, async () => {
  await using db = await loaded?.PGlite.create()
  assert.ok(db)
  await db.exec(setUp())
  const failed: string[] = []
  let ran = 0
  for (const [topic, items] of Object.entries(CASES)) {
    if (NOT_RUN.has(topic)) continue
    for (const [sql, want] of items) {
      if (typeof want !== 'string') continue
      const before = await outcome(db, sql, ['users', 'orders', 'items'])
      const then = await outcome(db, want, ['t_users', 't_orders', 't_items'])
      assert.deepEqual(then, before, sql)
      if ('error' in before) failed.push(sql)
      else ran += 1
    }
  }
  assert.ok(ran > 120, `${ran} statements ran`)
  assert.ok(failed.length <= MAX_ERRORS, `the engine refused ${failed.join('\n')}`)
})
