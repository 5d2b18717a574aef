import type { SqlValue } from '../../db/driver.ts'
import { type Definition, primaryOf, type StoredIndex } from '../definition.ts'
import { MAX_JSON_BYTES, MAX_TEXT_BYTES } from '../limits.ts'
import { physicalColumn, physicalTable } from '../names.ts'
import type { ColumnType, TableColumn } from '../types.ts'
import { defaultValue } from '../values.ts'
import { converted, TYPES } from './postgres-conversion.ts'
import { countSql, uncountSql } from './postgres-counter.ts'

/** Our own names hold letters, digits and "_" only. */
const quote = (name: string): string => `"${name}"`
const nameOf = (id: string): string => quote(physicalColumn(id))
const tableOf = ({ id }: Definition): string => quote(physicalTable(id))

/** Tells rows apart, in the order of their inserts, where no primary key does. */
export const ROW_COLUMN = 'row_no'

const MAX_DOUBLE = '1.7976931348623157e308'

/** What each value has to meet beyond the type; JSON is printed with more room than it was given in. */
const CHECKS: Readonly<Record<ColumnType, (name: string, length: number | null) => string | undefined>> = {
  int: (name) => `${name} BETWEEN -2147483648 AND 2147483647`,
  bigint: () => undefined,
  varchar: (name, length) => `char_length(${name}) <= ${length}`,
  text: (name) => `octet_length(${name}) <= ${MAX_TEXT_BYTES}`,
  boolean: () => undefined,
  json: (name) => `octet_length(${name}::text) <= ${4 * MAX_JSON_BYTES}`,
  timestamp: (name) => `${name} BETWEEN '1000-01-01 00:00:00+00' AND '9999-12-31 23:59:59+00'`,
  float: (name) => `${name} BETWEEN -${MAX_DOUBLE} AND ${MAX_DOUBLE}`,
  double: (name) => `${name} BETWEEN -${MAX_DOUBLE} AND ${MAX_DOUBLE}`,
}

/** DDL takes no parameters, so the defaults in it are literals. */
function literal(type: ColumnType, value: SqlValue): string {
  if (value === null) return 'NULL'
  if (type === 'boolean') return String(value) === '1' ? 'TRUE' : 'FALSE'
  return `'${String(value).replaceAll("'", "''")}'`
}

function defaultSql(column: TableColumn): string | undefined {
  if (column.default === null) return undefined
  if ('now' in column.default) return "date_trunc('second', CURRENT_TIMESTAMP)"
  return literal(column.type, defaultValue(column))
}

const checkSql = (column: TableColumn): string | undefined => CHECKS[column.type](nameOf(column.id), column.length)

function columnSql(column: TableColumn): string {
  const name = nameOf(column.id)
  const parts = [name, TYPES[column.type]]
  if (column.required) parts.push('NOT NULL')
  const value = defaultSql(column)
  if (value !== undefined) parts.push(`DEFAULT ${value}`)
  const check = checkSql(column)
  if (check !== undefined) parts.push(`CONSTRAINT ${name} CHECK (${check})`)
  return parts.join(' ')
}

/** Names of indexes are unique in the whole schema. */
const indexName = (definition: Definition, index: StoredIndex): string =>
  quote(`${physicalTable(definition.id)}__i${index.id}`)

function indexSql(definition: Definition, index: StoredIndex): string {
  const unique = index.kind === 'unique' ? 'UNIQUE ' : ''
  const isRequired = (id: string) => definition.columns.some((column) => column.id === id && column.required)
  const columns = index.columnIds.map((id) => (isRequired(id) ? nameOf(id) : `${nameOf(id)} NULLS FIRST`))
  return `CREATE ${unique}INDEX ${indexName(definition, index)} ON ${tableOf(definition)} (${columns.join(', ')})`
}

const primarySql = (key: StoredIndex): string => `PRIMARY KEY (${key.columnIds.map(nameOf).join(', ')})`
const secondary = ({ indexes }: Definition): StoredIndex[] => indexes.filter(({ kind }) => kind !== 'primary')

