import assert from 'node:assert/strict'
import { SqlParseError } from '../core/errors.ts'
import type { SqlParser, TableColumns } from '../sqlparser.ts'

export type SqlEngine = {
  /** Runs statements one after the other in an empty database and gives the rows of the last. */
  rows(statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** `quote` opens and closes quoted names; `engine` is there when the provider declares `engine`. */
export type SqlParserHarness = { parser: SqlParser; quote: string; engine?: SqlEngine }

export const USERS: TableColumns = {
  users: { newTableName: 'new_users', columnMap: { id: 'user_id', name: 'user_name', age: 'user_age' } },
}
export const ORDERS: TableColumns = {
  orders: { newTableName: 'new_orders', columnMap: { order_id: 'id', user_id: 'customer_id' } },
}

/** Asserts that a call is refused with a position. */
export function refused(call: () => unknown, says: RegExp = /./): void {
  assert.throws(call, (err: unknown) => {
    assert.ok(err instanceof SqlParseError, String(err))
    assert.equal(err.code, 'invalid_argument')
    assert.ok(err.line >= 1 && err.column >= 1)
    assert.match(err.message, says)
    return true
  })
}
