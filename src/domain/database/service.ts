import { AppError } from '../../base/errors.ts'
import type { Tx } from '../../infra/db/db.ts'
import type { Table, Tables } from '../../infra/tables/tables.ts'
import { type Actor, found, requireSpace, spaceIds } from '../actor.ts'
import type { Agent } from '../agent/types.ts'
import type { Context } from '../context.ts'
import { fileIdOf } from '../file/service.ts'
import { cleanTitle } from '../names.ts'
import { changesOf, checkFields, fieldsOf, nameKey, stepsFor, tableOf } from './fields.ts'
import { changeRecords, listRecords } from './records.ts'
import * as store from './store.ts'
import type {
  DatabaseFields,
  DatabaseFiles,
  DatabaseFilter,
  DatabaseRecord,
  DatabaseView,
  Environment,
  RecordChange,
  RecordQuery,
  UserDatabase,
} from './types.ts'

const MAX_DATABASES_OF_AGENT = 20

export type DatabasesDeps = {
  context: Context
  tables: Tables
  files: DatabaseFiles
  agents: { get(actor: Actor, agentId: string): Promise<Agent> }
}

/** Tables that the people of a space define, their rows, and which agents use them. */
export class Databases {
  readonly #deps: DatabasesDeps

  constructor(deps: DatabasesDeps) {
    this.#deps = deps
  }

  /**
   * Throws `permission_denied` for a foreign space, `already_exists` for a name that another database of the space has,
   * `invalid_argument` for fields that cannot be, `not_found` for a foreign icon.
   */
  async create(actor: Actor, input: DatabaseFields & { spaceId: string }): Promise<DatabaseView> {
    const { context, tables } = this.#deps
    const { database, clock, newId } = context
    requireSpace(actor, input.spaceId)
    const name = cleanTitle(input.name, 'table_name')
    checkFields(input.fields)
    const iconFileId = await this.#iconOf(actor, input.iconFileId)
    const spec = tableOf(name, input.description, input.fields)
    const nowMs = clock()
    const row = {
      id: newId(),
      online_id: newId(),
      space_id: input.spaceId,
      creator_id: actor.accountId,
      name,
      name_key: nameKey(name),
      description: input.description,
      icon_file_id: iconFileId,
      access: input.access,
      is_prompt_disabled: input.isPromptDisabled,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    }
    const draft = await database.transaction(async (tx) => {
      await requireFreeName(tx, row)
      await store.insertDatabase(tx, row)
      await tables.create(spec, { tx, id: row.online_id })
      return tables.create(spec, { tx, id: row.id })
    })
    return this.#view(actor, databaseOf(row, draft), 'draft', false)
  }

  /** By the id of either half. Throws `not_found`, also for a database of another space. */
  async get(actor: Actor, id: string): Promise<DatabaseView> {
    const { database, environment } = await this.#find(actor, id)
    return this.#view(actor, database, environment, false)
  }

