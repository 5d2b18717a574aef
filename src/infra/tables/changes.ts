import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { Database, Db, Tx } from '../db/db.ts'
import type { Json } from '../db/schema.ts'
import { type CatalogueRows, readRows, removeDefinition, restoreRows, saveDefinition } from './catalogue.ts'
import { runDdl } from './ddl.ts'
import type { Definition } from './definition.ts'
import type { TableDialect } from './dialect.ts'
import { translated } from './errors.ts'
import { physicalTable } from './names.ts'

/** One statement that changes the schema, and what the catalogue said before. */
type Step = { sql: string; rows: CatalogueRows | null }

/** How long a change may be on its way before somebody else takes it for left behind. */
const LEFT_MS = 60_000
const WAIT_MS = 15_000
const ATTEMPTS = 4

/**
 * Changes tables and their catalogue together. Where the database can undo changes of the schema, both are one
 * transaction. MySQL cannot: there a table is made beside the transaction, in which nobody else knows it yet; a change
 * or a removal is checked and noted in it, and done when it has been committed. Until it is done, everybody waits who
 * asks for the table. A process that dies in between leaves the note, and the next one who asks does it.
 */
export class SchemaChanges {
  readonly #database: Database
  readonly #dialect: TableDialect
  readonly #clock: Clock
  readonly #isTransactional: boolean
  /** Tables whose change waits for the end of these transactions. */
  readonly #changed = new WeakMap<Tx, Set<string>>()

  constructor(options: { database: Database; dialect: TableDialect; clock: Clock }) {
    this.#database = options.database
    this.#dialect = options.dialect
    this.#clock = options.clock
    this.#isTransactional = options.database.features.has('ddl.transactional')
  }

