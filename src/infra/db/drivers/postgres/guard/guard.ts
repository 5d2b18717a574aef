import type { FieldDef, QueryResult } from 'pg'
import { AppError } from '../../../../../base/errors.ts'
import type { GuardedResult, GuardedStatement, SqlValue } from '../../../driver.ts'
import { isServerError } from '../errors.ts'
import { type Connection, type Pools, single, streamOf } from '../pools.ts'
import { analyse, checkGrants, isWrite, type Needs } from './analysis.ts'

const MAX_KNOWN = 500
/** Longer texts are one-off statements; keeping them would only hold memory. */
const MAX_KNOWN_LENGTH = 20_000
/** Of the first answer; the next ones are of about this size. */
const FIRST_ROWS = 200
const FETCH_BYTES = 512 * 1024
const MAX_ROWS_PER_FETCH = 5_000
/** What one answer of the server may be larger than the result: a value has at most 16 MiB. */
const SLACK_BYTES = 16 * 1024 ** 2
/** How long a statement that was canceled may go on before its connection is cut. */
const CANCEL_MS = 1_000
/** How much longer than the server this process waits. */
const GRACE_MS = 250

type Rows = Omit<QueryResult, 'rows'> & { rows: SqlValue[][] }
type Origin = { table: string; column: string }

/**
 * Statements from outside, on connections of their own. The server's own tree of the statement says which tables and
 * functions it reaches (see analysis.ts); reads run in a read-only transaction through a cursor.
 */
export class PostgresGuard {
  readonly #pools: Pools
  readonly #schema: string
  readonly #known = new Map<string, Needs>()
  readonly #origins = new Map<string, Origin>()
  #running = 0

  constructor(pools: Pools, schema: string) {
    this.#pools = pools
    this.#schema = schema
  }

  get running(): number {
    return this.#running
  }

  async run(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    return this.#pools.use('guarded', async (client) => {
      const watch = new Watch(client, this.#pools, statement, signal)
      this.#running++
      try {
        const needs = await this.#needsOf(client, statement)
        checkGrants(needs, statement.tables)
        return await this.#inTransaction(client, statement, isWrite(needs))
      } catch (err) {
        throw watch.reason ?? refusal(err, statement)
      } finally {
        this.#running--
        await watch.end()
      }
    })
  }

  async #needsOf(client: Connection, statement: GuardedStatement): Promise<Needs> {
    const { sql } = statement
    const known = this.#known.get(sql)
    if (known !== undefined) {
      this.#known.delete(sql)
      this.#known.set(sql, known)
      return known
    }
    const needs = await analyse(client, statement, this.#schema)
    if (sql.length > MAX_KNOWN_LENGTH) return needs
    this.#known.set(sql, needs)
    const oldest = this.#known.keys().next()
    if (this.#known.size > MAX_KNOWN && oldest.done !== true) this.#known.delete(oldest.value)
    return needs
  }

  async #inTransaction(client: Connection, statement: GuardedStatement, writes: boolean): Promise<GuardedResult> {
    const limit = Math.ceil(statement.timeoutMs)
    const settings = `set local statement_timeout = ${limit}; set local lock_timeout = ${limit}; set local cursor_tuple_fraction = 1`
    await client.query(`begin ${writes ? '' : 'read only'}; ${settings}`)
    try {
      const result = writes ? await this.#write(client, statement) : await this.#read(client, statement)
      const { command } = await client.query('commit')
      if (command === 'ROLLBACK') throw new AppError('internal', 'the statement was undone')
      return result
    } catch (err) {
      await client.query('rollback').catch(() => undefined)
      throw err
    }
  }

  async #write(client: Connection, { sql, parameters, maxRows, maxBytes }: GuardedStatement): Promise<GuardedResult> {
    const found = await query(client, sql, parameters)
    const kept = new Kept(maxRows, maxBytes)
    kept.add(found.rows)
    const columns = await this.#columns(client, found.fields)
    return { columns, rows: kept.rows, affected: found.rowCount ?? 0, truncated: kept.truncated }
  }

  async #read(client: Connection, { sql, parameters, maxRows, maxBytes }: GuardedStatement): Promise<GuardedResult> {
    await query(client, `declare guarded no scroll cursor for ${sql}`, parameters)
    const kept = new Kept(maxRows, maxBytes)
    let fields: FieldDef[] = []
    for (;;) {
      const count = Math.min(kept.nextRows, maxRows + 1 - kept.rows.length)
      const found = await query(client, `fetch forward ${count} from guarded`, [])
      fields = found.fields
      kept.add(found.rows)
      if (kept.truncated || found.rows.length < count) break
    }
    return { columns: await this.#columns(client, fields), rows: kept.rows, affected: 0, truncated: kept.truncated }
  }

  /** Numbers of tables are never used again, and ours never rename a column. */
  async #columns(client: Connection, fields: readonly FieldDef[]): Promise<GuardedResult['columns']> {
    const keyOf = ({ tableID, columnID }: FieldDef) => `${tableID} ${columnID}`
    const missing = fields.filter((field) => field.tableID > 0 && !this.#origins.has(keyOf(field)))
    if (missing.length > 0) {
      if (this.#origins.size > 10_000) this.#origins.clear()
      const { rows } = await client.query<Origin & { key: string }>(
        `select attrelid || ' ' || attnum as key, relname as "table", attname as "column" from pg_catalog.pg_attribute
          join pg_catalog.pg_class c on c.oid = attrelid where attrelid = any($1)`,
        [[...new Set(missing.map(({ tableID }) => tableID))]],
      )
      for (const { key, table, column } of rows) this.#origins.set(key, { table, column })
    }
    return fields.map((field) => {
      const origin = this.#origins.get(keyOf(field))
      return { name: field.name, table: origin?.table ?? null, column: origin?.column ?? null }
    })
  }
}

