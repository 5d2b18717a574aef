import type { ConversationTable, MessageTable } from '../../infra/db/schema.ts'
import type { ContentType, Conversation, Message, MessageType, MetaData } from './types.ts'

export const conversationOf = (row: ConversationTable): Conversation => ({
  id: row.id,
  spaceId: row.space_id,
  creatorId: row.creator_id,
  agentId: row.agent_id,
  connectorId: row.connector_id,
  userRef: row.user_ref,
  name: row.name,
  sectionId: row.section_id,
  meta: row.meta_json as MetaData,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
})

export const conversationRow = (conversation: Conversation): ConversationTable => ({
  id: conversation.id,
  space_id: conversation.spaceId,
  creator_id: conversation.creatorId,
  agent_id: conversation.agentId,
  connector_id: conversation.connectorId,
  user_ref: conversation.userRef,
  name: conversation.name,
  section_id: conversation.sectionId,
  meta_json: conversation.meta,
  created_at_ms: conversation.createdAtMs,
  updated_at_ms: conversation.updatedAtMs,
})

export const messageOf = (row: MessageTable): Message => ({
  id: row.id,
  spaceId: row.space_id,
  conversationId: row.conversation_id,
  sectionId: row.section_id,
  agentId: row.agent_id,
  chatId: row.chat_id,
  role: row.role,
  type: row.type as MessageType,
  content: row.content,
  contentType: row.content_type as ContentType,
  reasoning: row.reasoning_content,
  meta: row.meta_json as MetaData,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
})

export const messageRow = (message: Message): MessageTable => ({
  id: message.id,
  space_id: message.spaceId,
  conversation_id: message.conversationId,
  section_id: message.sectionId,
  agent_id: message.agentId,
  chat_id: message.chatId,
  role: message.role,
  type: message.type,
  content: message.content,
  content_type: message.contentType,
  reasoning_content: message.reasoning,
  meta_json: message.meta,
  created_at_ms: message.createdAtMs,
  updated_at_ms: message.updatedAtMs,
})
