import { AppError, codeOf } from '../../base/errors.ts'
import type { Model, Usage } from '../../infra/model/model.ts'
import type { SqlParser } from '../../infra/sqlparser/sqlparser.ts'
import type { Tables } from '../../infra/tables/tables.ts'
import type { Context } from '../context.ts'
import { isChange } from './changes.ts'
import { fieldsOf } from './fields.ts'
import { canGenerate, generateSql, NL2SQL_CODES } from './nl2sql.ts'
import { type AgentTable, type QueryResult, runAgentSql } from './query.ts'
import * as store from './store.ts'
import type { RowOwner } from './types.ts'

export type AgentDataDeps = { context: Context; model: Model; parser: SqlParser; tables: Tables }

type Asker = { agentId: string; spaceId: string }
type Question = { question: string; history: readonly { role: 'user' | 'assistant'; content: string }[] }
type CallOptions = { signal?: AbortSignal }

/**
 * What a model made of a question: a query, or a statement that changes rows (`isChange`), or why there is none; none of
 * them when the tables have nothing to say.
 */
export type WrittenQuery = { usage: Usage; sql?: string; isChange?: boolean; problem?: string; isRefused?: boolean }

/** What end users may change by an agent. */
const CHANGES = { limited: 'own', full: 'all', read_only: undefined } as const

/** Rows that a question to an agent is answered from. */
export const DATA_ROWS = 100

/** The databases that agents use, as their chats use them: online, and only what their end users may see. */
export class AgentData {
  readonly #deps: AgentDataDeps

  constructor(deps: AgentDataDeps) {
    this.#deps = deps
  }

  /**
   * Lets the model write a query for a question, or a change of rows where the access allows it. Undefined when the agent uses no database, or the model writes
   * nothing. Throws what the model throws.
   */
  async write(
    asker: Asker,
    { question, history }: Question,
    options: CallOptions = {},
  ): Promise<WrittenQuery | undefined> {
    const { model, parser } = this.#deps
    if (!canGenerate(model)) return undefined
    const tables = await this.#tablesOf(asker, { told: true })
    if (tables.length === 0) return undefined
    const schemas = tables.map(({ name, access, table }) => ({
      ...{ name, description: table.description, fields: fieldsOf(table) },
      changes: CHANGES[access],
    }))
    const result = await generateSql(
      { model, parser },
      { question, history, tables: schemas, maxRows: DATA_ROWS },
      options,
    )
    if (result.ok) return { usage: result.usage, sql: result.sql, isChange: isChange(parser, result.sql) }
    if (result.code === NL2SQL_CODES.noSchema) return { usage: result.usage }
    return { usage: result.usage, problem: result.message, isRefused: result.code === NL2SQL_CODES.refused }
  }

  /** Runs a query of an agent for one of its end users; see `runAgentSql`. */
  async query(asker: Asker, owner: RowOwner, sql: string, options: CallOptions = {}): Promise<QueryResult> {
    if (this.#deps.parser.getSQLOperation(sql) !== 'SELECT')
      throw new AppError('permission_denied', 'a question is answered by SELECT only')
    return this.execute(asker, owner, sql, { ...options, maxRows: DATA_ROWS })
  }

  /**
   * Adds, changes or deletes rows as an agent, for one of its end users, and gives what was written where the statement
   * asks for it; see `runAgentSql`, which holds it to the rows that this user may change.
   */
  async change(asker: Asker, owner: RowOwner, sql: string, options: CallOptions = {}): Promise<QueryResult> {
    if (!isChange(this.#deps.parser, sql))
      throw new AppError('permission_denied', 'rows are changed by INSERT, UPDATE and DELETE only')
    return this.execute(asker, owner, sql, { ...options, maxRows: DATA_ROWS })
  }

  /** Runs any statement that is open to an agent and one of its end users; see `runAgentSql`. */
  async execute(
    asker: Asker,
    owner: RowOwner,
    sql: string,
    { maxRows, ...options }: CallOptions & { maxRows?: number } = {},
  ): Promise<QueryResult> {
    const tables = await this.#tablesOf(asker, { told: false })
    const statement = { sql, tables, owner, ...(maxRows === undefined ? {} : { maxRows }) }
    return runAgentSql(this.#deps, statement, options)
  }

  /** What the agent uses, without what is gone; `told`: without what agents are told nothing about. */
  async #tablesOf({ agentId, spaceId }: Asker, { told }: { told: boolean }): Promise<AgentTable[]> {
    const { context, tables } = this.#deps
    const rows = await store.listOfAgent(context.database.db, spaceId, agentId)
    const bound = rows.filter((row) => !told || !row.is_prompt_disabled)
    const found = bound.map(async ({ name, access, online_id }): Promise<AgentTable[]> => {
      const table = await tables.describe(online_id).catch((err) => {
        if (codeOf(err) === 'not_found') return undefined
        throw err
      })
      return table === undefined || table === null ? [] : [{ name, access, table }]
    })
    return (await Promise.all(found)).flat()
  }
}
