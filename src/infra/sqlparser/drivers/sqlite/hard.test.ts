import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { HARD_MAPPING, type HardCases, testRewrites } from '../../../../../test-kit/sql-cases.ts'
import { CASES } from '../../../../../test-kit/sql-cases-sqlite.ts'
import { openSqlParser } from '../../open.ts'

const parser = await openSqlParser('sqlite')

testRewrites('sqlite', parser, CASES)

const SCHEMA = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT, email TEXT, data TEXT);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT, total INT, note TEXT);
  CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INT, sku TEXT, qty INT);`
const ROWS = `
  INSERT INTO users VALUES (1, 'Ann', 41, 'a@x', '{"city":"Bern","tags":["a","b"]}'), (2, 'Bob', 33, NULL, '{"tags":["b"]}'),
    (3, 'Cem', 33, 'c@x', '{"city":"Köln","tags":[]}'), (4, 'Dóra', NULL, 'd@x', NULL);
  INSERT INTO orders VALUES (1, 1, 10, 'Ann'), (2, 1, 20, 'x'), (3, 2, 41, 'Bob'), (4, 3, 5, NULL);
  INSERT INTO items VALUES (1, 1, 'pen', 2), (2, 2, 'ink', 1), (3, 3, 'Ann', 7), (41, 41, 'odd', 1);`

/** The same rows under the physical names. */
function physical(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(`${SCHEMA}${ROWS}`)
  for (const [table, { newTableName, columnMap }] of Object.entries(HARD_MAPPING)) {
    for (const [from, to] of Object.entries(columnMap ?? {}))
      db.exec(`ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}`)
    db.exec(`ALTER TABLE ${table} RENAME TO ${newTableName ?? table}`)
  }
  return db
}

function logical(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(`${SCHEMA}${ROWS}`)
  return db
}

/** What a statement gives, and what is in the tables then; rows in any order, as engines may choose it. */
function outcome(
  db: DatabaseSync,
  sql: string,
  tables: readonly string[],
): { rows: string[]; tables: string[] } | 'error' {
  try {
    const statement = db.prepare(sql)
    statement.setReturnArrays(true)
    const rows = statement
      .all()
      .map((row) => JSON.stringify(row))
      .sort()
    const state = tables.map((table) => {
      const all = db.prepare(`SELECT * FROM ${table} ORDER BY 1`)
      all.setReturnArrays(true)
      return JSON.stringify(all.all())
    })
    return { rows, tables: state }
  } catch {
    return 'error'
  } finally {
    db.close()
  }
}

const NOT_RUN: ReadonlySet<string> = new Set(['definitions', 'other objects'])
/** Errors of the engine on both sides prove little, so there are few of them. */
const MAX_ERRORS = 12

test('sqlite: rewritten statements do on renamed tables what the originals do on theirs', () => {
  let errors = 0
  let ran = 0
  for (const [topic, items] of Object.entries(CASES as HardCases)) {
    if (NOT_RUN.has(topic)) continue
    for (const [sql, want] of items) {
      if (typeof want !== 'string') continue
      const before = outcome(logical(), sql, ['users', 'orders', 'items'])
      const after = outcome(physical(), want, ['t_users', 't_orders', 't_items'])
      assert.deepEqual(after, before, sql)
      if (before === 'error') errors += 1
      else ran += 1
    }
  }
  assert.ok(ran > 120, `${ran} statements ran`)
  assert.ok(errors <= MAX_ERRORS, `${errors} failed in the engine`)
})
