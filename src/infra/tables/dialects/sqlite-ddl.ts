import type { SqlValue } from '../../db/driver.ts'
import { type Definition, primaryOf, type StoredIndex } from '../definition.ts'
import { MAX_JSON_BYTES, MAX_TEXT_BYTES } from '../limits.ts'
import { physicalColumn, physicalTable } from '../names.ts'
import type { ColumnType, TableColumn } from '../types.ts'
import { defaultValue } from '../values.ts'

/** Our own names hold letters, digits and "_" only. */
const quote = (name: string): string => `"${name}"`
const nameOf = (id: string): string => quote(physicalColumn(id))

const TYPES: Readonly<Record<ColumnType, string>> = {
  int: 'INTEGER',
  bigint: 'INTEGER',
  varchar: 'TEXT',
  text: 'TEXT',
  boolean: 'INTEGER',
  json: 'TEXT',
  timestamp: 'TEXT',
  float: 'REAL',
  double: 'REAL',
}

const MAX_DOUBLE = '1.7976931348623157e308'
const DIGIT = '[0-9]'
const TIME_FORM = `[1-9]${DIGIT.repeat(3)}-dd-dd dd:dd:dd`.replaceAll('d', DIGIT)

/** What each value has to meet beyond the type of the STRICT table. */
const CHECKS: Readonly<Record<ColumnType, (name: string, length: number | null) => string | undefined>> = {
  int: (name) => `${name} BETWEEN -2147483648 AND 2147483647`,
  bigint: () => undefined,
  varchar: (name, length) => `length(${name}) <= ${length} AND instr(${name}, char(0)) = 0`,
  text: (name) => `octet_length(${name}) <= ${MAX_TEXT_BYTES} AND instr(${name}, char(0)) = 0`,
  boolean: (name) => `${name} IN (0, 1)`,
  json: (name) => `octet_length(${name}) <= ${MAX_JSON_BYTES} AND json_valid(${name})`,
  timestamp: (name) => `${name} GLOB '${TIME_FORM}' AND datetime(${name}) IS ${name}`,
  float: (name) => `${name} BETWEEN -${MAX_DOUBLE} AND ${MAX_DOUBLE}`,
  double: (name) => `${name} BETWEEN -${MAX_DOUBLE} AND ${MAX_DOUBLE}`,
}

/** DDL takes no parameters, so the defaults in it are literals. */
function literal(value: SqlValue): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  return value === null ? 'NULL' : String(value)
}

const isNow = ({ default: given }: TableColumn): boolean => given !== null && 'now' in given
const defaultSql = (column: TableColumn): string =>
  isNow(column) ? 'CURRENT_TIMESTAMP' : literal(defaultValue(column))

function columnSql(column: TableColumn): string {
  const name = nameOf(column.id)
  const parts = [name, TYPES[column.type]]
  if (column.autoIncrement) parts.push('PRIMARY KEY AUTOINCREMENT')
  else if (column.required) parts.push('NOT NULL')
  if (column.default !== null) parts.push(`DEFAULT ${defaultSql(column)}`)
  const check = CHECKS[column.type](name, column.length)
  if (check !== undefined) parts.push(`CONSTRAINT ${name} CHECK (${check})`)
  return parts.join(' ')
}

function tableSql(name: string, definition: Definition): string {
  const parts = definition.columns.map(columnSql)
  const key = primaryOf(definition)
  const counts = definition.columns.some(({ autoIncrement }) => autoIncrement)
  if (key !== undefined && !counts) parts.push(`PRIMARY KEY (${key.columnIds.map(nameOf).join(', ')})`)
  return `CREATE TABLE ${quote(name)} (${parts.join(', ')}) STRICT`
}

/** Names of indexes are unique in the whole file. */
const indexName = (definition: Definition, index: StoredIndex): string =>
  quote(`${physicalTable(definition.id)}__i${index.id}`)

function indexSql(definition: Definition, index: StoredIndex): string {
  const unique = index.kind === 'unique' ? 'UNIQUE ' : ''
  const columns = index.columnIds.map(nameOf).join(', ')
  return `CREATE ${unique}INDEX ${indexName(definition, index)} ON ${quote(physicalTable(definition.id))} (${columns})`
}

