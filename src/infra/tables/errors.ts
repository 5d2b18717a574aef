import { AppError, type ErrorCode } from '../../base/errors.ts'
import type { Definition } from './definition.ts'
import type { Complaint, TableDialect } from './dialect.ts'
import { PHYSICAL_COLUMN, PHYSICAL_TABLE } from './names.ts'
import type { TableColumn } from './types.ts'

/** Puts the owner's names where the engine's stand. */
export function toOwnNames(text: string, definitions: readonly Definition[]): string {
  const columns = new Map(definitions.flatMap((definition) => definition.columns.map((column) => [column.id, column])))
  return text
    .replaceAll(PHYSICAL_TABLE, (_all, id: string) => definitions.find((one) => one.id === id)?.name ?? 'another table')
    .replaceAll(PHYSICAL_COLUMN, (all, id: string) => columns.get(id)?.name ?? all)
}

const RULES: Readonly<Record<TableColumn['type'], (column: TableColumn) => [ErrorCode, string]>> = {
  int: () => ['out_of_range', 'takes integers of 32 bits'],
  bigint: () => ['wrong_type', 'takes integers of 64 bits'],
  varchar: ({ length }) => ['out_of_range', `takes text of at most ${length} characters`],
  text: () => ['out_of_range', 'takes text of at most 65535 bytes'],
  boolean: () => ['wrong_type', 'takes true or false'],
  json: () => ['wrong_type', 'takes JSON'],
  timestamp: () => ['wrong_type', 'takes a time such as "2024-02-29 13:45:00"'],
  float: () => ['wrong_type', 'takes a number'],
  double: () => ['wrong_type', 'takes a number'],
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

function explained({ kind, columnIds, text }: Complaint, definitions: readonly Definition[], cause: unknown): AppError {
  const all = definitions.flatMap((definition) => definition.columns)
  const columns = columnIds.flatMap((id) => all.find((column) => column.id === id) ?? [])
  const [first] = columns
  const names = columns.map(({ name }) => name)
  const details = first === undefined ? {} : { columns: names }
  const error = (code: ErrorCode, message: string) => new AppError(code, message, { cause, details })
  if (kind === 'unique') return error('already_exists', `a row with the same ${listed(names)} exists already`)
  if (kind === 'required') return error('invalid_argument', `the column ${listed(names)} must have a value`)
  if (kind === 'statement') return error('invalid_argument', toOwnNames(text, definitions).replace(/\s+/g, ' '))
  if (first === undefined) return error('wrong_type', 'a value is not of its column’s type')
  const [code, rule] = RULES[first.type](first)
  return error(code, `the column "${first.name}" ${rule}`)
}

function columnsOf(index: number | 'primary', definitions: readonly Definition[]): readonly string[] {
  const all = definitions.flatMap(({ indexes }) => indexes)
  return all.find(({ id, kind }) => (index === 'primary' ? kind === 'primary' : id === index))?.columnIds ?? []
}

/**
 * The error in the owner's names: what the engine complained about, or the error as it came with its message
 * translated. `named` are the ids of the columns it is about where the engine does not say. Nothing of the engine's names is left in message and details; the cause keeps them.
 */
export function translated(
  err: unknown,
  dialect: TableDialect,
  definitions: readonly Definition[],
  named: readonly string[] = [],
): unknown {
  if (!(err instanceof AppError)) return err
  const complaint = err.cause === undefined ? undefined : dialect.complaintOf(err.cause)
  if (complaint !== undefined) {
    const indexed = complaint.index === undefined ? [] : columnsOf(complaint.index, definitions)
    const columnIds = [complaint.columnIds, indexed, named].find((ids) => ids.length > 0) ?? []
    return explained({ ...complaint, columnIds }, definitions, err.cause)
  }
  const message = toOwnNames(err.message, definitions)
  const { constraint, ...details } = err.details
  if (message === err.message && constraint === undefined) return err
  return new AppError(err.code, message, { cause: err.cause, details })
}
