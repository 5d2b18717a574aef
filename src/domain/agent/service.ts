import { AppError, codeOf } from '../../base/errors.ts'
import type { FileTable, Json } from '../../infra/db/schema.ts'
import type { ModelInfo } from '../../infra/model/model.ts'
import { type Actor, found, requireSpace, spaceIds } from '../actor.ts'
import type { Context } from '../context.ts'
import { cleanTitle } from '../names.ts'
import * as store from './store.ts'
import {
  type Agent,
  AgentConfig,
  type AgentConfigPatch,
  type AgentDetail,
  type AgentFields,
  type AgentListItem,
  type AgentSnapshot,
  type DatasetNames,
  type PublishStatus,
} from './types.ts'

/** Published versions kept in memory; they never change, so they are never stale. */
const MAX_CACHED_VERSIONS = 500

export type AgentsDeps = {
  context: Context
  model: { readonly info: ModelInfo }
  knowledge: DatasetNames
  files: {
    get(actor: Actor, fileId: string): Promise<FileTable>
    iconUrl(actor: Actor, fileId: string | null): Promise<string>
  }
}

/** Agents (the API says bots): a draft that is edited, and published versions that chats use. */
export class Agents {
  readonly #deps: AgentsDeps
  readonly #versions = new Map<string, AgentSnapshot>()

  constructor(deps: AgentsDeps) {
    this.#deps = deps
  }

  /** Throws `permission_denied` for a foreign space, `not_found` for a foreign file or a dataset of another space. */
  async create(actor: Actor, input: AgentFields & { spaceId: string; name: string }): Promise<string> {
    const { database, newId, clock } = this.#deps.context
    requireSpace(actor, input.spaceId)
    const name = cleanTitle(input.name, 'name')
    await this.#checkReferences(actor, input.spaceId, input)
    const nowMs = clock()
    const id = newId()
    await store.insertAgent(database.db, {
      id,
      space_id: input.spaceId,
      creator_id: actor.accountId,
      name,
      description: input.description ?? '',
      icon_file_id: input.iconFileId ?? null,
      config_json: patched(AgentConfig.parse({}), input.config),
      published_version_id: null,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    })
    return id
  }

  /** Changes the draft; chats see it once it is published. */
  async update(actor: Actor, agentId: string, input: AgentFields): Promise<void> {
    const { database, clock } = this.#deps.context
    const { spaceId } = await this.get(actor, agentId)
    const name = input.name === undefined ? undefined : cleanTitle(input.name, 'name')
    await this.#checkReferences(actor, spaceId, input)
    await database.transaction(async (tx) => {
      const agent = draftOf(found(await store.lockAgent(tx, spaceIds(actor), agentId), 'agent', 'bot_id'))
      await store.updateAgent(tx, agentId, {
        name: name ?? agent.name,
        description: input.description ?? agent.description,
        icon_file_id: input.iconFileId ?? agent.iconFileId,
        config_json: patched(agent.config, input.config),
        updated_at_ms: clock(),
      })
    })
  }

  /** Freezes the draft as a new version and puts it online. Returns the version's id. */
  async publish(actor: Actor, agentId: string): Promise<string> {
    const { database, newId, clock } = this.#deps.context
    return database.transaction(async (tx) => {
      const agent = draftOf(found(await store.lockAgent(tx, spaceIds(actor), agentId), 'agent', 'bot_id'))
      const { name, description, iconFileId, config } = agent
      const versionId = newId()
      await store.insertVersion(tx, {
        id: versionId,
        space_id: agent.spaceId,
        agent_id: agentId,
        snapshot_json: { name, description, iconFileId, config },
        published_at_ms: clock(),
      })
      await store.updateAgent(tx, agentId, { published_version_id: versionId })
      return versionId
    })
  }

