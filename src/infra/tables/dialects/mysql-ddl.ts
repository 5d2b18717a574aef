import type { SqlValue } from '../../db/driver.ts'
import { type Definition, refused, type StoredIndex } from '../definition.ts'
import type { Preparation } from '../dialect.ts'
import { physicalColumn, physicalTable } from '../names.ts'
import type { ColumnType, TableColumn } from '../types.ts'
import { defaultValue } from '../values.ts'
import { checkOf, fits, prepared } from './mysql-conversion.ts'

/** Tells rows apart, in the order of their inserts, where no column of the owner counts. Nobody sees it. */
export const ROW_COLUMN = 'row_key'
/** Bytes of an index at most, at four a character. */
const MAX_KEY_CHARS = 768

/** Our own names hold letters, digits and "_" only. */
const quote = (name: string): string => `\`${name}\``
const nameOf = (id: string): string => quote(physicalColumn(id))
const tableOf = ({ id }: Definition): string => quote(physicalTable(id))

/** Text is compared by its characters; the two servers have different words for it. */
const OPTIONS = `ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4
  /*M! COLLATE utf8mb4_nopad_bin */ /*!80017 COLLATE utf8mb4_0900_bin */`

const TYPES: Readonly<Record<Exclude<ColumnType, 'varchar'>, string>> = {
  int: 'INT',
  bigint: 'BIGINT',
  text: 'MEDIUMTEXT',
  boolean: 'TINYINT(1)',
  json: 'LONGTEXT',
  timestamp: 'DATETIME',
  float: 'DOUBLE',
  double: 'DOUBLE',
}

const isIndexed = ({ indexes }: Definition, id: string): boolean =>
  indexes.some(({ columnIds }) => columnIds.includes(id))

/** Rows have little room for texts of their own, so only those that an index needs are kept in them. */
function typeOf(definition: Definition, { id, type, length }: TableColumn): string {
  if (type !== 'varchar') return TYPES[type]
  return isIndexed(definition, id) && (length ?? 0) <= MAX_KEY_CHARS ? `VARCHAR(${length})` : 'MEDIUMTEXT'
}

function literal(value: SqlValue): string {
  if (typeof value === 'string') return `'${value.replace(/['\\]/g, '$&$&')}'`
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return value.toExponential()
  return value === null ? 'NULL' : String(value)
}

const isNow = ({ default: given }: TableColumn): boolean => given !== null && 'now' in given
/** Long texts take expressions only. */
const defaultSql = (column: TableColumn): string =>
  isNow(column) ? 'CURRENT_TIMESTAMP' : `(${literal(defaultValue(column))})`

function columnSql(definition: Definition, column: TableColumn): string {
  const parts = [nameOf(column.id), typeOf(definition, column), column.required ? 'NOT NULL' : 'NULL']
  if (column.autoIncrement) parts.push('AUTO_INCREMENT')
  if (column.default !== null) parts.push(`DEFAULT ${defaultSql(column)}`)
  return parts.join(' ')
}

const constraintSql = (column: TableColumn): string | undefined => {
  const check = checkOf(nameOf(column.id), column)
  return check === undefined ? undefined : `CONSTRAINT ${nameOf(column.id)} CHECK (${check})`
}

/** The beginning of a long text is enough to find rows by, but not to tell them apart. */
function keySql(definition: Definition, { kind, columnIds }: StoredIndex): string {
  const share = Math.floor(MAX_KEY_CHARS / columnIds.length)
  const parts = columnIds.map((id) => {
    const column = definition.columns.find((one) => one.id === id)
    const length = column?.type === 'varchar' ? (column.length ?? 0) : column?.type === 'text' ? Infinity : 0
    if (length <= share) return nameOf(id)
    if (kind === 'normal') return `${nameOf(id)}(${share})`
    throw refused(`a ${kind} index with the column "${column?.name}" takes texts of at most ${share} characters`, {
      column: column?.name,
    })
  })
  return `(${parts.join(', ')})`
}

const indexName = ({ id }: StoredIndex): string => quote(`i${id}`)
const indexSql = (definition: Definition, index: StoredIndex): string =>
  index.kind === 'primary'
    ? `PRIMARY KEY ${keySql(definition, index)}`
    : `${index.kind === 'unique' ? 'UNIQUE KEY' : 'KEY'} ${indexName(index)} ${keySql(definition, index)}`

const counts = ({ columns }: Definition): boolean => columns.some(({ autoIncrement }) => autoIncrement)
const ROW_SQL = `${quote(ROW_COLUMN)} BIGINT NOT NULL AUTO_INCREMENT INVISIBLE UNIQUE KEY`

export function createSql(definition: Definition): string[] {
  const parts = [
    ...definition.columns.map((column) => columnSql(definition, column)),
    ...(counts(definition) ? [] : [ROW_SQL]),
    ...definition.indexes.map((index) => indexSql(definition, index)),
    ...definition.columns.flatMap((column) => constraintSql(column) ?? []),
  ]
  return [`CREATE TABLE ${tableOf(definition)} (${parts.join(', ')}) ${OPTIONS}`]
}

