import {
  type BinaryOperationNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Dialect as KyselyDialect,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type OperatorNode,
  type PrimitiveValueListNode,
  type QueryResult,
  type ValueListNode,
} from 'kysely'
import { AppError } from '../../../../base/errors.ts'
import type { SqlValue } from '../../driver.ts'
import { endsTransaction, keyOf, noteConstraint } from './errors.ts'
import { changesSchema, type MysqlHandle } from './handle.ts'
import type { Connections } from './server.ts'
import type { Slots } from './slots.ts'
import { literal } from './text.ts'

export type MysqlStore = { connections: Connections; slots: Slots }

const ATTEMPTS = 4

const TARGET = /^\s*(?:insert\s+(?:ignore\s+)?into|replace\s+into|update)\s+`?(\w+)`?/i

/** `account.email_key` instead of the index that the server names; the driver's own rules name it by its columns. */
async function explain(err: unknown, text: string, handle: MysqlHandle): Promise<void> {
  const key = keyOf(err)
  const table = TARGET.exec(text)?.[1]
  if (key === undefined || table === undefined || handle.isBroken || !(err instanceof Error)) return
  const query = `SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = ${literal(table)} AND index_name = ${literal(key)} ORDER BY seq_in_index`
  const columns = await handle.ask(query).catch(() => undefined)
  if (columns !== undefined && columns.rows.length > 0)
    noteConstraint(err, columns.rows.map(([column]) => `${table}.${String(column)}`).join(', '))
}

/** What Kysely takes for a connection: one use, either single statements or a transaction. */
class MysqlConnection implements DatabaseConnection {
  readonly #store: MysqlStore
  #held: MysqlHandle | undefined
  #state: 'outside' | 'inside' | 'undone' | 'ended' = 'outside'

  constructor(store: MysqlStore) {
    this.#store = store
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#state !== 'outside') return this.#run(query, this.#inside(query.sql))
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#store.connections.with((handle) => this.#run<R>(query, handle))
      } catch (err) {
        // a deadlock has undone all of a statement that is its own transaction
        if (attempt === ATTEMPTS || !endsTransaction(err)) throw err
      }
  }

  async #run<R>(query: CompiledQuery, handle: MysqlHandle): Promise<QueryResult<R>> {
    try {
      return await handle.run<R>(this.#limited(query.sql), query.parameters as readonly SqlValue[])
    } catch (err) {
      if (this.#state === 'inside' && (endsTransaction(err) || handle.isBroken)) this.#state = 'undone'
      await explain(err, query.sql, handle)
      throw err
    }
  }

  /** Changes of the schema take as long as they take; MySQL limits none but reads in the first place. */
  #limited(text: string): string {
    const isLimited = this.#store.connections.flavour === 'mariadb' && changesSchema(text)
    return isLimited ? `set statement max_statement_time=0 for ${text}` : text
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    const parameters = query.parameters as readonly SqlValue[]
    if (this.#state !== 'outside') {
      // other statements of the transaction may run between the rows, and there is one connection for both
      const { rows } = await this.#run<R>(query, this.#inside(query.sql))
      for (let start = 0; start < rows.length; start += chunkSize) yield { rows: rows.slice(start, start + chunkSize) }
      return
    }
    const { connections, slots } = this.#store
    await slots.take()
    try {
      const handle = await connections.take()
      try {
        for await (const rows of handle.stream<R>(query.sql, parameters, chunkSize)) yield { rows }
      } finally {
        handle.release()
      }
    } finally {
      slots.give()
    }
  }

  async begin(): Promise<void> {
    const { connections, slots } = this.#store
    await slots.take()
    try {
      const handle = await connections.take()
      try {
        await handle.ask('START TRANSACTION')
      } catch (err) {
        handle.spoil()
        handle.release()
        throw err
      }
      this.#held = handle
      this.#state = 'inside'
    } catch (err) {
      slots.give()
      throw err
    }
  }

  async commit(): Promise<void> {
    const handle = this.#inside('')
    try {
      await handle.ask('COMMIT')
    } catch (err) {
      handle.spoil()
      throw err
    } finally {
      this.#end()
    }
  }

  /** Never fails: a connection that cannot roll back is ended, and then the server does. */
  async rollback(): Promise<void> {
    const handle = this.#held
    if (handle === undefined) return
    try {
      if (!handle.isBroken) await handle.ask('ROLLBACK')
    } catch {
      handle.spoil()
    } finally {
      this.#end()
    }
  }

  #inside(text: string): MysqlHandle {
    if (this.#state === 'undone')
      throw new AppError('failed_precondition', 'the database has rolled this transaction back after an error')
    if (this.#held === undefined) throw new AppError('closed', 'the transaction has ended')
    if (changesSchema(text))
      throw new AppError('failed_precondition', 'MySQL commits at every change of the schema; do it outside')
    return this.#held
  }

  #end(): void {
    this.#held?.release()
    this.#held = undefined
    this.#state = 'ended'
    this.#store.slots.give()
  }
}

class Compiler extends MysqlQueryCompiler {
  /** An empty list matches nothing, which MySQL has no words for. */
  protected override visitBinaryOperation(node: BinaryOperationNode): void {
    const { operator, rightOperand } = node
    const name = operator.kind === 'OperatorNode' ? (operator as OperatorNode).operator : ''
    const isEmpty =
      (rightOperand.kind === 'PrimitiveValueListNode' || rightOperand.kind === 'ValueListNode') &&
      (rightOperand as PrimitiveValueListNode | ValueListNode).values.length === 0
    if (isEmpty && name === 'in') this.append('1 = 0')
    else if (isEmpty && name === 'not in') this.append('1 = 1')
    else super.visitBinaryOperation(node)
  }
}

class MysqlDriver implements Driver {
  readonly #store: MysqlStore

  constructor(store: MysqlStore) {
    this.#store = store
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<MysqlConnection> {
    return new MysqlConnection(this.#store)
  }
  beginTransaction(connection: MysqlConnection): Promise<void> {
    return connection.begin()
  }
  commitTransaction(connection: MysqlConnection): Promise<void> {
    return connection.commit()
  }
  rollbackTransaction(connection: MysqlConnection): Promise<void> {
    return connection.rollback()
  }
  releaseConnection(connection: MysqlConnection): Promise<void> {
    return connection.rollback()
  }
  async destroy(): Promise<void> {}
}

/** Kysely over mysql2: a connection is held only while a statement, a transaction or a stream runs. */
export const mysqlDialect = (store: MysqlStore): KyselyDialect => ({
  createAdapter: () => new MysqlAdapter(),
  createDriver: () => new MysqlDriver(store),
  createIntrospector: (db) => new MysqlIntrospector(db),
  createQueryCompiler: () => new Compiler(),
})
