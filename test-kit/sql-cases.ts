import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqlParseError } from '../src/infra/sqlparser/core/errors.ts'
import type { SqlParser, TableColumns } from '../src/infra/sqlparser/sqlparser.ts'

/** A statement and what it becomes, or why it is refused and in which column of the first line. */
export type HardCase = readonly [sql: string, want: string | { readonly refused: string; readonly column: number }]
/** By topic. */
export type HardCases = Readonly<Record<string, readonly HardCase[]>>

/** The mapping that the cases are written for. */
export const HARD_MAPPING: TableColumns = {
  users: {
    newTableName: 't_users',
    columnMap: { id: 'c_id', name: 'c_name', age: 'c_age', email: 'c_email', data: 'c_data' },
  },
  orders: {
    newTableName: 't_orders',
    columnMap: { id: 'o_id', user_id: 'o_user', total: 'o_total', note: 'o_note' },
  },
  items: { newTableName: 't_items' },
}

/** What a database held before and after a statement. */
export type Outcome =
  | { readonly rows: readonly unknown[][]; readonly tables: readonly unknown[] }
  | { readonly error: true }

/** One test a topic: what each statement becomes, and that this is read again as itself. */
export function testRewrites(title: string, parser: SqlParser, cases: HardCases): void {
  for (const [topic, items] of Object.entries(cases)) {
    test(`${title}: ${topic}`, () => {
      for (const [sql, want] of items) {
        if (typeof want === 'string') {
          assert.equal(parser.parseAndModifySQL(sql, HARD_MAPPING), want)
          assert.equal(parser.parseAndModifySQL(want, { unused: { newTableName: 'x' } }), want)
        } else {
          assert.throws(
            () => parser.parseAndModifySQL(sql, HARD_MAPPING),
            (err) => err instanceof SqlParseError && err.message.startsWith(want.refused) && err.column === want.column,
            sql,
          )
        }
      }
    })
  }
}
