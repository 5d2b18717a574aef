import { createHash } from 'node:crypto'
import { AppError } from '../../base/errors.ts'
import type { Dialect, SqlOperation, SqlParser, TableColumns } from '../../infra/sqlparser/sqlparser.ts'
import { type Cell, sqlNamesOf, type Table, type Tables } from '../../infra/tables/tables.ts'
import { nameKey } from './fields.ts'
import { sqlWords } from './sql-words.ts'
import { type Access, type RowOwner, SYSTEM_COLUMNS } from './types.ts'

/** A database that an agent uses, with the table of its online half. */
export type AgentTable = { name: string; access: Access; table: Table }

export type AgentSql = {
  /** In the dialect of the database, with the names that people gave. */
  sql: string
  tables: readonly AgentTable[]
  /** Who talks with the agent. */
  owner: RowOwner
  maxRows?: number
  timeoutMs?: number
}

export type QueryResult = {
  operation: SqlOperation
  columns: string[]
  rows: Record<string, Cell>[]
  /** Rows written. */
  affected: number
  /** There were more rows than are shown. */
  truncated: boolean
}

const ALLOWED = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const
const MAX_ROWS = 1_000
const MAX_CHARS = 20_000
const TIMEOUT_MS = 5_000
const MAX_OWNER_CHARS = 200
/** Columns that no statement of an agent names, reads or writes by itself. */
const HIDDEN: readonly string[] = [SYSTEM_COLUMNS.owner, SYSTEM_COLUMNS.connector]

/**
 * Runs one statement for one agent and one of its end users. It reaches the agent's own tables only; where the access
 * is limited, only the rows of this user, wherever the statement reaches them; new rows are the user's. Throws
 * `permission_denied` and says why for what may not be done, `invalid_argument` (with line and column) for what is no
 * statement of the dialect or names what is not there, `deadline_exceeded`, `resource_exhausted`.
 */
export async function runAgentSql(
  { parser, tables }: { parser: SqlParser; tables: Tables },
  { sql, tables: own, owner, maxRows = MAX_ROWS, timeoutMs = TIMEOUT_MS }: AgentSql,
  options: { signal?: AbortSignal } = {},
): Promise<QueryResult> {
  if (sql.length > MAX_CHARS)
    throw new AppError('invalid_argument', `the statement is longer than ${MAX_CHARS} characters`)
  const operation = parser.getSQLOperation(sql)
  const allowed = ALLOWED.find((one) => one === operation)
  if (allowed === undefined)
    throw refusal(`${operation} is not allowed; rows can be read, inserted, updated and deleted`)
  const reached = reachedTables(parser, sql, own)
  if (allowed !== 'SELECT') refuseReadOnly(parser, sql, reached, allowed)
  const named = parser.parseAndModifySQL(sql, mappingOf(own), { strict: true })
  if (reached.some(({ access }) => access !== 'limited')) refuseHiddenStars(parser.dialect, named, allowed)
  const owned = allowed === 'INSERT' ? withOwner(parser, named, reached, owner) : named
  const limited = limitedTo(parser, owned, reached, owner)
  const readOnly = reached.filter(({ access }) => access === 'read_only').map(({ table }) => table.id)
  // an INSERT may change the rows that stand in its way where it says how: ON CONFLICT … DO UPDATE
  const allow = allowed === 'INSERT' ? (['INSERT', 'UPDATE'] as const) : [allowed]
  const ids = reached.map(({ table }) => table.id)
  const result = await tables.execute({ sql: limited, tables: ids, readOnly, allow, maxRows, timeoutMs }, options)
  return { ...result, ...withoutHidden(result) }
}

const refusal = (message: string) => new AppError('permission_denied', message)

/** The agent's tables that the statement names. Throws `permission_denied` for any other. */
function reachedTables(parser: SqlParser, sql: string, own: readonly AgentTable[]): AgentTable[] {
  const byKey = new Map(own.map((one) => [nameKey(one.name), one]))
  return parser.tables(sql).map((name) => {
    const table = byKey.get(nameKey(name))
    if (table !== undefined) return table
    const known = own.length === 0 ? 'it has none' : `it has ${own.map((one) => one.name).join(', ')}`
    throw refusal(`the agent has no table ${JSON.stringify(name.slice(0, 100))}; ${known}`)
  })
}