export function createSql(definition: Definition): string[] {
  const key = primaryOf(definition)
  const last = key === undefined ? `${quote(ROW_COLUMN)} BIGINT GENERATED ALWAYS AS IDENTITY` : primarySql(key)
  const parts = [...definition.columns.map(columnSql), last]
  return [
    `CREATE TABLE ${tableOf(definition)} (${parts.join(', ')})`,
    ...definition.columns.flatMap((column) => (column.autoIncrement ? countSql(definition, column) : [])),
    ...secondary(definition).map((index) => indexSql(definition, index)),
  ]
}

export const dropSql = (definition: Definition): string[] => [
  `DROP TABLE ${tableOf(definition)}`,
  ...definition.columns.flatMap((column) => (column.autoIncrement ? uncountSql(definition) : [])),
]

const byId = (definition: Definition, id: string): TableColumn | undefined =>
  definition.columns.find((column) => column.id === id)

export function alterSql(before: Definition, after: Definition): string[] {
  const wanted = new Set(secondary(after).map((index) => indexSql(after, index)))
  const present = new Set(secondary(before).map((index) => indexSql(before, index)))
  const dropped = before.columns.filter(({ id }) => byId(after, id) === undefined)
  const key = primaryOf(after)
  const isNewKey = key !== undefined && String(primaryOf(before)?.columnIds) !== String(key.columnIds)
  return [
    ...secondary(before)
      .filter((index) => !wanted.has(indexSql(before, index)))
      .map((index) => `DROP INDEX ${indexName(before, index)}`),
    ...dropped.map(({ id }) => `ALTER TABLE ${tableOf(after)} DROP COLUMN ${nameOf(id)}`),
    ...after.columns.flatMap((column) => {
      const old = byId(before, column.id)
      return old === undefined ? added(after, column) : changed(after, old, column)
    }),
    ...(isNewKey ? [`ALTER TABLE ${tableOf(after)} ADD ${primarySql(key)}`] : []),
    ...[...wanted].filter((text) => !present.has(text)),
  ]
}

const ZERO: Readonly<Record<ColumnType, string>> = {
  int: '0',
  bigint: '0',
  varchar: "''",
  text: "''",
  boolean: 'FALSE',
  json: "'null'",
  timestamp: "'1970-01-01 00:00:00+00'",
  float: '0',
  double: '0',
}

function added(after: Definition, column: TableColumn): string[] {
  const table = `ALTER TABLE ${tableOf(after)}`
  const name = nameOf(column.id)
  if (column.autoIncrement) {
    const bare = { ...column, required: false }
    const needed = `${table} ALTER COLUMN ${name} SET NOT NULL`
    return [`${table} ADD COLUMN ${columnSql(bare)}`, ...countSql(after, column, true), needed]
  }
  if (!column.required || column.default !== null) return [`${table} ADD COLUMN ${columnSql(column)}`]
  const filled = `${table} ADD COLUMN ${columnSql(column)} DEFAULT ${ZERO[column.type]}`
  return [filled, `${table} ALTER COLUMN ${name} DROP DEFAULT`]
}

function changed(after: Definition, old: TableColumn, column: TableColumn): string[] {
  const name = nameOf(column.id)
  const check = { before: checkSql(old), after: checkSql(column) }
  const value = { before: defaultSql(old), after: defaultSql(column) }
  const isOtherType = TYPES[old.type] !== TYPES[column.type]
  const actions: (string | undefined | false)[] = [
    value.before !== undefined && (isOtherType || value.before !== value.after) && `ALTER COLUMN ${name} DROP DEFAULT`,
    check.before !== undefined && check.before !== check.after && `DROP CONSTRAINT ${name}`,
    isOtherType && `ALTER COLUMN ${name} TYPE ${TYPES[column.type]} USING ${converted(name, old.type, column.type)}`,
    check.after !== undefined && check.before !== check.after && `ADD CONSTRAINT ${name} CHECK (${check.after})`,
    value.after !== undefined &&
      (isOtherType || value.before !== value.after) &&
      `ALTER COLUMN ${name} SET DEFAULT ${value.after}`,
    old.required !== column.required && `ALTER COLUMN ${name} ${column.required ? 'SET' : 'DROP'} NOT NULL`,
  ]
  const statements = actions.filter((action) => typeof action === 'string')
  return [
    ...(old.autoIncrement && !column.autoIncrement ? uncountSql(after) : []),
    ...statements.map((action) => `ALTER TABLE ${tableOf(after)} ${action}`),
    ...(column.autoIncrement && !old.autoIncrement ? countSql(after, column, true) : []),
  ]
}