function query(client: Connection, text: string, values: readonly SqlValue[]): Promise<Rows> {
  return single(client, text, values, { rowMode: 'array' }) as Promise<unknown> as Promise<Rows>
}

class Kept {
  readonly rows: SqlValue[][] = []
  readonly #maxRows: number
  #bytesLeft: number
  readonly #maxBytes: number
  truncated = false

  constructor(maxRows: number, maxBytes: number) {
    this.#maxRows = maxRows
    this.#maxBytes = maxBytes
    this.#bytesLeft = maxBytes
  }

  /** How many rows to ask for next. */
  get nextRows(): number {
    const count = this.rows.length
    if (count === 0) return FIRST_ROWS
    const perRow = Math.max(1, (this.#maxBytes - this.#bytesLeft) / count)
    return Math.min(MAX_ROWS_PER_FETCH, Math.max(10, Math.floor(FETCH_BYTES / perRow)))
  }

  add(rows: readonly SqlValue[][]): void {
    for (const row of rows) {
      this.#bytesLeft -= row.reduce<number>((sum, value) => sum + sizeOf(value), 0)
      this.truncated ||= this.rows.length >= this.#maxRows || this.#bytesLeft < 0
      if (this.truncated) return
      this.rows.push(row)
    }
  }
}

const sizeOf = (value: SqlValue): number =>
  typeof value === 'string' || value instanceof Uint8Array ? value.length : 8

/** Stops the statement when its time is over, its caller leaves or its answer grows beyond what memory may hold. */
class Watch {
  reason: AppError | undefined
  readonly #client: Connection
  readonly #pools: Pools
  readonly #stream: ReturnType<typeof streamOf>
  readonly #timer: NodeJS.Timeout
  readonly #signal: AbortSignal | undefined
  readonly #maxBytes: number
  readonly #startBytes: number
  #cut: NodeJS.Timeout | undefined
  #canceling: Promise<unknown> | undefined
  readonly #isCut = Promise.withResolvers<void>()

  constructor(client: Connection, pools: Pools, statement: GuardedStatement, signal: AbortSignal | undefined) {
    const { timeoutMs, maxBytes } = statement
    this.#client = client
    this.#pools = pools
    this.#signal = signal
    this.#stream = streamOf(client)
    this.#startBytes = this.#stream.bytesRead
    this.#maxBytes = 2 * maxBytes + SLACK_BYTES
    this.#stream.on('data', this.#onData)
    this.#timer = setTimeout(() => {
      this.#stop(
        new AppError('deadline_exceeded', `the statement took longer than ${timeoutMs / 1000} s and was stopped`),
      )
    }, timeoutMs + GRACE_MS)
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (signal?.aborted) this.#onAbort()
  }

  /** Waits for a cancellation under way, so that it can't hit the next statement of the connection. */
  async end(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.race([this.#canceling, this.#isCut.promise])
    clearTimeout(this.#cut)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#stream.off('data', this.#onData)
  }

  readonly #onAbort = (): void => {
    this.#stop(new AppError('canceled', 'the call was canceled', { cause: this.#signal?.reason }))
  }

  readonly #onData = (): void => {
    if (this.#stream.bytesRead - this.#startBytes <= this.#maxBytes) return
    this.reason ??= new AppError('resource_exhausted', 'the statement gives more than one result may hold')
    this.#stream.destroy()
  }

  #stop(reason: AppError): void {
    this.reason ??= reason
    this.#cut ??= setTimeout(() => {
      this.#stream.destroy()
      this.#isCut.resolve()
    }, CANCEL_MS)
    const { processID } = this.#client as unknown as { processID: number }
    this.#canceling ??= this.#pools
      .use('statements', (client) => client.query('select pg_catalog.pg_cancel_backend($1)', [processID]))
      .catch(() => undefined)
  }
}

/** The server's words, in the terms of the guard. */
function refusal(err: unknown, { sql, timeoutMs }: GuardedStatement): unknown {
  if (!isServerError(err)) return err
  switch (err.code) {
    case '57014':
      return new AppError('deadline_exceeded', `the statement took longer than ${timeoutMs / 1000} s and was stopped`, {
        cause: err,
      })
    case '25006':
    case '42501':
    case '0A000': // not supported: what a cursor and a function's body do not take
      return new AppError('permission_denied', 'the statement does more than read and write rows', { cause: err })
    case '54000':
    case '54001':
    case '54011':
      return new AppError('invalid_argument', 'the statement is too complex', { cause: err })
    default:
      return Object.assign(err, { statement: sql })
  }
}
