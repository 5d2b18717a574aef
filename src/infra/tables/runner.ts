import type { RawBuilder } from 'kysely'
import type { Database, Db, Tx } from '../db/db.ts'
import { savepoint } from '../db/db.ts'
import type { GuardedWrite, SqlValue } from '../db/driver.ts'
import { getDefinition } from './catalogue.ts'
import type { SchemaChanges } from './changes.ts'
import type { Definition } from './definition.ts'
import type { TableDialect } from './dialect.ts'
import { translated } from './errors.ts'
import type { TableLimits } from './limits.ts'
import { physicalTable } from './names.ts'
import { countSql, labelOf, type StatementContext } from './statements.ts'
import type { Where } from './types.ts'

export type RunOptions = { tx?: Tx; signal?: AbortSignal }
type Query = RawBuilder<unknown>

/**
 * Runs the statements that are made from conditions: in the caller's transaction, or else under guard, where they can
 * take as long as they may without keeping anything else from working.
 */
export class Runner {
  readonly dialect: TableDialect
  readonly limits: TableLimits
  readonly #database: Database

  readonly #changes: SchemaChanges

  constructor(options: { database: Database; dialect: TableDialect; limits: TableLimits; changes: SchemaChanges }) {
    this.#database = options.database
    this.dialect = options.dialect
    this.limits = options.limits
    this.#changes = options.changes
  }

  /** The definition by which the table can be read and written now. Throws `not_found`. */
  async definition(db: Db | Tx, id: string): Promise<Definition> {
    for (;;) {
      const found = await getDefinition(db, id)
      if (!(await this.#changes.settle(db, id))) return found
    }
  }

  context(definition: Definition): StatementContext {
    return { definition, dialect: this.dialect, limits: this.limits }
  }

  /** Lets errors speak the owner's names. */
  async told<T>(definitions: Definition | readonly Definition[], work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (err) {
      throw translated(err, this.dialect, [definitions].flat())
    }
  }

  /** Outside of a transaction the definition may change between its reading and the statement: then once more. */
  async steady<T>(id: string, { tx }: RunOptions, work: (context: StatementContext) => Promise<T>): Promise<T> {
    const db = tx ?? this.#database.db
    const before = await this.definition(db, id)
    try {
      return await this.told(before, () => work(this.context(before)))
    } catch (err) {
      const now = await this.definition(db, id)
      if (now.version === before.version) throw err
      return this.told(now, () => work(this.context(now)))
    }
  }

  /** Rows of a query whose columns are labelled by `labelOf`. */
  async read(query: Query, width: number, context: StatementContext, options: RunOptions) {
    if (options.tx === undefined) return this.#guarded(query, [], context, options)
    const { rows } = await query.execute(options.tx)
    const labels = Array.from({ length: width }, (_, i) => labelOf(i))
    const values = (row: unknown) => labels.map((label) => (row as Record<string, SqlValue>)[label] ?? null)
    return { rows: rows.map(values), truncated: false }
  }

  async count(where: Where, context: StatementContext, options: RunOptions): Promise<number> {
    const { rows } = await this.read(countSql(where, context), 1, context, options)
    return Number(rows[0]?.[0] ?? 0)
  }

  write(
    id: string,
    grant: GuardedWrite,
    options: RunOptions,
    statement: (context: StatementContext) => Query,
  ): Promise<{ affected: number }> {
    const { tx } = options
    return this.steady(id, options, async (context) => {
      const query = statement(context)
      if (tx === undefined) return { affected: (await this.#guarded(query, [grant], context, options)).affected }
      const { numAffectedRows } = await savepoint(tx, (inner) => query.execute(inner))
      return { affected: Number(numAffectedRows ?? 0) }
    })
  }

  #guarded(query: Query, grants: GuardedWrite[], { definition }: StatementContext, { signal }: RunOptions) {
    const { sql, parameters } = query.compile(this.#database.db)
    const { resultRows: maxRows, resultBytes: maxBytes, timeoutMs } = this.limits
    const tables = { [physicalTable(definition.id)]: grants }
    const statement = { sql, parameters: parameters as SqlValue[], tables, maxRows, maxBytes, timeoutMs }
    return this.#database.guarded(statement, signal === undefined ? {} : { signal })
  }
}
