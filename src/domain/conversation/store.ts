import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db, Tx } from '../../infra/db/db.ts'
import { insertBatches } from '../../infra/db/db.ts'
import type { ConversationTable, MessageTable } from '../../infra/db/schema.ts'
import type { MessagePage } from './types.ts'

export type ConversationRow = Selectable<ConversationTable>
export type MessageRow = Selectable<MessageTable>
/** Whose conversations: those that the account made, in the spaces it is still a member of. */
export type Owner = { creatorId: string; spaceIds: readonly string[] }

export async function insertConversation(db: Db | Tx, row: Insertable<ConversationTable>): Promise<void> {
  await db.insertInto('conversation').values(row).execute()
}

export function findConversation(db: Db | Tx, owner: Owner, id: string): Promise<ConversationRow | undefined> {
  const mine = db.selectFrom('conversation').selectAll().where('creator_id', '=', owner.creatorId)
  return mine.where('space_id', 'in', owner.spaceIds).where('id', '=', id).executeTakeFirst()
}

/** Whether anyone has a conversation with this id. */
export async function conversationExists(db: Db | Tx, id: string): Promise<boolean> {
  return (await db.selectFrom('conversation').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

/** False when there is no such conversation. */
export async function updateConversation(
  db: Db | Tx,
  id: string,
  set: Updateable<ConversationTable>,
): Promise<boolean> {
  const result = await db.updateTable('conversation').set(set).where('id', '=', id).executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Removes a conversation with its chats and messages. */
export async function deleteConversation(tx: Tx, id: string): Promise<void> {
  // in this order: whoever adds to one of them holds the row of the one before
  await tx.deleteFrom('conversation').where('id', '=', id).execute()
  await tx.deleteFrom('chat').where('conversation_id', '=', id).execute()
  await tx.deleteFrom('message').where('conversation_id', '=', id).execute()
}

export type ConversationPage = {
  agentId: string
  connectorId?: string | undefined
  userRef?: string | undefined
  order: 'asc' | 'desc'
  offset: number
  limit: number
}

export function listConversations(db: Db, owner: Owner, page: ConversationPage): Promise<ConversationRow[]> {
  let query = db
    .selectFrom('conversation')
    .selectAll()
    .where('creator_id', '=', owner.creatorId)
    .where('space_id', 'in', owner.spaceIds)
    .where('agent_id', '=', page.agentId)
  if (page.connectorId !== undefined) query = query.where('connector_id', '=', page.connectorId)
  if (page.userRef !== undefined) query = query.where('user_ref', '=', page.userRef)
  return query
    .orderBy('created_at_ms', page.order)
    .orderBy('id', page.order)
    .limit(page.limit)
    .offset(page.offset)
    .execute()
}

export async function insertMessages(db: Db | Tx, rows: readonly Insertable<MessageTable>[]): Promise<void> {
  for (const batch of insertBatches(rows)) await db.insertInto('message').values(batch).execute()
}

export function findMessage(db: Db | Tx, conversationId: string, id: string): Promise<MessageRow | undefined> {
  const own = db.selectFrom('message').selectAll().where('conversation_id', '=', conversationId)
  return own.where('id', '=', id).executeTakeFirst()
}

export async function updateMessage(db: Db | Tx, id: string, set: Updateable<MessageTable>): Promise<void> {
  await db.updateTable('message').set(set).where('id', '=', id).execute()
}

export async function deleteMessage(db: Db | Tx, id: string): Promise<void> {
  await db.deleteFrom('message').where('id', '=', id).execute()
}

/** Removes what a chat wrote beside its question and its answer. */
export async function deleteCompanions(tx: Tx, chatId: string): Promise<void> {
  const own = tx.deleteFrom('message').where('chat_id', '=', chatId)
  await own.where('type', 'not in', ['question', 'answer']).execute()
}

/** Questions and answers between the cursors, at most `limit`, nearest to the cursor; in the order of reading. */
export async function listMessages(db: Db, conversationId: string, page: MessagePage): Promise<MessageRow[]> {
  const forward = page.order === 'asc'
  let query = db
    .selectFrom('message')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('type', 'in', ['question', 'answer'])
  if (page.chatId !== undefined) query = query.where('chat_id', '=', page.chatId)
  if (page.afterId !== undefined) query = query.where('id', forward ? '>' : '<', page.afterId)
  if (page.beforeId !== undefined) query = query.where('id', forward ? '<' : '>', page.beforeId)
  const fromEnd = page.beforeId !== undefined && page.afterId === undefined
  const rows = await query
    .orderBy('id', forward === fromEnd ? 'desc' : 'asc')
    .limit(page.limit)
    .execute()
  return fromEnd ? rows.reverse() : rows
}

/** What a chat wrote, oldest first. Its input was given ids before its own, its output after. */
export function listOutput(db: Db, conversationId: string, chatId: string): Promise<MessageRow[]> {
  return db
    .selectFrom('message')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('chat_id', '=', chatId)
    .where('id', '>', chatId)
    .orderBy('id')
    .execute()
}

/** The last chats of a section that came to an answer which was kept, newest first. */
export async function lastCompletedChatIds(db: Db, sectionId: string, conversationId: string, limit: number) {
  const rows = await db
    .selectFrom('chat')
    .select('id')
    .where('conversation_id', '=', conversationId)
    .where('section_id', '=', sectionId)
    .where('status', '=', 'completed')
    .where((eb) => eb.exists(eb.selectFrom('message').select('message.id').whereRef('message.chat_id', '=', 'chat.id')))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

export type ContextWindow = { chatIds: readonly string[]; sinceId: string; limit: number }

/** Questions and answers of these chats, and those of no chat since an id, newest first. */
export function listContext(db: Db, sectionId: string, conversationId: string, window: ContextWindow) {
  return db
    .selectFrom('message')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('section_id', '=', sectionId)
    .where('type', 'in', ['question', 'answer'])
    .where((eb) => {
      const loose = eb.and([eb('chat_id', 'is', null), eb('id', '>', window.sinceId)])
      return window.chatIds.length === 0 ? loose : eb.or([loose, eb('chat_id', 'in', window.chatIds)])
    })
    .orderBy('id', 'desc')
    .limit(window.limit)
    .execute()
}
