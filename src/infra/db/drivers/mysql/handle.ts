import type { QueryResult } from 'kysely'
import type { FieldPacket, PoolConnection, ResultSetHeader } from 'mysql2'
import { AppError } from '../../../../base/errors.ts'
import type { SqlValue } from '../../driver.ts'
import { isLost, isMysqlError } from './errors.ts'
import { bind, readerOf } from './text.ts'

/** What a statement gave: rows as arrays with their fields, or only counts. */
export type Answer = { rows: unknown[][]; fields: readonly FieldPacket[]; header: ResultSetHeader | undefined }

/** A lost answer is told this long after the server should have given up by itself. */
const GRACE_MS = 5_000
const SCHEMA_CHANGE = /^\s*(?:set statement \S+ for )?(create|drop|alter|rename|truncate|optimize|analyze)\b/i

export const changesSchema = (text: string): boolean => SCHEMA_CHANGE.test(text)

/** Statements hold values, and errors are logged with their causes. */
function cleaned(err: unknown): unknown {
  if (isMysqlError(err)) delete err.sql
  return err
}

const asObjects = <R>(rows: readonly unknown[][], fields: readonly FieldPacket[]): R[] => {
  const columns = fields.map((field) => [field.name, readerOf(field, false)] as const)
  return rows.map((row) => {
    const out: Record<string, unknown> = {}
    for (const [i, [name, read]] of columns.entries()) out[name] = read(row[i])
    return out as R
  })
}

/** One connection out of a pool, until it is given back. */
export class MysqlHandle {
  readonly raw: PoolConnection
  readonly #timeoutMs: number
  #isBroken = false

  constructor(raw: PoolConnection, options: { statementTimeoutMs: number }) {
    this.raw = raw
    this.#timeoutMs = options.statementTimeoutMs + GRACE_MS
  }

  /** The connection is not given to anybody else. */
  spoil(): void {
    this.#isBroken = true
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Gives the connection back, or ends it when it is of no more use. */
  release(): void {
    if (this.#isBroken) this.raw.destroy()
    else this.raw.release()
  }

  /** Runs a statement as it is. Changes of the schema take as long as they take. */
  ask(text: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (err: unknown) => {
        if (isLost(err)) this.spoil()
        reject(cleaned(err))
      }
      const late = () => {
        this.spoil()
        this.raw.destroy()
        reject(new AppError('deadline_exceeded', 'the database server did not answer in time'))
      }
      const timer = changesSchema(text) ? undefined : setTimeout(late, this.#timeoutMs)
      timer?.unref()
      this.raw.query({ sql: text, rowsAsArray: true }, (err, result, fields) => {
        clearTimeout(timer)
        if (err !== null) return fail(err)
        if (Array.isArray(result)) resolve({ rows: result as unknown[][], fields: fields ?? [], header: undefined })
        else resolve({ rows: [], fields: [], header: result as ResultSetHeader })
      })
    })
  }

  async run<R>(text: string, parameters: readonly SqlValue[]): Promise<QueryResult<R>> {
    const { rows, fields, header } = await this.ask(bind(text, parameters))
    if (header === undefined) return { rows: asObjects<R>(rows, fields) }
    const result = { rows: [], numAffectedRows: BigInt(header.affectedRows) }
    return header.insertId === 0 ? result : { ...result, insertId: BigInt(header.insertId) }
  }

  /** Rows some at a time, as fast as they are taken. Who leaves early must not use the connection again. */
  async *stream<R>(text: string, parameters: readonly SqlValue[], size: number): AsyncGenerator<R[]> {
    const query = this.raw.query({ sql: bind(text, parameters), rowsAsArray: true })
    let fields: readonly FieldPacket[] = []
    query.on('fields', (found: FieldPacket[]) => {
      fields = found
    })
    let isDone = false
    let rows: unknown[][] = []
    try {
      for await (const row of query.stream({ highWaterMark: size })) {
        if (rows.push(row as unknown[]) < size) continue
        yield asObjects<R>(rows, fields)
        rows = []
      }
      isDone = true
      if (rows.length > 0) yield asObjects<R>(rows, fields)
    } catch (err) {
      isDone = !isLost(err)
      throw cleaned(err)
    } finally {
      if (!isDone) this.spoil()
    }
  }
}
