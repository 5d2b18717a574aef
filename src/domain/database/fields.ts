import { AppError } from '../../base/errors.ts'
import type { AlterStep, ColumnSpec, ColumnType, Table, TableColumn, TableSpec } from '../../infra/tables/tables.ts'
import { type Field, type FieldType, type NewField, SYSTEM_COLUMNS } from './types.ts'

const COLUMN_TYPE: Readonly<Record<FieldType, ColumnType>> = {
  text: 'text',
  integer: 'bigint',
  date: 'timestamp',
  float: 'double',
  boolean: 'boolean',
}
const FIELD_TYPE: Readonly<Partial<Record<ColumnType, FieldType>>> = {
  text: 'text',
  bigint: 'integer',
  timestamp: 'date',
  double: 'float',
  boolean: 'boolean',
}
const SYSTEM: ReadonlySet<string> = new Set(Object.values(SYSTEM_COLUMNS))

/** Names with the same key are the same name. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase()

/** The columns of a new table: who wrote a row and when, and the fields. */
export function tableOf(name: string, description: string, fields: readonly NewField[]): TableSpec {
  return {
    name,
    description,
    columns: [
      { name: SYSTEM_COLUMNS.id, type: 'bigint', required: true, autoIncrement: true },
      { name: SYSTEM_COLUMNS.owner, type: 'varchar', required: true, default: '' },
      { name: SYSTEM_COLUMNS.connector, type: 'varchar', required: true, default: '' },
      { name: SYSTEM_COLUMNS.createdAt, type: 'timestamp', required: true, default: { now: true } },
      ...fields.map(columnOf),
    ],
    indexes: [
      { kind: 'primary', columns: [SYSTEM_COLUMNS.id] },
      { kind: 'normal', columns: [SYSTEM_COLUMNS.owner, SYSTEM_COLUMNS.connector] },
    ],
  }
}

const columnOf = ({ name, description, type, isRequired }: NewField): ColumnSpec => ({
  name,
  type: COLUMN_TYPE[type],
  required: isRequired,
  description,
})

const isField = (column: TableColumn): boolean => !SYSTEM.has(column.name)

/** The fields that a table has now. */
export const fieldsOf = (table: Table): Field[] =>
  table.columns.filter(isField).map(({ id, name, description, type, required }) => ({
    number: Number(id),
    name,
    description,
    type: FIELD_TYPE[type] ?? 'text',
    isRequired: required,
  }))

/** Throws `invalid_argument` for names that are taken twice, or by Snug. What a name may be the tables decide. */
export function checkFields(fields: readonly NewField[]): void {
  const keys = new Set<string>()
  for (const { name } of fields) {
    const key = nameKey(name)
    if (key.startsWith('bstudio_'))
      throw new AppError('invalid_argument', `field_list: ${name} is a name of the system`)
    if (keys.has(key)) throw new AppError('invalid_argument', `field_list: there are two fields ${name}`)
    keys.add(key)
  }
}

/** What becomes of a field: what it is called now, undefined when it is new. */
export type FieldChange = { from: string | undefined; to: NewField }

/** Which of the fields there are is meant by each that is asked for: by its number, else by its name. */
export function changesOf(existing: readonly Field[], wanted: readonly NewField[]): FieldChange[] {
  const byNumber = new Map(existing.map((field) => [field.number, field.name]))
  const free = new Map(existing.map((field) => [nameKey(field.name), field.name]))
  for (const { number } of wanted) {
    const name = number === undefined ? undefined : byNumber.get(number)
    if (name !== undefined) free.delete(nameKey(name))
  }
  const used = new Set<string>()
  return wanted.map((to) => {
    const numbered = to.number === undefined ? undefined : byNumber.get(to.number)
    const from = numbered ?? free.get(nameKey(to.name))
    if (from !== undefined && used.has(from))
      throw new AppError('invalid_argument', `field_list: ${from} is named twice`)
    if (from !== undefined) used.add(from)
    return { from, to }
  })
}

/**
 * How a table gets the wanted fields. A table that has some of the changes already, because an earlier try was cut off
 * between the two halves, gets the others.
 */
export function stepsFor(
  table: Table,
  { name, description }: { name: string; description: string },
  changes: readonly FieldChange[],
): AlterStep[] {
  const columns = new Map(table.columns.filter(isField).map((column) => [nameKey(column.name), column]))
  const sources = changes.map(({ from, to }) => {
    const column = (from === undefined ? undefined : columns.get(nameKey(from))) ?? columns.get(nameKey(to.name))
    return { column, to }
  })
  const kept = new Set(sources.map(({ column }) => column))
  const drops = [...columns.values()].filter((column) => !kept.has(column))
  const renamed = sources.filter(({ column, to }) => column !== undefined && column.name !== to.name)
  const adds = sources.filter(({ column }) => column === undefined)
  const temporary = (column: TableColumn) => `renamed_${column.id}`
  return [
    ...(table.name === name ? [] : [{ op: 'rename_table', name } as const]),
    ...(table.description === description ? [] : [{ op: 'describe_table', description } as const]),
    ...drops.map(({ name }): AlterStep => ({ op: 'drop_column', name })),
    // by way of names that nobody has, so that two fields can swap theirs
    ...renamed.flatMap(({ column }): AlterStep[] =>
      column ? [{ op: 'rename_column', from: column.name, to: temporary(column) }] : [],
    ),
    ...renamed.flatMap(({ column, to }): AlterStep[] =>
      column ? [{ op: 'rename_column', from: temporary(column), to: to.name }] : [],
    ),
    ...sources.flatMap(({ column, to }): AlterStep[] =>
      column !== undefined && isChanged(column, to)
        ? [{ op: 'modify_column', name: to.name, column: columnOf(to) }]
        : [],
    ),
    ...adds.map(({ to }): AlterStep => ({ op: 'add_column', column: columnOf(to) })),
  ]
}

const isChanged = (column: TableColumn, to: NewField): boolean =>
  column.type !== COLUMN_TYPE[to.type] || column.required !== to.isRequired || column.description !== to.description
