import { AppError } from '../../base/errors.ts'
import type { Database } from '../db/db.ts'
import type { GuardedResult, GuardedStatement, GuardedWrite, SqlValue } from '../db/driver.ts'
import { type Definition, refused } from './definition.ts'
import { toOwnNames } from './errors.ts'
import { physicalColumn, physicalTable } from './names.ts'
import { bindParameters } from './placeholders.ts'
import type { StatementContext } from './statements.ts'
import type { Cell, ExecuteRequest, ExecuteResult, SqlOperation, StatementReader } from './types.ts'
import { fromStored } from './values.ts'

const WRITES: Readonly<Partial<Record<SqlOperation, GuardedWrite>>> = {
  INSERT: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
}

type Context = Omit<StatementContext, 'definition'> & { database: Database; parser: StatementReader }

const denied = (text: string) => new AppError('permission_denied', text)

/** What the statement may do, if it may run at all: the parser tells, and the database holds it to that. */
function grantsOf(request: ExecuteRequest, definitions: readonly Definition[], parser: StatementReader) {
  const allowed = request.allow ?? ['SELECT']
  const operation = parser.getSQLOperation(request.sql)
  if (!allowed.some((one) => one === operation)) throw denied(`${operation} is not allowed here`)
  const names = new Set(definitions.map(({ id }) => physicalTable(id)))
  for (const name of parser.tables(request.sql))
    if (!names.has(name)) throw denied('the statement reaches a table that is not one of those given')
  const write = WRITES[operation]
  const grants: GuardedWrite[] = write === undefined ? [] : [write]
  // INSERT … ON CONFLICT DO UPDATE
  if (operation === 'INSERT' && allowed.includes('UPDATE')) grants.push('update')
  if (write !== undefined && request.allowReplace === true) grants.push('replace')
  const readOnly = new Set(request.readOnly ?? [])
  const tables = Object.fromEntries(definitions.map(({ id }) => [physicalTable(id), readOnly.has(id) ? [] : grants]))
  return { operation, tables }
}

function limit(what: string, given: number | undefined, max: number): number {
  const found = given ?? max
  if (Number.isInteger(found) && found >= 1 && found <= max) return found
  throw new AppError('out_of_range', `${what} takes 1 to ${max}`)
}

/** Runs one statement in the names of the engine; see `Tables.execute`. */
export async function executeStatement(
  request: ExecuteRequest,
  definitions: readonly Definition[],
  context: Context,
  signal: AbortSignal | undefined,
): Promise<ExecuteResult> {
  const { database, dialect, limits, parser } = context
  if (typeof request.sql !== 'string' || request.sql.length > limits.sqlChars)
    throw refused(`a statement is text of at most ${limits.sqlChars} characters`)
  const { operation, tables } = grantsOf(request, definitions, parser)
  const statement: GuardedStatement = {
    ...bindParameters(request.sql, request.params ?? [], dialect),
    tables,
    maxRows: limit('maxRows', request.maxRows, limits.resultRows),
    maxBytes: limits.resultBytes,
    timeoutMs: limit('timeoutMs', request.timeoutMs, limits.timeoutMs),
  }
  const result = await database.guarded(statement, signal === undefined ? {} : { signal })
  return { operation, ...readResult(result, definitions), affected: operation === 'SELECT' ? 0 : result.affected }
}

function readResult({ columns, rows, truncated }: GuardedResult, definitions: readonly Definition[]) {
  const shown = columns.map((column, i) => ({ ...column, i })).filter((column) => !isOwn(column, definitions))
  const labels = differing(shown.map(({ name }) => toOwnNames(name, definitions)))
  const readers = shown.map(({ table, column }) => readerOf(table, column, definitions))
  const read = (row: readonly SqlValue[]) =>
    Object.fromEntries(labels.map((label, at) => [label, (readers[at] ?? asIs)(row[shown[at]?.i ?? 0] ?? null)]))
  return { columns: labels, rows: rows.map(read), truncated }
}

/** Whether it is a column by which the engine tells rows apart, and no column of the table's owner. */
const isOwn = ({ table, column }: GuardedResult['columns'][number], definitions: readonly Definition[]): boolean =>
  column !== null && !/^f_\d+$/.test(column) && definitions.some(({ id }) => physicalTable(id) === table)

const asIs = (value: SqlValue): Cell => value

/** A column of a UNION comes from the first of its tables, so values need not be what the column says. */
function readerOf(table: string | null, column: string | null, definitions: readonly Definition[]) {
  const definition = definitions.find(({ id }) => physicalTable(id) === table)
  const type = definition?.columns.find(({ id }) => physicalColumn(id) === column)?.type
  if (type === 'boolean') return (value: SqlValue) => (value === 0n || value === 1n ? value === 1n : value)
  if (type !== 'json') return asIs
  return (value: SqlValue): Cell => {
    try {
      return fromStored('json', value)
    } catch {
      return value
    }
  }
}

/** Labels that come again get a number. */
function differing(labels: readonly string[]): string[] {
  const taken = new Set(labels)
  const used = new Set<string>()
  return labels.map((label) => {
    let name = label
    for (let n = 2; used.has(name) || (name !== label && taken.has(name)); n++) name = `${label}_${n}`
    used.add(name)
    return name
  })
}
