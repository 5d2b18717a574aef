import type { TableColumns } from '../../src/infra/sqlparser/sqlparser.ts'

/** Statements by topic, each with what renaming to `NAMES` makes of it. */
export type Renames = Readonly<Record<string, readonly (readonly [sql: string, renamed: string])[]>>

/** The names that the cases are rewritten to: plain ones, swapped ones, and ones that need quotes. */
export const NAMES: TableColumns = {
  users: { newTableName: 'new_users', columnMap: { id: 'user_id', name: 'user_name', age: 'user_age' } },
  orders: { newTableName: 'new_orders', columnMap: { order_id: 'id', user_id: 'customer_id', total: 'amount' } },
  pairs: { newTableName: 'pairs2', columnMap: { a: 'b', b: 'a', c: 'c' } },
  words: { newTableName: 'select', columnMap: { id: 'key', text: 'two words', 名前: '氏名' } },
}
