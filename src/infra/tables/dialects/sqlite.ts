import { sql } from 'kysely'
import type { SqlValue } from '../../db/driver.ts'
import type { Complaint, TableDialect } from '../dialect.ts'
import { PHYSICAL_COLUMN } from '../names.ts'
import { alterSql, createSql, dropSql } from './sqlite-ddl.ts'

/** Longer lists travel as one JSON parameter. */
const MAX_LIST = 500

const CONSTRAINTS: readonly [RegExp, Complaint['kind']][] = [
  [/^UNIQUE constraint failed: /, 'unique'],
  [/^NOT NULL constraint failed: /, 'required'],
  [/^CHECK constraint failed: /, 'check'],
  [/^cannot store \w+ value in \w+ column /, 'check'],
]

function complaintOf(err: unknown): Complaint | undefined {
  if (!(err instanceof Error) || !('errcode' in err)) return undefined
  const text = err.message
  const columnIds = [...text.matchAll(PHYSICAL_COLUMN)].map((found) => found[1] ?? '')
  const kind = CONSTRAINTS.find(([form]) => form.test(text))?.[1]
  if (kind !== undefined) return { kind, columnIds, text }
  // 1 ERROR, 20 MISMATCH: an integer key that is none
  if (err.errcode === 20) return { kind: 'check', columnIds, text }
  return err.errcode === 1 ? { kind: 'statement', columnIds, text } : undefined
}

export const sqliteTables: TableDialect = {
  create: createSql,
  alter: alterSql,
  drop: dropSql,
  rowKey: () => sql.ref('rowid'),
  nulls: () => '',
  isIn: (column, values) => {
    if (values.length <= MAX_LIST) return sql`${column} in (${sql.join(values)})`
    const isInteger = values.every((value) => typeof value === 'bigint')
    const exact = (value: SqlValue) => (isInteger ? String(value) : typeof value === 'bigint' ? Number(value) : value)
    const list = JSON.stringify(values.map(exact))
    return sql`${column} in (select ${sql.raw(isInteger ? 'cast(value as integer)' : 'value')} from json_each(${list}))`
  },
  isLike: (column, pattern, { type }) => {
    const text = sql`cast(${column} as text)`
    // a whole number is written as everywhere: 3, not 3.0
    const written =
      type === 'float' || type === 'double'
        ? sql`iif(${text} like '%.0', substr(${text}, 1, length(${text}) - 2), replace(${text}, '.0e', 'e'))`
        : text
    return sql`text_like(${pattern}, ${written})`
  },
  quote: (name) => `"${name}"`,
  mark: () => '?',
  opaque: /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\?/g,
  maxValues: 30_000,
  complaintOf,
}
