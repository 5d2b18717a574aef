import { AppError } from '../../base/errors.ts'
import { DEFAULT_VARCHAR, MAX_DESCRIPTION, MAX_VARCHAR, type TableLimits } from './limits.ts'
import { checkName, nameKey } from './names.ts'
import { COLUMN_TYPES, type ColumnSpec, type IndexSpec, type Table, type TableColumn, type TableSpec } from './types.ts'
import { fromStored, toStored } from './values.ts'

/** An index as the catalogue keeps it: by the ids of its columns, so that renaming touches nothing. */
export type StoredIndex = { id: number; name: string; kind: IndexSpec['kind']; columnIds: string[] }

/** A table as the code here works on it. */
export type Definition = Omit<Table, 'indexes'> & { indexes: StoredIndex[] }

export const refused = (text: string, details: Record<string, unknown> = {}): AppError =>
  new AppError('invalid_argument', text, { details })

/** What users see of a definition. */
export function toTable(definition: Definition): Table {
  const nameOf = (id: string) => definition.columns.find((column) => column.id === id)?.name ?? ''
  const indexes = definition.indexes.map(({ name, kind, columnIds }) => ({
    name,
    kind,
    columns: columnIds.map(nameOf),
  }))
  return { ...definition, columns: definition.columns.map((column) => ({ ...column })), indexes }
}

/** The column with that name. Throws `not_found`. */
export function columnOf(definition: Pick<Definition, 'columns'>, name: string): TableColumn {
  const key = typeof name === 'string' ? nameKey(name) : undefined
  const found = definition.columns.find((column) => nameKey(column.name) === key)
  if (found !== undefined) return found
  checkName(name, 'a column')
  throw new AppError('not_found', `there is no column "${name}"`, { details: { column: name } })
}

export const primaryOf = (definition: Pick<Definition, 'indexes'>): StoredIndex | undefined =>
  definition.indexes.find(({ kind }) => kind === 'primary')

export function checkDescription(text: string | undefined): string {
  if (text === undefined) return ''
  if (typeof text === 'string' && text.length <= MAX_DESCRIPTION && !text.includes('\0')) return text
  throw refused(`a description takes text of at most ${MAX_DESCRIPTION} characters`)
}

/** The column that a spec asks for, under the id that it was given. */
export function toColumn(id: string, spec: ColumnSpec): TableColumn {
  const name = checkName(spec.name, 'a column')
  const { type } = spec
  if (!COLUMN_TYPES.includes(type)) throw refused(`the column "${name}" has no type of ${COLUMN_TYPES.join(', ')}`)
  const column: TableColumn = {
    id,
    name,
    type,
    length: lengthOf(spec, name),
    required: spec.required ?? false,
    autoIncrement: spec.autoIncrement ?? false,
    default: null,
    description: checkDescription(spec.description),
  }
  return { ...column, default: defaultOf(spec, column) }
}

function lengthOf({ type, length }: ColumnSpec, name: string): number | null {
  if (type !== 'varchar' && length === undefined) return null
  const found = length ?? DEFAULT_VARCHAR
  if (type === 'varchar' && Number.isInteger(found) && found >= 1 && found <= MAX_VARCHAR) return found
  throw refused(`the column "${name}": only varchar has a length, of 1 to ${MAX_VARCHAR}`)
}

function defaultOf(spec: ColumnSpec, column: TableColumn): TableColumn['default'] {
  const given = spec.default
  if (given === undefined || given === null) return null
  if (column.autoIncrement) throw refused(`the column "${column.name}" has numbers of its own and takes no default`)
  if (column.type === 'timestamp' && typeof given === 'object' && 'now' in given) return { now: true }
  return { value: fromStored(column.type, toStored(column, given)) }
}

/** The index that a spec asks for. */
export function toIndex(definition: Definition, spec: IndexSpec, limits: TableLimits): StoredIndex {
  if (!['primary', 'unique', 'normal'].includes(spec.kind)) throw refused('an index is primary, unique or normal')
  const columns = spec.columns.map((name) => columnOf(definition, name))
  const names = columns.map(({ name }) => name)
  if (columns.length === 0 || columns.length > limits.indexColumns || new Set(names).size < names.length)
    throw refused(`an index takes 1 to ${limits.indexColumns} different columns`)
  const json = columns.find(({ type }) => type === 'json')
  if (json !== undefined) throw refused(`the column "${json.name}" holds JSON and takes no index`)
  const standard = spec.kind === 'primary' ? 'primary' : `idx_${names.join('_')}`.slice(0, 64)
  const id = 1 + Math.max(0, ...definition.indexes.map((index) => index.id))
  const name = checkName(spec.name ?? standard, 'an index')
  return { id, name, kind: spec.kind, columnIds: columns.map((column) => column.id) }
}

/** A new table; `newColumnId` gives the ids of its columns. */
export async function toDefinition(
  spec: TableSpec,
  base: { id: string; nowMs: number; limits: TableLimits },
  newColumnId: () => Promise<string>,
): Promise<Definition> {
  const { id, nowMs, limits } = base
  const definition: Definition = {
    id,
    name: checkName(spec.name || `table_${id}`, 'a table'),
    description: checkDescription(spec.description),
    version: 1,
    columns: [],
    indexes: [],
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  for (const column of spec.columns) definition.columns.push(toColumn('0', column))
  for (const index of spec.indexes ?? []) toIndex(definition, index, limits)
  checkDefinition(definition, limits)
  for (const column of definition.columns) column.id = await newColumnId()
  for (const index of spec.indexes ?? []) definition.indexes.push(toIndex(definition, index, limits))
  requirePrimary(definition)
  checkDefinition(definition, limits)
  return definition
}

/** Columns of the primary key are required. */
export function requirePrimary(definition: Definition): void {
  const ids = primaryOf(definition)?.columnIds ?? []
  for (const column of definition.columns) if (ids.includes(column.id)) column.required = true
}

/** What only the whole can be wrong about. Throws `invalid_argument`, `already_exists` for names that come twice. */
export function checkDefinition({ columns, indexes }: Definition, limits: TableLimits): void {
  if (columns.length === 0) throw refused('a table has at least one column')
  if (columns.length > limits.columns) throw refused(`a table has at most ${limits.columns} columns`)
  if (indexes.length > limits.indexes) throw refused(`a table has at most ${limits.indexes} indexes`)
  checkTwice(columns, 'column')
  checkTwice(indexes, 'index')
  const primary = indexes.filter(({ kind }) => kind === 'primary')
  if (primary.length > 1) throw refused('a table has one primary key')
  for (const column of columns) {
    if (!column.autoIncrement || column.id === '0') continue
    const isKey = primary[0]?.columnIds.length === 1 && primary[0].columnIds[0] === column.id
    if (!isKey || (column.type !== 'bigint' && column.type !== 'int'))
      throw refused(`the column "${column.name}" counts by itself, so it must be an integer and the whole primary key`)
  }
}

function checkTwice(named: readonly { name: string }[], what: string): void {
  const seen = new Set<string>()
  for (const { name } of named) {
    const key = nameKey(name)
    if (seen.has(key)) throw new AppError('already_exists', `the ${what} "${name}" comes twice`, { details: { name } })
    seen.add(key)
  }
}