  /** Saves a definition and makes its table. */
  async create(tx: Tx, definition: Definition): Promise<void> {
    const dialect = this.#dialect
    const statements = dialect.create(definition)
    await saveDefinition(tx, definition)
    if (this.#isTransactional) return runDdl(tx, statements, dialect, definition)
    this.#database.onEnd(tx, {
      undone: async () => {
        const { db } = this.#database
        const kept = await db.selectFrom('user_table').select('id').where('id', '=', definition.id).executeTakeFirst()
        if (kept === undefined) for (const text of dialect.drop(definition)) await sql.raw(text).execute(db)
      },
    })
    // what an earlier attempt has left
    const all = [...dialect.drop(definition), ...statements]
    await this.#database.beside((db) => runDdl(db, all, dialect, definition))
  }

  /** Leads a table from stage to stage. Throws `conflict` when its rows do not fit, and then nothing has changed. */
  async alter(tx: Tx, before: Definition, stages: readonly Definition[], next: Definition): Promise<void> {
    const dialect = this.#dialect
    const rows = this.#isTransactional ? null : await readRows(tx, before.id)
    const steps: Step[] = []
    let last = before
    const ids = new Set(before.columns.map(({ id }) => id))
    // columns that an earlier stage adds are not there yet, and have values that fit
    const there = (stage: Definition) => ({ ...stage, columns: stage.columns.filter(({ id }) => ids.has(id)) })
    for (const stage of stages) {
      const statements = dialect.alter(last, stage)
      if (this.#isTransactional) await runDdl(tx, statements, dialect, stage)
      else {
        await this.#prepare(tx, there(last), stage)
        steps.push(...statements.map((text) => ({ sql: text, rows })))
      }
      last = stage
    }
    await saveDefinition(tx, next)
    if (steps.length > 0) await this.#note(tx, next, steps)
  }

  /** Removes a table and its definition. */
  async drop(tx: Tx, definition: Definition): Promise<void> {
    const statements = this.#dialect.drop(definition)
    if (this.#isTransactional) await runDdl(tx, statements, this.#dialect, definition)
    await removeDefinition(tx, definition.id)
    if (this.#isTransactional) return
    await this.#note(
      tx,
      definition,
      statements.map((text) => ({ sql: text, rows: null })),
    )
  }

  /** Waits until a table is as the catalogue says; whether it had to. */
  async settle(db: Db | Tx, id: string): Promise<boolean> {
    if (this.#isTransactional) return false
    physicalTable(id)
    if (this.#changed.get(db as Tx)?.has(id) === true)
      throw new AppError('failed_precondition', 'a table that was changed can be used when the transaction has ended')
    const endMs = performance.now() + WAIT_MS
    let waited = false
    for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 200)) {
      const query = db.selectFrom('user_table_change').select('created_at_ms').where('table_id', '=', id)
      const found = await query.executeTakeFirst()
      if (found === undefined) return waited
      waited = true
      if (found.created_at_ms + LEFT_MS < this.#clock()) await this.#database.beside(() => this.#finish(id, true))
      else if (performance.now() > endMs) throw new AppError('busy', 'the table is being changed; try again')
      else await sleep(waitMs)
    }
  }

  async #prepare(tx: Tx, before: Definition, after: Definition): Promise<void> {
    const { checks = [], rewrites = [] } = this.#dialect.prepare?.(before, after) ?? {}
    for (const { sql: text, complaint } of checks) {
      const { rows } = await sql.raw(text).execute(tx)
      if (rows.length === 0) continue
      const cause = new Error('rows do not fit')
      const told = translated(
        new AppError('conflict', '', { cause }),
        { ...this.#dialect, complaintOf: () => complaint },
        [after],
      ) as AppError
      throw new AppError('conflict', `the rows of the table do not fit: ${told.message}`, { details: told.details })
    }
    for (const text of rewrites) await sql.raw(text).execute(tx)
  }

  async #note(tx: Tx, { id }: Definition, steps: readonly Step[]): Promise<void> {
    const row = { table_id: id, steps_json: steps as unknown as Json, created_at_ms: this.#clock() }
    await tx.insertInto('user_table_change').values(row).execute()
    const changed = this.#changed.get(tx) ?? new Set()
    this.#changed.set(tx, changed.add(id))
    this.#database.onEnd(tx, { committed: () => this.#finish(id, false) })
  }

  /** Does what was noted. `again`: what is done already may have been done before. */
  async #finish(id: string, again: boolean): Promise<void> {
    const { db } = this.#database
    const read = () => db.selectFrom('user_table_change').select('steps_json').where('table_id', '=', id)
    const steps = (await read().executeTakeFirst())?.steps_json as unknown as Step[] | undefined
    if (steps === undefined) return
    let done = 0
    try {
      for (const { sql: text } of steps) {
        await this.#patiently(text, again)
        done++
      }
    } catch (err) {
      const rows = steps[done]?.rows
      // the first statement is the change, and nothing of it is done; the others only tidy up
      if (done > 0 || rows === undefined || rows === null || !isRefusal(err)) throw err
      await this.#database.transaction(async (tx) => {
        await restoreRows(tx, id, rows)
        await tx.deleteFrom('user_table_change').where('table_id', '=', id).execute()
      })
      throw new AppError('conflict', 'the rows of the table have changed meanwhile and do not fit', { cause: err })
    }
    await db.deleteFrom('user_table_change').where('table_id', '=', id).execute()
  }

  /** Others may be using the table, each for a while. */
  async #patiently(text: string, again: boolean): Promise<void> {
    for (let attempt = 1; ; attempt++)
      try {
        await sql.raw(text).execute(this.#database.db)
        return
      } catch (err) {
        if (again && this.#isDone(err)) return
        if (attempt === ATTEMPTS || !(err instanceof AppError) || err.code !== 'busy') throw err
      }
  }

  #isDone(err: unknown): boolean {
    return err instanceof AppError && this.#dialect.isDone?.(err.cause) === true
  }
}

/** Whether the engine has looked at the change and will not do it, now or later. */
const isRefusal = (err: unknown): boolean =>
  err instanceof AppError && !['unavailable', 'deadline_exceeded', 'busy', 'closed', 'canceled'].includes(err.code)
