import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db, Tx } from '../../infra/db/db.ts'
import type { AgentTable, AgentVersionTable } from '../../infra/db/schema.ts'
import type { PublishStatus } from './types.ts'

export type AgentRow = Selectable<AgentTable>
export type AgentVersionRow = Selectable<AgentVersionTable>

export async function insertAgent(db: Db | Tx, row: Insertable<AgentTable>): Promise<void> {
  await db.insertInto('agent').values(row).execute()
}

export function findAgent(db: Db | Tx, spaceIds: readonly string[], id: string): Promise<AgentRow | undefined> {
  const mine = db.selectFrom('agent').selectAll().where('space_id', 'in', spaceIds)
  return mine.where('id', '=', id).executeTakeFirst()
}

/** The same, and nobody else changes it until the transaction ends. */
export function lockAgent(tx: Tx, spaceIds: readonly string[], id: string): Promise<AgentRow | undefined> {
  const mine = tx.selectFrom('agent').selectAll().where('space_id', 'in', spaceIds)
  return mine.where('id', '=', id).forUpdate().executeTakeFirst()
}

export async function updateAgent(db: Db | Tx, id: string, set: Updateable<AgentTable>): Promise<void> {
  await db.updateTable('agent').set(set).where('id', '=', id).execute()
}

export async function insertVersion(tx: Tx, row: Insertable<AgentVersionTable>): Promise<void> {
  await tx.insertInto('agent_version').values(row).execute()
}

/** Which version is online, or null; undefined when there is no such agent in these spaces. */
export function findPublishedVersionId(
  db: Db,
  spaceIds: readonly string[],
  id: string,
): Promise<{ published_version_id: string | null } | undefined> {
  const mine = db.selectFrom('agent').select('published_version_id').where('space_id', 'in', spaceIds)
  return mine.where('id', '=', id).executeTakeFirst()
}

export function findVersion(db: Db, agentId: string, id: string): Promise<AgentVersionRow | undefined> {
  const own = db.selectFrom('agent_version').selectAll().where('agent_id', '=', agentId)
  return own.where('id', '=', id).executeTakeFirst()
}

export async function deleteAgent(tx: Tx, id: string): Promise<void> {
  // first: whoever adds to it holds its row
  await tx.deleteFrom('agent').where('id', '=', id).execute()
  await tx.deleteFrom('agent_database').where('agent_id', '=', id).execute()
  await tx.deleteFrom('agent_version').where('agent_id', '=', id).execute()
}

export type AgentPage = { spaceIds: readonly string[]; status: PublishStatus; offset: number; limit: number }

/** One page of agents with their online version where there is one; the latest publication or change first. */
export async function listAgents(db: Db, page: AgentPage) {
  let query = db
    .selectFrom('agent')
    .leftJoin('agent_version', 'agent_version.id', 'agent.published_version_id')
    .where('agent.space_id', 'in', page.spaceIds)
  if (page.status === 'unpublished_draft') query = query.where('agent.published_version_id', 'is', null)
  else if (page.status !== 'all') query = query.where('agent.published_version_id', 'is not', null)
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await query
    .select(['agent.id', 'agent.name', 'agent.description', 'agent.icon_file_id', 'agent.creator_id'])
    .select(['agent.updated_at_ms', 'agent_version.snapshot_json', 'agent_version.published_at_ms'])
    .orderBy(page.status === 'published_online' ? 'agent_version.published_at_ms' : 'agent.updated_at_ms', 'desc')
    .orderBy('agent.id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute()
  return { total, rows }
}
