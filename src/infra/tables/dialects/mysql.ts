import { sql } from 'kysely'
import type { Complaint, TableDialect } from '../dialect.ts'
import { columnsIn, physicalColumn } from '../names.ts'
import { alterSql, createSql, dropSql, prepareSql, ROW_COLUMN } from './mysql-ddl.ts'

type ServerError = Error & { errno: number; sqlMessage: string }

/** Values that are none of their type, or too large: of a column that the message names last, or of none. */
const BAD_VALUES: ReadonlySet<number> = new Set([1264, 1265, 1292, 1366, 1367, 1406, 1411, 1690, 3140, 3819, 4025])
/** Wrong statements by their SQL states: syntax and names, numbers of columns, functions. */
const WRONG: ReadonlySet<number> = new Set([
  1052, 1054, 1055, 1056, 1064, 1066, 1093, 1109, 1110, 1111, 1136, 1139, 1140, 1146, 1149, 1210, 1222, 1235, 1241,
  1242, 1247, 1248, 1250, 1270, 1271, 1305, 1327, 1363, 1442, 1582, 1583, 3065, 3141, 3143, 3593, 4015, 4038, 4106,
  4107,
])

function complaintOf(err: unknown): Complaint | undefined {
  if (!(err instanceof Error) || !('errno' in err) || !('sqlMessage' in err)) return undefined
  const { errno, sqlMessage: text } = err as unknown as ServerError
  if (errno === 1062) {
    const key = /for key '(?:[^']*\.)?(PRIMARY|i(\d+))'$/.exec(text)
    const index = key?.[2] === undefined ? 'primary' : Number(key[2])
    return { kind: 'unique', columnIds: [], text, ...(key === null ? {} : { index }) }
  }
  // the value stands in the message, too, before the column
  if (BAD_VALUES.has(errno)) return { kind: 'check', columnIds: columnsIn(text).slice(-1), text }
  if (errno === 1048 || errno === 1364) return { kind: 'required', columnIds: columnsIn(text), text }
  return WRONG.has(errno) ? { kind: 'statement', columnIds: [], text } : undefined
}

export const mysqlTables: TableDialect = {
  create: createSql,
  alter: alterSql,
  drop: dropSql,
  prepare: prepareSql,
  // a column, index, key or constraint that is there or gone, a table that is gone
  isDone: (err) =>
    err instanceof Error &&
    'errno' in err &&
    [1051, 1060, 1061, 1068, 1091, 1826, 3821, 3822, 3940].includes(Number(err.errno)),
  rowKey: (definition) => {
    const own = definition.columns.find(({ autoIncrement }) => autoIncrement)
    return sql.ref(own === undefined ? ROW_COLUMN : physicalColumn(own.id))
  },
  nulls: () => '',
  isIn: (column, values) => sql`${column} in (${sql.join(values)})`,
  isLike: (column, pattern) => sql`lower(cast(${column} as char)) like lower(${pattern})`,
  quote: (name) => `\`${name}\``,
  mark: () => '?',
  opaque:
    /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|#[^\n]*|--(?=[\s\p{Cc}])[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\?/gu,
  maxValues: 200_000,
  complaintOf,
}