  /** A page of the databases of a space, or of all the actor's; with an agent, which of them it uses. */
  async list(actor: Actor, filter: DatabaseFilter): Promise<{ views: DatabaseView[]; total: number }> {
    const { db } = this.#deps.context.database
    if (filter.spaceId !== undefined) requireSpace(actor, filter.spaceId)
    if (filter.agentId !== undefined) await this.#deps.agents.get(actor, filter.agentId)
    const bound = filter.agentId === undefined ? new Set<string>() : await store.boundIds(db, filter.agentId)
    const spaces = filter.spaceId === undefined ? spaceIds(actor) : [filter.spaceId]
    const { rows, total } = await store.listDatabases(db, spaces, filter)
    const views = rows.map(async (row): Promise<DatabaseView[]> => {
      const table = await this.#deps.tables.describe(row.id)
      if (table === undefined) return [] // deleted meanwhile
      return [await this.#view(actor, databaseOf(row, table), filter.environment, bound.has(row.id))]
    })
    return { views: (await Promise.all(views)).flat(), total }
  }

  /**
   * Replaces what a database is made of. Fields that have the number (or the name) of one that is there keep its values;
   * those that are left out go. Throws `conflict` when values cannot be converted; then nothing changes.
   */
  async update(actor: Actor, id: string, input: DatabaseFields): Promise<DatabaseView> {
    const { context, tables } = this.#deps
    const { database, environment } = await this.#find(actor, id)
    const name = cleanTitle(input.name, 'table_name')
    checkFields(input.fields)
    const iconFileId =
      input.iconFileId === undefined ? database.iconFileId : await this.#iconOf(actor, input.iconFileId)
    const set = {
      name,
      name_key: nameKey(name),
      description: input.description,
      icon_file_id: iconFileId,
      access: input.access,
      is_prompt_disabled: input.isPromptDisabled,
      updated_at_ms: context.clock(),
    }
    await context.database.transaction(async (tx) => {
      found((await store.lockDatabase(tx, database.id)) || undefined, 'database', 'id')
      if (set.name_key !== nameKey(database.name)) await requireFreeName(tx, { ...set, space_id: database.spaceId })
      const draft = found(await tables.describe(database.id, { tx }), 'database', 'id')
      const changes = changesOf(fieldsOf(draft), input.fields)
      for (const half of [database.id, database.onlineId]) {
        const table = found(await tables.describe(half, { tx }), 'database', 'id')
        const steps = stepsFor(table, { name, description: input.description }, changes)
        if (steps.length > 0) await tables.alter(half, steps, { tx })
      }
      await store.updateDatabase(tx, database.id, set)
    })
    return this.#view(actor, (await this.#find(actor, id)).database, environment, false)
  }

  /** Removes both halves with their rows and takes the database from its agents. */
  async delete(actor: Actor, id: string): Promise<void> {
    const { context, tables } = this.#deps
    const { database } = await this.#find(actor, id)
    await context.database.transaction(async (tx) => {
      await store.deleteDatabase(tx, database.id)
      for (const half of [database.id, database.onlineId]) await tables.drop(half, { tx, ifExists: true })
    })
  }

  /** Lets an agent use a database. Throws `already_exists` when it does, `not_found` unless both are of one space. */
  async bind(actor: Actor, agentId: string, id: string): Promise<void> {
    const { context, agents } = this.#deps
    const { database } = await this.#find(actor, id)
    const agent = await agents.get(actor, agentId)
    if (agent.spaceId !== database.spaceId) found(undefined, 'agent', 'bot_id')
    await context.database.transaction(async (tx) => {
      const bound = await store.boundIds(tx, agentId)
      if (bound.has(database.id)) throw alreadyBound()
      if (bound.size >= MAX_DATABASES_OF_AGENT)
        throw new AppError('failed_precondition', `an agent uses at most ${MAX_DATABASES_OF_AGENT} databases`)
      await store.bind(tx, agentId, database.id, context.clock())
    })
  }

  /** Throws `failed_precondition` when the agent does not use it. */
  async unbind(actor: Actor, agentId: string, id: string): Promise<void> {
    const { database } = await this.#find(actor, id)
    await this.#deps.agents.get(actor, agentId)
    if (await store.unbind(this.#deps.context.database.db, agentId, database.id)) return
    throw new AppError('failed_precondition', 'the database is not bound to this agent')
  }

  /** A page of rows. Where the access is limited they are the actor's own, unless the query says otherwise. */
  async listRecords(
    actor: Actor,
    id: string,
    query: RecordQuery,
  ): Promise<{ view: DatabaseView; records: DatabaseRecord[]; total: number }> {
    const { database } = await this.#find(actor, id)
    const view = await this.#view(actor, database, query.environment, false)
    return { view, ...(await listRecords(this.#deps.tables, database, actor, query)) }
  }

  /** Adds, changes and deletes rows, all of it or nothing. Returns those that were changed, as they are now. */
  async updateRecords(actor: Actor, id: string, change: RecordChange): Promise<DatabaseRecord[]> {
    const { database } = await this.#find(actor, id)
    const { context, tables } = this.#deps
    return context.database.transaction((tx) => changeRecords({ tables, tx }, database, actor, change))
  }

  async #find(actor: Actor, id: string): Promise<{ database: UserDatabase; environment: Environment }> {
    const { db } = this.#deps.context.database
    const row = found(await store.findDatabase(db, spaceIds(actor), id), 'database', 'id')
    return { database: await this.#load(row), environment: row.id === id ? 'draft' : 'online' }
  }

  async #load(row: store.DatabaseRow): Promise<UserDatabase> {
    return databaseOf(row, found(await this.#deps.tables.describe(row.id), 'database', 'id'))
  }

  async #view(actor: Actor, database: UserDatabase, environment: Environment, isBound: boolean): Promise<DatabaseView> {
    return { ...database, environment, isBound, iconUrl: await this.#deps.files.iconUrl(actor, database.iconFileId) }
  }

  async #iconOf(actor: Actor, uri: string | undefined): Promise<string | null> {
    if (uri === undefined || uri === '') return null
    const id = fileIdOf(uri) ?? uri
    return (await this.#deps.files.get(actor, id)).id
  }
}

const alreadyBound = () =>
  new AppError('already_exists', 'the database is bound to this agent already', {
    details: { reason: 'database_bound' },
  })

/** Names are what SQL calls the tables, so they differ within a space. */
async function requireFreeName(tx: Tx, { space_id, name_key }: { space_id: string; name_key: string }): Promise<void> {
  if ((await store.findByName(tx, space_id, name_key)) === undefined) return
  throw new AppError('already_exists', 'table_name: another database of the space has this name')
}

const databaseOf = (row: store.DatabaseRow, table: Table): UserDatabase => ({
  id: row.id,
  onlineId: row.online_id,
  spaceId: row.space_id,
  creatorId: row.creator_id,
  name: row.name,
  description: row.description,
  iconFileId: row.icon_file_id,
  access: row.access,
  isPromptDisabled: row.is_prompt_disabled,
  fields: fieldsOf(table),
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
})
