import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqlParseError } from '../../core/errors.ts'
import { openSqlParser } from '../../open.ts'
import { lex } from './lexer.ts'
import { parse } from './statement.ts'

const nested = (open: string, inside: string, close: string, times: number): string =>
  `${open.repeat(times)}${inside}${close.repeat(times)}`

/** What can stand inside itself, each so deep that nothing sensible is deeper. */
const NESTED: readonly (readonly [before: string, open: string, inside: string, close: string])[] = [
  ['SELECT ', '(', '1', ')'],
  ['SELECT ', '(1+', '1', ')'],
  ['SELECT ', '(1,', '1', ')'],
  ['SELECT ', 'f(', '1', ')'],
  ['SELECT ', 'f(1+', '1', ')'],
  ['SELECT ', 'SUM(', '1', ')'],
  ['SELECT ', 'SUM(1) OVER (ORDER BY ', '1', ')'],
  ['SELECT ', 'GROUP_CONCAT(1 ORDER BY ', '1', ')'],
  ['SELECT ', 'CAST(', '1', ' AS CHAR)'],
  ['SELECT ', 'TRIM(BOTH 1 FROM ', '1', ')'],
  ['SELECT ', '1 IN (', '1', ')'],
  ['SELECT ', 'CASE WHEN ', '1', ' THEN 1 END'],
  ['SELECT ', '1 + INTERVAL ', '1', ' DAY'],
  ['SELECT ', '{d ', '1', '}'],
  ['SELECT ', '@a := ', '1', ''],
  ['SELECT ', '(SELECT ', '1', ')'],
  ['SELECT ', 'EXISTS (SELECT ', '1', ')'],
  ['SELECT 1 ORDER BY ', '(SELECT 1 ORDER BY ', '1', ')'],
  ['SELECT 1 FROM t WHERE ', 'a IN (SELECT 1 FROM t WHERE ', '1', ')'],
  ['SELECT * FROM ', '(SELECT * FROM ', 't', ') x'],
  ['SELECT * FROM ', '(', 't', ')'],
  ['SELECT * FROM ', '((', 't', ') JOIN u)'],
  ['SELECT * FROM ', '{OJ ', 't', '}'],
  ['', '(', 'SELECT 1', ')'],
  ['', '(', 'SELECT 1', ' UNION SELECT 1)'],
  ['', 'WITH a AS (', 'SELECT 1', ') SELECT 1'],
  ["SELECT * FROM JSON_TABLE(1, '$' COLUMNS (", "NESTED '$' COLUMNS (", "a INT PATH '$'", ')'],
  ['CREATE TABLE t (a INT DEFAULT ', '(', '1', ')'],
]

/** Parses without the limits of the front, which would come first. */
function outcome(sql: string): string {
  try {
    parse(sql, lex(sql))
    return 'accepted'
  } catch (err) {
    assert.ok(err instanceof SqlParseError, String(err))
    return err.cause instanceof RangeError ? 'stack overflow' : 'refused'
  }
}

test('no depth overflows the stack: what is too deep is refused before', () => {
  for (const [before, open, inside, close] of NESTED)
    for (const times of [10, 60, 300, 500, 999, 5000, 50_000])
      assert.notEqual(outcome(before + nested(open, inside, close, times)), 'stack overflow', `${open} ${times}`)
})

test('brackets, calls and CASE may be a thousand deep', () => {
  for (const [open, close] of [
    ['(', ')'],
    ['f(', ')'],
    ['CASE WHEN ', ' THEN 1 END'],
    ['1 IN (', ')'],
  ] as const)
    assert.equal(outcome(`SELECT ${nested(open, '1', close, 990)}`), 'accepted', open)
})

test('open brackets without end are refused', () => {
  for (const open of ['(', 'f(', 'CASE ', '(SELECT ', 'SELECT * FROM (', '{d '])
    assert.equal(outcome(`SELECT ${open.repeat(50_000)}`), 'refused')
})

const list = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(',')

/** Around a megabyte each. */
const LONG: readonly (readonly [name: string, sql: string])[] = [
  ['a text', `SELECT id FROM users WHERE name = '${'x'.repeat(1_000_000)}'`],
  ['a text of escapes', `SELECT id FROM users WHERE name = '${"\\'''".repeat(250_000)}'`],
  ['a list of 20,000', `SELECT id FROM users WHERE id IN (${list(20_000, String)})`],
  ['a list of 140,000', `SELECT id FROM users WHERE id IN (${list(140_000, String)})`],
  ['conditions', `SELECT id FROM users WHERE ${'id = 1 AND '.repeat(90_000)}TRUE`],
  ['BETWEEN behind BETWEEN', `SELECT id FROM users WHERE ${'id BETWEEN 1 AND '.repeat(900)}1`],
  ['columns', `SELECT ${list(120_000, () => 'id')} FROM users`],
  ['rows', `INSERT INTO users (id, name) VALUES ${list(60_000, (i) => `(${i}, 'x${i}')`)}`],
  ['assignments', `UPDATE users SET ${list(70_000, () => 'age = age')}`],
  ['columns of a table', `CREATE TABLE users (${list(50_000, (i) => `a${i} INT NOT NULL`)})`],
  ['comments', `SELECT id FROM users ${'/* x */'.repeat(140_000)}`],
  ['spaces', `SELECT id FROM users${' '.repeat(1_000_000)}`],
  ['texts side by side', `SELECT ${"'x' ".repeat(250_000)}FROM users`],
]

const parser = await openSqlParser('mysql')
const USERS = { users: { newTableName: 'new_users', columnMap: { id: 'user_id', name: 'user_name', age: 'user_age' } } }

for (const [name, sql] of LONG)
  test(`long statements take their length, no more: ${name}`, () => {
    const before = performance.now()
    assert.match(parser.parseAndModifySQL(sql, USERS), /new_users/)
    const tookMs = performance.now() - before
    // Ten times what it takes on an idle machine; anything quadratic takes minutes.
    assert.ok(tookMs < 10_000, `${tookMs} ms`)
  })

test('more tables than a server joins, or queries inside one another, are refused', () => {
  const tables = (count: number) => `SELECT 1 FROM ${list(count, (i) => `t a${i}`)}`
  assert.equal(outcome(tables(61)), 'accepted')
  assert.equal(outcome(tables(62)), 'refused')
  const ctes = (count: number) => `WITH ${list(count, (i) => `c${i} AS (SELECT 1)`)} SELECT 1`
  assert.equal(outcome(ctes(200)), 'accepted')
  assert.equal(outcome(ctes(201)), 'refused')
})
