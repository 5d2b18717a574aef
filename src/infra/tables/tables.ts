import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { NewId } from '../../base/ids.ts'
import { type Database, savepoint, type Tx } from '../db/db.ts'
import { altered } from './alteration.ts'
import { findDefinition, getDefinition, newColumnId } from './catalogue.ts'
import { SchemaChanges } from './changes.ts'
import { toDefinition, toTable } from './definition.ts'
import { tableDialect } from './dialect.ts'
import { executeStatement } from './execute.ts'
import { DEFAULT_LIMITS, type TableLimits } from './limits.ts'
import { physicalColumn, physicalTable } from './names.ts'
import { insertRows, namedColumns, rowReader } from './rows.ts'
import { Runner } from './runner.ts'
import { deleteSql, selectedColumns, selectSql, updateSql } from './statements.ts'
import type {
  AlterStep,
  ExecuteRequest,
  ExecuteResult,
  RowInput,
  SelectQuery,
  SelectResult,
  StatementReader,
  Table,
  TableSpec,
  Where,
} from './types.ts'
import { type UpsertResult, upsertRows } from './upsert.ts'
import { fromStored } from './values.ts'

export type {
  AlterStep,
  Cell,
  CellInput,
  ColumnSpec,
  ColumnType,
  Condition,
  ExecuteRequest,
  ExecuteResult,
  IndexSpec,
  Row,
  RowInput,
  SelectQuery,
  SelectResult,
  SqlOperation,
  StatementReader,
  Table,
  TableColumn,
  TableIndex,
  TableSpec,
  Where,
} from './types.ts'
export type { UpsertResult } from './upsert.ts'

export type TablesOptions = {
  database: Database
  /** Reads what `execute` gets, in the dialect of the database. */
  parser: StatementReader
  newId: NewId
  clock: Clock
  limits?: Partial<TableLimits>
}

/**
 * `tx`: take part in the caller's transaction; the call is undone alone when it fails. Reads outside of one see what is
 * committed, and neither they nor writes by condition keep the process from anything else.
 */
export type TableCallOptions = { tx?: Tx; signal?: AbortSignal }

/** The names of a table and its columns in the engine, as the SQL parser wants them for its rewriting. */
export type SqlNames = { newTableName: string; columnMap: Record<string, string> }

/** What a statement in the owner's names is rewritten to before `execute`. */
export function sqlNamesOf(table: Table): SqlNames {
  const columnMap = Object.fromEntries(table.columns.map(({ id, name }) => [name, physicalColumn(id)]))
  return { newTableName: physicalTable(table.id), columnMap }
}

/**
 * Tables that users define, over any database. Tables are named by their ids and columns by their owners' names, in
 * which case does not count. Who may touch which table the caller has checked. Errors speak the owner's names:
 * `not_found`, `already_exists`, `invalid_argument`, `wrong_type`, `out_of_range`, `permission_denied`, `conflict`.
 */
export class Tables {
  readonly #database: Database
  readonly #runner: Runner
  readonly #changes: SchemaChanges
  readonly #options: TablesOptions

  /** Throws `unimplemented` when the database's dialect has no user-defined tables. */
  constructor(options: TablesOptions) {
    this.#database = options.database
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const { database, clock } = options
    const dialect = tableDialect(database.dialect)
    this.#changes = new SchemaChanges({ database, dialect, clock })
    this.#runner = new Runner({ database, dialect, limits, changes: this.#changes })
    this.#options = options
  }

  /** Makes a table, under a new id or the given one. Throws `already_exists`, unless `ifNotExists`. */
  create(spec: TableSpec, options: TableCallOptions & { id?: string; ifNotExists?: boolean } = {}): Promise<Table> {
    const { clock, newId } = this.#options
    const id = options.id ?? newId()
    return this.#inTransaction(options, async (tx) => {
      await this.#changes.settle(tx, id)
      const existing = await findDefinition(tx, id)
      if (existing !== undefined && options.ifNotExists === true) return toTable(existing)
      if (existing !== undefined) throw new AppError('already_exists', 'the table exists already')
      const { limits } = this.#runner
      const base = { id, nowMs: clock(), limits }
      const definition = await toDefinition(spec, base, () => newColumnId(tx, this.#database, id))
      await this.#changes.create(tx, definition)
      return toTable(definition)
    })
  }

  /**
   * Changes a table in one atomic change. Throws `conflict` when values that are there do not fit; then nothing has
   * changed. A new required column without a default gets the zero of its type in the rows that are there.
   */
  alter(id: string, steps: readonly AlterStep[], options: TableCallOptions = {}): Promise<Table> {
    const { limits } = this.#runner
    return this.#inTransaction(options, async (tx) => {
      const before = await getDefinition(tx, id, { lock: true })
      await this.#changes.settle(tx, id)
      const stages = await altered(before, steps, {
        limits,
        newColumnId: () => newColumnId(tx, this.#database, id),
      })
      const last = stages.at(-1) ?? before
      const next = { ...last, version: before.version + 1, updatedAtMs: this.#options.clock() }
      await this.#changes.alter(tx, before, stages, next)
      return toTable(next)
    })
  }

