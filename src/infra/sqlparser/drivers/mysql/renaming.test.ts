import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMBINING } from '../../../../../test-kit/mysql-cases/combining.ts'
import { NAMES } from '../../../../../test-kit/mysql-cases/names.ts'
import { READING } from '../../../../../test-kit/mysql-cases/reading.ts'
import { WRITING } from '../../../../../test-kit/mysql-cases/writing.ts'
import { openSqlParser } from '../../open.ts'

const parser = await openSqlParser('mysql')

for (const [topic, cases] of Object.entries({ ...READING, ...COMBINING, ...WRITING }))
  test(`renaming: ${topic}`, () => {
    for (const [sql, renamed] of cases) {
      assert.equal(parser.parseAndModifySQL(sql, NAMES), renamed)
      assert.equal(parser.parseAndModifySQL(renamed, { unused: { newTableName: 'x' } }), renamed)
    }
  })

const REFUSED: readonly (readonly [sql: string, says: RegExp])[] = [
  ['SELECT id FROM users JOIN pairs USING (id)', /different names on both sides \(line 1, column 40\)/],
  ['SELECT name FROM users NATURAL JOIN orders', /NATURAL joins of renamed columns .*column 24/],
  ["SELECT id FROM users, JSON_TABLE(name, '$' COLUMNS (id INT PATH '$')) AS j", /ambiguous .*column 8/],
  ['SELECT id FROM users a JOIN users b ON a.id = b.id JOIN words w', /ambiguous .*column 8/],
  ['SELECT users.name FROM users AS users', /alias is the name of a mapped table .*column 33/],
  ['SELECT id FROM db.users', /without a schema .*column 19/],
  // Whether these are the same name is a setting of the server.
  ['WITH Users AS (SELECT 1) SELECT * FROM users', /in case only .*column 40/],
  ['WITH c AS (SELECT 1), C AS (SELECT 2) SELECT * FROM c', /in case only .*column 53/],
]

test('renaming: names that may mean two things are refused', () => {
  for (const [sql, says] of REFUSED) assert.throws(() => parser.parseAndModifySQL(sql, NAMES), { message: says }, sql)
})
