import { sql } from 'kysely'
import type { SqlValue } from '../../db/driver.ts'
import { primaryOf } from '../definition.ts'
import type { Complaint, TableDialect } from '../dialect.ts'
import { columnsIn, physicalColumn } from '../names.ts'
import { textOf } from './postgres-conversion.ts'
import { alterSql, createSql, dropSql, ROW_COLUMN } from './postgres-ddl.ts'
import { assignedColumn } from './postgres-place.ts'

/** What pg's errors say, and the driver adds. */
type ServerError = Error & {
  code: string
  detail?: string
  column?: string
  constraint?: string
  position?: string
  /** The statement from outside that failed. */
  statement?: string
}

/** Values that are none of their type, or too large. */
const BAD_VALUES: ReadonlySet<string> = new Set([
  '22001',
  '22003',
  '22007',
  '22008',
  '22P02',
  '22P05',
  '22021',
  '22030',
  '22032',
])

/** The server may have met a value in a row that is not for the caller's eyes; what the statement says itself may stay. */
const withoutValues = (message: string, statement: string): string =>
  message.replace(/"([\s\S]*)"/, (quoted, inner: string) => (statement.includes(inner) ? quoted : '"…"'))

function complaintOf(err: unknown): Complaint | undefined {
  if (!(err instanceof Error) || !('code' in err) || !('severity' in err)) return undefined
  const { code, message, detail, column, constraint, position, statement } = err as unknown as ServerError
  const text = statement === undefined ? message : withoutValues(message, statement)
  if (code === '23505')
    return { kind: 'unique', columnIds: columnsIn(/^Key \(([^)]*)\)=/.exec(detail ?? '')?.[1]), text }
  if (code === '23502') return { kind: 'required', columnIds: columnsIn(column), text }
  if (code === '23514') return { kind: 'check', columnIds: columnsIn(constraint), text }
  // a column "f_1" is of another type than its expression
  if (code === '42804' && /^column "/.test(text)) return { kind: 'check', columnIds: columnsIn(text), text }
  if (BAD_VALUES.has(code)) {
    if (statement === undefined) return { kind: 'check', columnIds: [], text }
    const found = assignedColumn(statement, position === undefined ? undefined : Number(position))
    return found === undefined
      ? { kind: 'statement', columnIds: [], text }
      : { kind: 'check', columnIds: [found], text }
  }
  return /^(2[12]|42)/.test(code) ? { kind: 'statement', columnIds: [], text } : undefined
}

/** A list as one parameter: the server reads it as an array of the column's type. */
const arrayOf = (values: readonly SqlValue[]): string =>
  `{${values.map((value) => `"${String(value).replace(/["\\]/g, '\\$&')}"`).join(',')}}`

/** A sign for escaping at the end stands for itself. */
const closed = (pattern: string): string =>
  (/\\*$/.exec(pattern)?.[0].length ?? 0) % 2 === 1 ? `${pattern}\\` : pattern

export const postgresTables: TableDialect = {
  create: createSql,
  alter: alterSql,
  drop: dropSql,
  rowKey: (definition) => {
    const ids = primaryOf(definition)?.columnIds
    const [id] = ids ?? []
    if (id === undefined) return sql.ref(ROW_COLUMN)
    return ids?.length === 1 ? sql.ref(physicalColumn(id)) : sql.ref('ctid')
  },
  nulls: (direction) => (direction === 'asc' ? ' nulls first' : ' nulls last'),
  isIn: (column, values) => sql`${column} = any(${arrayOf(values)})`,
  isLike: (column, pattern, { id, type }) => {
    const text = type === 'text' || type === 'varchar' ? column : sql.raw(textOf(`"${physicalColumn(id)}"`, type))
    return sql`(${text} collate any_case) ilike ${closed(pattern)} escape '\\'`
  },
  quote: (name) => `"${name}"`,
  mark: (position) => `$${position + 1}`,
  opaque:
    /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\n]*|\/\*(?:\/\*[\s\S]*?\*\/|[\s\S])*?(?:\*\/|$)|\?/g,
  maxValues: 60_000,
  insertValues: 4_000,
  complaintOf,
}