  /** Takes the agent offline; chats are refused until it is published again. */
  async unpublish(actor: Actor, agentId: string): Promise<void> {
    await this.get(actor, agentId)
    await store.updateAgent(this.#deps.context.database.db, agentId, { published_version_id: null })
  }

  /** Removes the agent with its versions. Its conversations stay readable. */
  async delete(actor: Actor, agentId: string): Promise<void> {
    await this.get(actor, agentId)
    await this.#deps.context.database.transaction((tx) => store.deleteAgent(tx, agentId))
  }

  /** The draft. Throws `not_found`, also for agents of other spaces. */
  async get(actor: Actor, agentId: string): Promise<Agent> {
    const row = await store.findAgent(this.#deps.context.database.db, spaceIds(actor), agentId)
    return draftOf(found(row, 'agent', 'bot_id'))
  }

  /** The version that a chat uses. Throws `not_found` for an unknown, foreign or unpublished agent. */
  async forChat(actor: Actor, agentId: string): Promise<AgentSnapshot> {
    const { db } = this.#deps.context.database
    const row = found(await store.findPublishedVersionId(db, spaceIds(actor), agentId), 'agent', 'bot_id')
    const versionId = row.published_version_id
    if (versionId === null)
      throw new AppError('not_found', 'the agent is not published; publish it first', { details: { field: 'bot_id' } })
    const known = this.#versions.get(versionId)
    if (known !== undefined) return known
    const snapshot = snapshotOf(found(await store.findVersion(db, agentId, versionId), 'agent version', 'bot_id'))
    if (this.#versions.size >= MAX_CACHED_VERSIONS) this.#versions.clear()
    this.#versions.set(versionId, snapshot)
    return snapshot
  }

  /** What is online (`not_found` when nothing is), or the draft, with names and addresses in place of ids. */
  async detail(actor: Actor, agentId: string, which: 'published' | 'draft'): Promise<AgentDetail> {
    const draft = await this.get(actor, agentId)
    const shown = which === 'draft' ? draft : await this.forChat(actor, agentId)
    const { name, description, config } = shown
    const { info } = this.#deps.model
    return {
      id: agentId,
      creatorId: draft.creatorId,
      versionId: draft.publishedVersionId ?? '',
      name,
      description,
      iconUrl: await this.#deps.files.iconUrl(actor, shown.iconFileId),
      config,
      datasets: await this.#knownDatasets(actor, config.knowledge.datasetIds),
      model: { id: config.model.id ?? info.id, name: info.name },
      createdAtMs: draft.createdAtMs,
      updatedAtMs: which === 'draft' || !('publishedAtMs' in shown) ? draft.updatedAtMs : shown.publishedAtMs,
    }
  }

  /**
   * A page of the agents of one space, or of all the actor's. `published_online` shows what is online, everything
   * else drafts. Throws `permission_denied` for a foreign space.
   */
  async list(
    actor: Actor,
    page: { spaceId?: string | undefined; status: PublishStatus; pageNumber: number; pageSize: number },
  ): Promise<{ total: number; items: AgentListItem[] }> {
    if (page.spaceId !== undefined) requireSpace(actor, page.spaceId)
    const { total, rows } = await store.listAgents(this.#deps.context.database.db, {
      spaceIds: page.spaceId === undefined ? spaceIds(actor) : [page.spaceId],
      status: page.status,
      offset: (page.pageNumber - 1) * page.pageSize,
      limit: page.pageSize,
    })
    const items = rows.map(async (row): Promise<AgentListItem> => {
      const draft = { name: row.name, description: row.description, iconFileId: row.icon_file_id }
      const online = row.snapshot_json === null ? undefined : frozenOf(row.snapshot_json)
      const { name, description, iconFileId } = page.status === 'published_online' ? (online ?? draft) : draft
      return {
        id: row.id,
        name,
        description,
        iconUrl: await this.#deps.files.iconUrl(actor, iconFileId),
        ownerId: row.creator_id,
        isPublished: row.published_at_ms !== null,
        updatedAtMs: row.updated_at_ms,
        publishedAtMs: row.published_at_ms,
      }
    })
    return { total, items: await Promise.all(items) }
  }

  /** Knowledge must be of the agent's own space, or everyone who may chat could read it. */
  async #checkReferences(actor: Actor, spaceId: string, { iconFileId, config }: AgentFields): Promise<void> {
    if (iconFileId !== undefined) await this.#deps.files.get(actor, iconFileId)
    const ids = config?.knowledge?.datasetIds ?? []
    if (ids.length > 0) await this.#deps.knowledge.datasetNames(within(actor, spaceId), ids)
  }

  /** A dataset that was deleted after it was bound is not an error: it is no longer there. */
  async #knownDatasets(actor: Actor, ids: string[]): Promise<{ id: string; name: string }[]> {
    if (ids.length === 0) return []
    const { knowledge } = this.#deps
    const missing = (err: unknown): [] => {
      if (codeOf(err) === 'not_found') return []
      throw err
    }
    return knowledge.datasetNames(actor, ids).catch(async (err) => {
      missing(err)
      return (await Promise.all(ids.map((id) => knowledge.datasetNames(actor, [id]).catch(missing)))).flat()
    })
  }
}

const draftOf = (row: store.AgentRow): Agent => ({
  id: row.id,
  spaceId: row.space_id,
  creatorId: row.creator_id,
  name: row.name,
  description: row.description,
  iconFileId: row.icon_file_id,
  config: AgentConfig.parse(row.config_json),
  publishedVersionId: row.published_version_id,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
})

function frozenOf(json: Json): Pick<AgentSnapshot, 'name' | 'description' | 'iconFileId' | 'config'> {
  const { name, description, iconFileId, config } = json as Record<string, unknown>
  return {
    name: String(name),
    description: String(description ?? ''),
    iconFileId: typeof iconFileId === 'string' ? iconFileId : null,
    config: AgentConfig.parse(config),
  }
}

const snapshotOf = (row: store.AgentVersionRow): AgentSnapshot => ({
  ...frozenOf(row.snapshot_json),
  agentId: row.agent_id,
  versionId: row.id,
  spaceId: row.space_id,
  publishedAtMs: row.published_at_ms,
})

/** The actor, with access to nothing but one space. */
const within = (actor: Actor, spaceId: string): Actor => ({
  ...actor,
  spaces: new Map([...actor.spaces].filter(([id]) => id === spaceId)),
})

const given = (group: object | undefined): object =>
  Object.fromEntries(Object.entries(group ?? {}).filter(([, value]) => value !== undefined))

function patched(config: AgentConfig, patch: AgentConfigPatch = {}): AgentConfig {
  return {
    prompt: patch.prompt ?? config.prompt,
    onboarding: { ...config.onboarding, ...given(patch.onboarding) },
    model: { ...config.model, ...given(patch.model) },
    suggestions: { ...config.suggestions, ...given(patch.suggestions) },
    knowledge: { ...config.knowledge, ...given(patch.knowledge) },
  }
}