  /** Removes a table and its rows. Throws `not_found`, unless `ifExists`. */
  drop(id: string, options: TableCallOptions & { ifExists?: boolean } = {}): Promise<void> {
    return this.#inTransaction(options, async (tx) => {
      const find = options.ifExists === true ? findDefinition : getDefinition
      const definition = await find(tx, id, { lock: true })
      if (definition === undefined) return
      await this.#changes.settle(tx, id)
      await this.#changes.drop(tx, definition)
    })
  }

  /** The table as it is, or undefined. */
  async describe(id: string, options: { tx?: Tx } = {}): Promise<Table | undefined> {
    const definition = await findDefinition(options.tx ?? this.#database.db, id)
    if (definition !== undefined) await this.#changes.settle(options.tx ?? this.#database.db, id)
    return definition && toTable(definition)
  }

  /**
   * Adds rows, all or none. Columns that a row leaves out get their defaults. Throws `already_exists` for a value that
   * must be unique, and names the column, and mostly the row, of a value that does not fit.
   */
  insert(id: string, rows: readonly RowInput[], options: TableCallOptions = {}): Promise<{ affected: number }> {
    return this.#inTransaction(options, async (tx) => {
      const context = this.#runner.context(await this.#runner.definition(tx, id))
      const columns = namedColumns(rows, context)
      const read = rowReader(columns, rows, this.#options.clock())
      const stored = rows.values().map((row, position) => read(row, position))
      await this.#runner.told(context.definition, () => insertRows(tx, columns, stored, context))
      return { affected: rows.length }
    })
  }

  /**
   * Adds rows and changes those that are there: the same in `keys`, the primary key when they are not given. Of rows
   * with the same key in one call the last counts. Key columns must have values, except one that counts by itself.
   */
  upsert(
    id: string,
    rows: readonly RowInput[],
    options: TableCallOptions & { keys?: readonly string[] } = {},
  ): Promise<UpsertResult> {
    return this.#inTransaction(options, async (tx) => {
      const context = this.#runner.context(await this.#runner.definition(tx, id))
      const how = { keys: options.keys, nowMs: this.#options.clock() }
      return this.#runner.told(context.definition, () => upsertRows(tx, rows, how, context))
    })
  }

  /** Changes the rows of `where`, with `limit` the first of them by primary key. `affected` counts rows that match. */
  update(
    id: string,
    set: RowInput,
    where: Where,
    options: TableCallOptions & { limit?: number } = {},
  ): Promise<{ affected: number }> {
    const limit = writeLimit(options.limit)
    return this.#runner.write(id, 'update', options, (context) => updateSql(set, where, limit, context))
  }

  /** Removes the rows of `where`, with `limit` the first of them by primary key. */
  delete(id: string, where: Where, options: TableCallOptions & { limit?: number } = {}): Promise<{ affected: number }> {
    const limit = writeLimit(options.limit)
    return this.#runner.write(id, 'delete', options, (context) => deleteSql(where, limit, context))
  }

  /** A page of rows, ordered by primary key unless `orderBy` says otherwise, and how many there are. */
  async select(id: string, query: SelectQuery = {}, options: TableCallOptions = {}): Promise<SelectResult> {
    const { resultRows } = this.#runner.limits
    const limit = count('limit', query.limit ?? resultRows, resultRows)
    const where = query.where === undefined ? 'all_rows' : query.where
    const offset = count('offset', query.offset ?? 0, Number.MAX_SAFE_INTEGER)
    return this.#runner.steady(id, options, async (context) => {
      const columns = selectedColumns(query.columns, context.definition)
      const page = selectSql(columns, { ...query, where, limit, offset }, context)
      const width = columns.length
      const found =
        limit === 0 ? { rows: [], truncated: false } : await this.#runner.read(page, width, context, options)
      const shown = found.rows.length
      const isEnd = !found.truncated && shown < limit && (shown > 0 || offset === 0)
      const total = isEnd ? offset + shown : await this.#runner.count(where, context, options)
      const rows = found.rows.map((row) =>
        Object.fromEntries(columns.map(({ name, type }, i) => [name, fromStored(type, row[i] ?? null)])),
      )
      const isCut = query.limit === undefined && offset + shown < total
      return { columns: columns.map(({ name }) => name), rows, total, truncated: found.truncated || isCut }
    })
  }

  /**
   * Runs one statement that was rewritten to the engine's names (`sqlNamesOf`) and holds its owner filter already: see
   * `ExecuteRequest`. It reaches the given tables and harmless functions only; what it may do beyond reading `allow`
   * says. It never takes part in a transaction. Integers come back as `bigint`; booleans, JSON and names as their owner
   * knows them. Throws `permission_denied`, `invalid_argument` for SQL that is wrong (in the owner's names),
   * `deadline_exceeded` after `timeoutMs`, and what writes throw.
   */
  async execute(request: ExecuteRequest, options: { signal?: AbortSignal } = {}): Promise<ExecuteResult> {
    const ids = [...new Set(request.tables)]
    const definitions = await Promise.all(ids.map((id) => this.#runner.definition(this.#database.db, id)))
    const { parser } = this.#options
    const { dialect, limits } = this.#runner
    const context = { database: this.#database, dialect, limits, parser }
    return this.#runner.told(definitions, () => executeStatement(request, definitions, context, options.signal))
  }

  async #inTransaction<T>({ tx, signal }: TableCallOptions, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (tx !== undefined) {
      const undo = this.#database.endMark(tx)
      try {
        return await savepoint(tx, work)
      } catch (err) {
        undo()
        throw err
      }
    }
    return this.#database.transaction(work, signal === undefined ? {} : { signal })
  }
}

function count(what: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw new AppError('out_of_range', `"${what}" takes whole numbers from 0 to ${max}`)
}

const writeLimit = (limit: number | undefined): number | undefined =>
  limit === undefined ? undefined : count('limit', limit, Number.MAX_SAFE_INTEGER)