/** Says plainly what the database would refuse too: a read-only table may be read, not written to. */
function refuseReadOnly(parser: SqlParser, sql: string, reached: readonly AgentTable[], operation: string): void {
  const written = new Set(parser.writtenTables(sql).map(nameKey))
  const closed = reached.find(({ name, access }) => access === 'read_only' && written.has(nameKey(name)))
  if (closed !== undefined) throw refusal(`the table ${closed.name} is read-only; ${operation} is not allowed on it`)
}

/**
 * What a plain `SELECT *` gives is shown without the columns that tell whose the rows are. From within a statement they
 * could come out under other names.
 */
function refuseHiddenStars(dialect: Dialect, sql: string, operation: string): void {
  const words = sqlWords(dialect, sql).map(({ text }) => text)
  const queries = words.filter((word) => word === 'SELECT').length
  if (queries <= (operation === 'SELECT' ? 1 : 0)) return
  const before = new Set(['SELECT', 'DISTINCT', 'ALL', 'RETURNING', ',', '.'])
  if (words.some((word, i) => word === '*' && before.has(words[i - 1] ?? '')))
    throw refusal('"*" is not allowed in a statement with several queries; name the columns')
}

/** The engine's names for all that an agent may name: everything but whose the rows are. */
function mappingOf(own: readonly AgentTable[]): TableColumns {
  const entries = own.map(({ name, table }): [string, TableColumns[string]] => {
    const { newTableName, columnMap } = sqlNamesOf(table)
    const visible = Object.entries(columnMap).filter(([column]) => !HIDDEN.includes(column))
    return [name, { newTableName, columnMap: Object.fromEntries(visible) }]
  })
  return Object.fromEntries(entries)
}

function withOwner(parser: SqlParser, sql: string, reached: readonly AgentTable[], owner: RowOwner): string {
  const target = parser.getTableName(sql)
  const table = reached.map((one) => one.table).find((one) => sqlNamesOf(one).newTableName === target)
  if (table === undefined) throw refusal('the statement does not say plainly which table it inserts into')
  const { columnMap } = sqlNamesOf(table)
  const column = (name: string) => columnMap[name] ?? name
  return parser.setNewRows(sql, [
    { colName: column(SYSTEM_COLUMNS.owner), value: ownerKey(owner.userRef) },
    { colName: column(SYSTEM_COLUMNS.connector), value: ownerKey(owner.connectorId) },
  ])
}

function limitedTo(parser: SqlParser, sql: string, reached: readonly AgentTable[], owner: RowOwner): string {
  const filters = reached
    .filter(({ access }) => access === 'limited')
    .map(({ table }): [string, string] => {
      const { newTableName, columnMap } = sqlNamesOf(table)
      const is = (name: string, text: string) => `${columnMap[name]} = ${parser.literal(ownerKey(text))}`
      const conditions = [is(SYSTEM_COLUMNS.owner, owner.userRef), is(SYSTEM_COLUMNS.connector, owner.connectorId)]
      return [newTableName, conditions.join(' AND ')]
    })
  return filters.length === 0 ? sql : parser.filterTables(sql, Object.fromEntries(filters))
}

/** An end user as rows name them: as the caller calls them, or a fingerprint of what would be too long. */
export function ownerKey(ref: string): string {
  const isPlain = ref.length <= MAX_OWNER_CHARS && !/\0|^sha256:/.test(ref) && ref.isWellFormed()
  return isPlain ? ref : `sha256:${createHash('sha256').update(ref, 'utf16le').digest('hex')}`
}

/** `SELECT *` also gives whose the rows are, which is nobody's business. */
function withoutHidden({
  columns,
  rows,
}: Pick<QueryResult, 'columns' | 'rows'>): Pick<QueryResult, 'columns' | 'rows'> {
  const isHidden = (column: string) => HIDDEN.some((name) => column === name || column.startsWith(`${name}_`))
  if (!columns.some(isHidden)) return { columns, rows }
  const visible = columns.filter((column) => !isHidden(column))
  return {
    columns: visible,
    rows: rows.map((row) => Object.fromEntries(visible.map((name) => [name, row[name] ?? null]))),
  }
}
