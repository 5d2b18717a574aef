import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SqlParseError } from './core/errors.ts'
import type { Dialect } from './driver.ts'
import { openSqlParser, SQL_DIALECTS } from './open.ts'
import type { SqlParser } from './sqlparser.ts'

const TEXT = readFileSync(new URL('../../../docs/sql.md', import.meta.url), 'utf8')
const DIALECTS = Object.keys(SQL_DIALECTS) as Dialect[]

type Example = { mode: string; dialects: readonly Dialect[]; sql: string; refused?: string }

/** The examples of the page: one statement a line, below a line that names the dialects and one that says what is refused. */
function examplesIn(text: string): Example[] {
  const examples: Example[] = []
  for (const [, block = ''] of text.matchAll(/^```sql\n([\s\S]*?)^```/gm)) {
    let [mode, dialects, refused]: [string, readonly Dialect[], string | undefined] = ['', [], undefined]
    for (const line of block.trim().split('\n')) {
      const heading = /^-- (?:(strict|limited) )?(all|mysql|sqlite|postgres)$/.exec(line)
      if (heading !== null) {
        mode = heading[1] ?? ''
        dialects = heading[2] === 'all' ? DIALECTS : [heading[2] as Dialect]
      } else if (line.startsWith('-- refused: ')) refused = line.slice(12)
      else {
        assert.ok(dialects.length > 0 && !line.startsWith('--'), `the page has a line without a meaning: ${line}`)
        examples.push({ mode, dialects, sql: line, ...(refused !== undefined && { refused }) })
        refused = undefined
      }
    }
  }
  return examples
}

const columns = (...names: string[]) => Object.fromEntries(names.map((name, i) => [name, `f_${i + 1}`]))
const TABLES = {
  users: { newTableName: 'table_1', columnMap: columns('id', 'name', 'age', 'data') },
  orders: { newTableName: 'table_2', columnMap: columns('city', 'id', 'user_id', 'total') },
}

/** Runs an example as the part of the page says that it stands in. */
function run(parser: SqlParser, { mode, sql }: Example): void {
  if (mode === 'limited') {
    const limited = parser.filterTables(sql, { users: `owner = ${parser.literal('ann')}` })
    const isKept = limited.includes("users.owner='ann'") || /^INSERT/.test(limited)
    assert.ok(isKept, `${limited} has no filter`)
    return
  }
  const printed = parser.parseAndModifySQL(sql, TABLES, { strict: mode === 'strict' })
  parser.getSQLOperation(printed)
}

const EXAMPLES = examplesIn(TEXT)

for (const dialect of DIALECTS)
  test(`${dialect}: the examples of docs/sql.md are accepted and refused as it says`, async () => {
    const parser = await openSqlParser(dialect)
    const own = EXAMPLES.filter(({ dialects }) => dialects.includes(dialect))
    assert.ok(own.filter(({ refused }) => refused === undefined).length > 10)
    assert.ok(own.filter(({ refused }) => refused !== undefined).length > 15)
    for (const example of own) {
      const { sql, refused } = example
      if (refused === undefined) assert.doesNotThrow(() => run(parser, example), sql)
      else
        assert.throws(
          () => run(parser, example),
          (err) => {
            assert.ok(err instanceof SqlParseError, `${sql}: ${err}`)
            assert.ok(err.message.includes(refused), `${sql}: ${err.message}`)
            return true
          },
          sql,
        )
    }
  })

test('the limits of docs/sql.md are those that hold', async () => {
  for (const [column, dialect] of (['mysql', 'sqlite', 'postgres'] as const).entries()) {
    const parser = await openSqlParser(dialect)
    for (const [name, limit] of Object.entries(parser.limits)) {
      const row = TEXT.split('\n').find((line) => line.startsWith(`| \`${name}\``))
      assert.equal(row?.split('|')[column + 2]?.trim(), limit.toLocaleString('en'), `${dialect}: ${name}`)
    }
  }
})
