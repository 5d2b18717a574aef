import type { FieldPacket, ResultSetHeader } from 'mysql2'
import { AppError } from '../../../../../base/errors.ts'
import type { GuardedResult, GuardedStatement, SqlValue } from '../../../driver.ts'
import { isMysqlError } from '../errors.ts'
import type { MysqlHandle } from '../handle.ts'
import { Connections, type MysqlSettings } from '../server.ts'
import { bind, readerOf } from '../text.ts'
import { type Admitted, Rules } from './rules.ts'

/** Statements of strangers at one time; others wait within their time limit. */
const CONNECTIONS = 4
/** When the server does not stop a statement by then, its connection is cut. */
const KILL_WAIT_MS = 2_000

type Found = Pick<GuardedResult, 'columns' | 'rows' | 'truncated'> & { header: ResultSetHeader | undefined }

/**
 * Statements from outside: on connections of their own, each in a transaction of its own (read-only unless it may
 * write), ended by the server and by KILL from another connection when their time is over.
 */
export class MysqlGuard {
  readonly #connections: Connections
  readonly #others: Connections
  readonly #stopping = new Set<Promise<void>>()
  #rules: Promise<Rules> | undefined
  #running = 0

  constructor(settings: MysqlSettings, others: Connections) {
    this.#connections = new Connections(settings, CONNECTIONS)
    this.#others = others
  }

  get running(): number {
    return this.#running
  }

  async close(): Promise<void> {
    await Promise.all(this.#stopping)
    await this.#connections.close()
  }

  async run(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    this.#rules ??= Rules.load()
    const admitted = (await this.#rules).admit(statement)
    const limit = new Limit(statement.timeoutMs, signal)
    this.#running++
    try {
      return await this.#within(statement, admitted, limit)
    } finally {
      this.#running--
      limit.end()
    }
  }

  async #within(statement: GuardedStatement, admitted: Admitted, limit: Limit): Promise<GuardedResult> {
    const taking = this.#connections.take()
    const handle = await Promise.race([taking, limit.over]).catch((err) => {
      void taking.then((late) => late.release()).catch(() => undefined)
      throw err
    })
    const stop = () => this.#stop(handle)
    try {
      limit.whenOver(stop)
      return await Promise.race([this.#transaction(handle, statement, admitted), limit.over])
    } catch (err) {
      // a read that was kept too long ends with 1317 and kin; what the limit says explains more
      throw limit.reason ?? err
    } finally {
      if (limit.reason === undefined) handle.release()
    }
  }

  async #transaction(handle: MysqlHandle, statement: GuardedStatement, admitted: Admitted): Promise<GuardedResult> {
    const { maxRows, timeoutMs } = statement
    const limits =
      this.#connections.flavour === 'mariadb'
        ? `max_statement_time = ${timeoutMs / 1000 + 1}, max_recursive_iterations = 4294967295`
        : `max_execution_time = ${timeoutMs + 1000}, cte_max_recursion_depth = 4294967295`
    await handle.ask(`SET SESSION sql_select_limit = ${admitted.isWrite ? 'DEFAULT' : maxRows + 1}, ${limits}`)
    await handle.ask(`START TRANSACTION ${admitted.isWrite ? 'READ WRITE' : 'READ ONLY'}`)
    try {
      const { header, ...found } = await this.#read(handle, bind(admitted.sql, statement.parameters), statement)
      if (!handle.isBroken) await handle.ask('COMMIT')
      return { ...found, affected: header === undefined ? 0 : written(header, admitted) }
    } catch (err) {
      if (!handle.isBroken) await handle.ask('ROLLBACK').catch(() => handle.spoil())
      throw err
    }
  }

  /** Rows as they come, until a limit is reached; then the rest is cut off. */
  #read(handle: MysqlHandle, sql: string, { maxRows, maxBytes }: GuardedStatement): Promise<Found> {
    return new Promise((resolve, reject) => {
      const query = handle.raw.query({ sql, rowsAsArray: true })
      let columns: GuardedResult['columns'] = []
      let readers: ((value: unknown) => unknown)[] = []
      let header: ResultSetHeader | undefined
      const rows: SqlValue[][] = []
      let bytes = 0
      let truncated = false
      query.on('fields', (fields: FieldPacket[] | undefined) => {
        columns = (fields ?? []).map((field) => this.#column(field))
        readers = (fields ?? []).map((field) => readerOf(field, true))
      })
      query.on('result', (row: unknown[] | ResultSetHeader) => {
        if (!Array.isArray(row)) header = row
        else if (!truncated) {
          const values = row.map((value, i) => (readers[i]?.(value) ?? null) as SqlValue)
          bytes += sizeOf(values)
          truncated = rows.length >= maxRows || bytes > maxBytes
          if (!truncated) rows.push(values)
        } else if (!handle.isBroken) {
          // more than the one row beyond the limit, which the server knows unless the statement has its own
          this.#stop(handle)
          resolve({ columns, rows, truncated, header })
        }
      })
      query.on('error', (err: unknown) => {
        if (isMysqlError(err)) delete err.sql
        if (truncated) resolve({ columns, rows, truncated, header })
        else reject(err)
      })
      query.on('end', () => resolve({ columns, rows, truncated, header }))
    })
  }

  #column({ name, orgTable, orgName, schema, db }: FieldPacket): GuardedResult['columns'][number] {
    const isOwn = orgTable !== '' && orgName !== '' && (schema ?? db) === this.#connections.settings.database
    return { name, table: isOwn ? orgTable : null, column: isOwn ? orgName : null }
  }

  /** Ends what a connection is doing, and the connection: nobody knows where a KILL that comes late would strike. */
  #stop(handle: MysqlHandle): void {
    if (handle.isBroken) return
    handle.spoil()
    const stopping = this.#cut(handle).finally(() => this.#stopping.delete(stopping))
    this.#stopping.add(stopping)
  }