const secondary = ({ indexes }: Definition): StoredIndex[] => indexes.filter(({ kind }) => kind !== 'primary')

export function createSql(definition: Definition): string[] {
  const indexes = secondary(definition).map((index) => indexSql(definition, index))
  return [tableSql(physicalTable(definition.id), definition), ...indexes]
}

export const dropSql = ({ id }: Definition): string[] => [`DROP TABLE ${quote(physicalTable(id))}`]

const byId = (definition: Definition, id: string): TableColumn | undefined =>
  definition.columns.find((column) => column.id === id)

/** SQLite adds, drops and renames columns; for all else the table is made anew. */
function mustRebuild(before: Definition, after: Definition): boolean {
  const keyOf = (definition: Definition) => String(primaryOf(definition)?.columnIds)
  if (keyOf(before) !== keyOf(after)) return true
  return after.columns.some((column) => {
    const old = byId(before, column.id)
    if (old !== undefined) return columnSql(old) !== columnSql(column)
    return column.autoIncrement || isNow(column) || (column.required && column.default === null)
  })
}

export function alterSql(before: Definition, after: Definition): string[] {
  if (mustRebuild(before, after)) return rebuildSql(before, after)
  const table = quote(physicalTable(after.id))
  const wanted = new Set(secondary(after).map((index) => indexSql(after, index)))
  const present = new Set(secondary(before).map((index) => indexSql(before, index)))
  const dropped = before.columns.filter(({ id }) => byId(after, id) === undefined)
  const added = after.columns.filter(({ id }) => byId(before, id) === undefined)
  return [
    ...secondary(before)
      .filter((index) => !wanted.has(indexSql(before, index)))
      .map((index) => `DROP INDEX ${indexName(before, index)}`),
    ...added.map((column) => `ALTER TABLE ${table} ADD COLUMN ${columnSql(column)}`),
    ...dropped.map(({ id }) => `ALTER TABLE ${table} DROP COLUMN ${nameOf(id)}`),
    ...[...wanted].filter((text) => !present.has(text)),
  ]
}

const ZERO: Readonly<Record<ColumnType, string>> = {
  int: '0',
  bigint: '0',
  varchar: "''",
  text: "''",
  boolean: '0',
  json: "'null'",
  timestamp: "'1970-01-01 00:00:00'",
  float: '0',
  double: '0',
}

/** STRICT tables convert what can be converted without loss and refuse the rest; these need a hand. */
function converted(old: TableColumn, type: ColumnType): string {
  const name = nameOf(old.id)
  const isText = TYPES[old.type] === 'TEXT'
  if (type === old.type || !isText) return name
  if (type === 'timestamp') return `coalesce(datetime(${name}), ${name})`
  if (type === 'boolean') return `CASE lower(${name}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE ${name} END`
  return name
}

function valueSql(column: TableColumn, before: Definition): string {
  const old = byId(before, column.id)
  if (old !== undefined) return converted(old, column.type)
  if (column.default !== null) return defaultSql(column)
  return column.required ? ZERO[column.type] : 'NULL'
}

function rebuildSql(before: Definition, after: Definition): string[] {
  const name = physicalTable(after.id)
  const copy = `${name}__new`
  const filled = after.columns.filter(({ id, autoIncrement }) => !autoIncrement || byId(before, id) !== undefined)
  const columns = filled.map(({ id }) => nameOf(id)).join(', ')
  const values = filled.map((column) => valueSql(column, before)).join(', ')
  return [
    tableSql(copy, after),
    `INSERT INTO ${quote(copy)} (${columns}) SELECT ${values} FROM ${quote(name)} ORDER BY rowid`,
    ...(after.columns.some(({ autoIncrement }) => autoIncrement) ? sequenceSql(name, copy) : []),
    `DROP TABLE ${quote(name)}`,
    `ALTER TABLE ${quote(copy)} RENAME TO ${quote(name)}`,
    ...secondary(after).map((index) => indexSql(after, index)),
  ]
}

/** Numbers of removed rows stay used. */
const sequenceSql = (name: string, copy: string): string[] => [
  `INSERT INTO sqlite_sequence (name, seq) SELECT '${copy}', 0
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '${copy}')`,
  `UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${name}'), 0))
    WHERE name = '${copy}'`,
]
