import type { Db, Tx } from '../../infra/db/db.ts'
import type { ChatTable } from '../../infra/db/schema.ts'
import type { MetaData } from '../conversation/types.ts'
import type { Chat } from './types.ts'

/** Throws `already_exists` while another chat runs in the conversation. */
export async function insertRunningChat(tx: Tx, chat: Chat): Promise<void> {
  const row: ChatTable = {
    id: chat.id,
    space_id: chat.spaceId,
    conversation_id: chat.conversationId,
    running_in_conversation_id: chat.conversationId,
    section_id: chat.sectionId,
    agent_id: chat.agentId,
    creator_id: chat.creatorId,
    user_ref: chat.userRef,
    status: chat.status,
    error_code: 0,
    error_message: '',
    input_tokens: 0,
    output_tokens: 0,
    meta_json: chat.meta,
    created_at_ms: chat.createdAtMs,
    alive_at_ms: chat.createdAtMs,
    completed_at_ms: null,
    failed_at_ms: null,
  }
  await tx.insertInto('chat').values(row).execute()
}

/** Gives a running chat its final status and frees the conversation. False when it does not run any more. */
export async function finishChat(db: Db | Tx, chat: Chat): Promise<boolean> {
  const result = await db
    .updateTable('chat')
    .set({
      running_in_conversation_id: null,
      status: chat.status,
      error_code: chat.error.code,
      error_message: chat.error.message,
      input_tokens: chat.usage?.inputTokens ?? 0,
      output_tokens: chat.usage?.outputTokens ?? 0,
      completed_at_ms: chat.completedAtMs,
      failed_at_ms: chat.failedAtMs,
    })
    .where('id', '=', chat.id)
    .where('status', '=', 'in_progress')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Which of these chats still run. */
export async function findRunning(db: Db | Tx, ids: readonly string[]): Promise<Set<string>> {
  const query = db.selectFrom('chat').select('id').where('status', '=', 'in_progress').where('id', 'in', ids)
  return new Set((await query.execute()).map((row) => row.id))
}

/** Whether the chat is running; if so it stays so until the transaction ends. */
export async function lockRunning(tx: Tx, id: string): Promise<boolean> {
  const query = tx.selectFrom('chat').select('id').where('status', '=', 'in_progress').where('id', '=', id)
  return (await query.forUpdate().executeTakeFirst()) !== undefined
}

/** Says that chats are still being worked on. */
export async function keepAlive(db: Db | Tx, ids: readonly string[], nowMs: number): Promise<void> {
  const query = db.updateTable('chat').set({ alive_at_ms: nowMs }).where('status', '=', 'in_progress')
  await query.where('id', 'in', ids).execute()
}

/** Marks running chats as failed of which nobody has heard since a time, all or in one conversation. Returns how many. */
export async function failAbandoned(
  db: Db | Tx,
  which: { silentSinceMs: number; conversationId?: string },
  failure: { code: number; message: string; atMs: number },
): Promise<number> {
  let query = db
    .updateTable('chat')
    .set({
      running_in_conversation_id: null,
      status: 'failed',
      error_code: failure.code,
      error_message: failure.message,
      failed_at_ms: failure.atMs,
    })
    .where('running_in_conversation_id', 'is not', null)
    .where('alive_at_ms', '<', which.silentSinceMs)
  if (which.conversationId !== undefined) query = query.where('running_in_conversation_id', '=', which.conversationId)
  return Number((await query.executeTakeFirst()).numUpdatedRows)
}

/** A chat of this account. */
export async function findChat(db: Db | Tx, creatorId: string, id: string): Promise<Chat | undefined> {
  const mine = db.selectFrom('chat').selectAll().where('creator_id', '=', creatorId)
  const row = await mine.where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : chatOf(row)
}

const chatOf = (row: ChatTable): Chat => ({
  id: row.id,
  spaceId: row.space_id,
  conversationId: row.conversation_id,
  sectionId: row.section_id,
  agentId: row.agent_id,
  creatorId: row.creator_id,
  userRef: row.user_ref,
  status: row.status,
  error: { code: row.error_code, message: row.error_message },
  usage: row.status === 'completed' ? { inputTokens: row.input_tokens, outputTokens: row.output_tokens } : null,
  meta: row.meta_json as MetaData,
  createdAtMs: row.created_at_ms,
  completedAtMs: row.completed_at_ms,
  failedAtMs: row.failed_at_ms,
})