  async #cut(handle: MysqlHandle): Promise<void> {
    const cut = setTimeout(() => handle.raw.destroy(), KILL_WAIT_MS)
    try {
      await this.#others.with((other) => other.ask(`KILL CONNECTION ${handle.raw.threadId}`))
    } catch {
      // the statement has ended by itself, or the server has
    } finally {
      clearTimeout(cut)
      handle.raw.destroy()
    }
  }
}

/** The server counts a row that was replaced or updated in place of an insert twice. */
function written({ affectedRows, info }: ResultSetHeader, { replaces, rows }: Admitted): number {
  if (!replaces) return affectedRows
  const records = /Records: (\d+)/.exec(info ?? '')?.[1]
  return records === undefined ? (rows ?? affectedRows) : Number(records)
}

function sizeOf(values: readonly SqlValue[]): number {
  let bytes = 0
  for (const value of values) {
    if (typeof value === 'string') bytes += Buffer.byteLength(value)
    else bytes += value instanceof Uint8Array ? value.length : 8
  }
  return bytes
}

/** How long a statement may take, and whether its caller still waits. */
class Limit {
  readonly over: Promise<never>
  reason: AppError | undefined
  readonly #timer: NodeJS.Timeout
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: () => void
  #then: (() => void) | undefined

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    this.over = promise
    const end = (reason: AppError) => {
      this.reason ??= reason
      reject(this.reason)
      this.#then?.()
    }
    this.#timer = setTimeout(() => {
      end(new AppError('deadline_exceeded', `the statement took longer than ${timeoutMs} ms and was stopped`))
    }, timeoutMs)
    this.#onAbort = () => end(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
    this.#signal = signal
    if (signal?.aborted) this.#onAbort()
    signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  whenOver(then: () => void): void {
    this.#then = then
    if (this.reason !== undefined) then()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#then = undefined
  }
}
