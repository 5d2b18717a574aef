import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUERIES } from '../../../../../test-kit/mysql-cases/accepted-queries.ts'
import { WRITES } from '../../../../../test-kit/mysql-cases/accepted-writes.ts'
import { COMBINING } from '../../../../../test-kit/mysql-cases/combining.ts'
import { NAMES } from '../../../../../test-kit/mysql-cases/names.ts'
import { READING } from '../../../../../test-kit/mysql-cases/reading.ts'
import { WRITING } from '../../../../../test-kit/mysql-cases/writing.ts'
import { Random } from '../../../../../test-kit/random.ts'
import { mutate } from '../../../../../test-kit/sql-mutants.ts'
import { SqlParseError } from '../../core/errors.ts'
import { openSqlParser } from '../../open.ts'

const parser = await openSqlParser('mysql')
const renamed = Object.values({ ...READING, ...COMBINING, ...WRITING }).flat()
const SEEDS = [...renamed.map(([sql]) => sql), ...Object.values({ ...QUERIES, ...WRITES }).flat()]

/** What `run` gives, or undefined when it refuses as it should: with a position, and with nothing else. */
function attempt(sql: string, run: () => string): string | undefined {
  try {
    return run()
  } catch (err) {
    assert.ok(err instanceof SqlParseError, `${JSON.stringify(sql)}: ${err instanceof Error ? err.stack : err}`)
    assert.ok(!(err.cause instanceof RangeError), sql)
    assert.ok(err.line >= 1 && err.column >= 1, sql)
    return undefined
  }
}

test('broken statements are refused with a position or read, and what is returned is read again', () => {
  const random = new Random(20_241)
  let accepted = 0
  for (let round = 0; round < 12_000; round += 1) {
    const sql = mutate(random, random.pick(SEEDS), SEEDS)
    const result = attempt(sql, () => parser.parseAndModifySQL(sql, NAMES))
    if (result === undefined) continue
    accepted += 1
    // Printed once, a statement stays as it is.
    assert.equal(parser.parseAndModifySQL(result, { unused: { newTableName: 'x' } }), result, sql)
    assert.equal(parser.getSQLOperation(result), parser.getSQLOperation(sql), sql)
  }
  assert.ok(accepted > 1_000, `${accepted} accepted`)
})

test('broken statements are edited or refused by every operation', () => {
  const random = new Random(20_242)
  for (let round = 0; round < 4_000; round += 1) {
    const sql = mutate(random, random.pick(SEEDS), SEEDS)
    const results = [
      attempt(sql, () => parser.appendSQLFilter(sql, 'AND', 'owner = 1')),
      attempt(sql, () => parser.filterTables(sql, { users: 'owner = 1', t: 'owner = 1' })),
      attempt(sql, () => parser.addSelectFieldsToSelectSQL(sql, ['owner'])),
      attempt(sql, () => parser.addColumnsToInsertSQL(sql, [{ colName: 'owner', value: 1 }], null, false).sql),
      attempt(sql, () => parser.tables(sql).join()),
      attempt(sql, () => parser.functions(sql).join()),
    ]
    for (const result of results.slice(0, 4)) if (result !== undefined) parser.getSQLOperation(result)
  }
})

test('broken filters are one expression or refused', () => {
  const random = new Random(20_243)
  const filters = [
    "a = 1 AND b = 'x'",
    'a IN (SELECT b FROM t WHERE c) OR d',
    'NOT (a BETWEEN 1 AND 2) XOR b',
    'CASE WHEN a THEN b END',
  ]
  for (let round = 0; round < 4_000; round += 1) {
    const filter = mutate(random, random.pick(filters), filters)
    const result = attempt(filter, () => parser.appendSQLFilter('SELECT x FROM t ORDER BY x LIMIT 1', 'AND', filter))
    if (result === undefined) continue
    assert.match(result, /^SELECT x FROM t WHERE .* ORDER BY x LIMIT 1$/su, filter)
  }
})