export const dropSql = (definition: Definition): string[] => [`DROP TABLE IF EXISTS ${tableOf(definition)}`]

const byId = ({ columns }: Definition, id: string): TableColumn | undefined => columns.find((one) => one.id === id)

const ZERO: Readonly<Record<ColumnType, string>> = {
  int: '0',
  bigint: '0',
  varchar: "('')",
  text: "('')",
  boolean: '0',
  json: "('null')",
  timestamp: "'1970-01-01 00:00:00'",
  float: '0',
  double: '0',
}

const needsZero = (column: TableColumn): boolean => column.required && column.default === null && !column.autoIncrement

/** One statement, which is done whole or not at all; behind it those that take back what only old rows needed. */
export function alterSql(before: Definition, after: Definition): string[] {
  const added = after.columns.filter(({ id }) => byId(before, id) === undefined)
  const dropped = before.columns.filter(({ id }) => byId(after, id) === undefined)
  const kept = after.columns.flatMap((column) => {
    const old = byId(before, column.id)
    return old === undefined ? [] : [{ old, column }]
  })
  const changed = kept.filter(({ old, column }) => columnSql(before, old) !== columnSql(after, column))
  const rechecked = kept.filter(({ old, column }) => constraintSql(old) !== constraintSql(column))
  const indexes = (definition: Definition) =>
    new Map(definition.indexes.map((index) => [indexSql(definition, index), index]))
  const [old, wanted] = [indexes(before), indexes(after)]
  const parts = [
    ...[...dropped, ...rechecked.map((one) => one.old)]
      .filter((column) => constraintSql(column) !== undefined)
      .map(({ id }) => `DROP CONSTRAINT ${nameOf(id)}`),
    ...[...old].filter(([text]) => !wanted.has(text)).map(([, index]) => dropIndex(index)),
    ...(counts(after) && !counts(before) ? [`DROP COLUMN ${quote(ROW_COLUMN)}`] : []),
    ...dropped.map(({ id }) => `DROP COLUMN ${nameOf(id)}`),
    ...changed.map(({ column }) => `MODIFY COLUMN ${columnSql(after, column)}`),
    ...added.map((column) => `ADD COLUMN ${addedSql(after, column)}`),
    ...(counts(before) && !counts(after) ? [`ADD COLUMN ${ROW_SQL}`] : []),
    ...[...wanted.keys()].filter((text) => !old.has(text)).map((text) => `ADD ${text}`),
    ...[...added, ...rechecked.map((one) => one.column)].flatMap((column) => {
      const text = constraintSql(column)
      return text === undefined ? [] : [`ADD ${text}`]
    }),
  ]
  const zeros = added.filter(needsZero)
  const table = `ALTER TABLE ${tableOf(after)}`
  return [
    ...(parts.length === 0 ? [] : [`${table} ${parts.join(', ')}`]),
    ...zeros.map(({ id }) => `${table} ALTER COLUMN ${nameOf(id)} DROP DEFAULT`),
  ]
}

const dropIndex = (index: StoredIndex): string =>
  index.kind === 'primary' ? 'DROP PRIMARY KEY' : `DROP KEY ${indexName(index)}`

const addedSql = (definition: Definition, column: TableColumn): string =>
  columnSql(definition, column) + (needsZero(column) ? ` DEFAULT ${ZERO[column.type]}` : '')

/** What has to hold before `alterSql`, each a query for rows that stand in the way, and what is rewritten before it. */
export function prepareSql(before: Definition, after: Definition): Preparation {
  const table = tableOf(after)
  const preparation: Preparation = { checks: [], rewrites: [] }
  for (const column of after.columns) {
    const old = byId(before, column.id)
    if (old === undefined) continue
    const name = nameOf(old.id)
    const is = (kind: 'check' | 'required', condition: string) =>
      preparation.checks.push({
        sql: `SELECT 1 FROM ${table} WHERE ${condition} LIMIT 1`,
        complaint: { kind, columnIds: [column.id], text: '' },
      })
    if (column.required && !old.required) is('required', `${name} IS NULL`)
    if (old.type === column.type && old.length === column.length) continue
    is('check', `${name} IS NOT NULL AND NOT (${fits(name, old, column)})`)
    const rewritten = prepared(name, old, column)
    if (rewritten !== undefined)
      preparation.rewrites.push(`UPDATE ${table} SET ${name} = ${rewritten} WHERE ${name} IS NOT NULL`)
  }
  for (const index of after.indexes) {
    if (index.kind === 'normal' || before.indexes.some((old) => String(old.columnIds) === String(index.columnIds)))
      continue
    const names = index.columnIds.filter((id) => byId(before, id) !== undefined).map(nameOf)
    if (names.length < index.columnIds.length) continue
    preparation.checks.push({
      sql: `SELECT 1 FROM ${table} WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}
        GROUP BY ${names.join(', ')} HAVING COUNT(*) > 1 LIMIT 1`,
      complaint: { kind: 'unique', columnIds: index.columnIds, text: '' },
    })
  }
  return preparation
}
