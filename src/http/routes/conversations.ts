import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Conversations } from '../../domain/conversation/service.ts'
import type { Conversation } from '../../domain/conversation/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, envelope, Id, MetaData, ok, PageNumber, pageSize } from '../wire.ts'
import { EnterMessage, newMessageOf } from './message-wire.ts'

const tags = ['conversations']
const Name = z.string().max(100)
const ConversationPath = z.object({ conversation_id: Id })

const CreateConversation = z.object({
  bot_id: Id.optional(),
  name: Name.optional(),
  meta_data: MetaData.optional(),
  messages: z.array(EnterMessage).max(16).optional(),
  connector_id: z.string().max(32).optional(),
  user_id: z.string().max(512).optional(),
})

const ConversationWire = z.object({
  id: Id,
  name: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  meta_data: z.record(z.string(), z.string()),
  last_section_id: Id,
  creator_id: Id,
  connector_id: z.string(),
  user_id: z.string(),
})

const ConversationList = z.object({
  bot_id: Id,
  page_num: PageNumber.default(1),
  page_size: pageSize(50).default(50),
  sort_order: z.enum(['ASC', 'DESC', 'asc', 'desc']).default('DESC'),
  sort_field: z.string().max(64).optional(),
  connector_id: z.string().max(32).optional(),
  user_id: z.string().max(512).optional(),
})

const conversationWire = (conversation: Conversation): z.infer<typeof ConversationWire> => ({
  id: conversation.id,
  name: conversation.name,
  created_at: toSeconds(conversation.createdAtMs),
  updated_at: toSeconds(conversation.updatedAtMs),
  meta_data: { ...conversation.meta },
  last_section_id: conversation.sectionId,
  creator_id: conversation.creatorId,
  connector_id: conversation.connectorId,
  user_id: conversation.userRef,
})

/** Conversations: `/v1/conversation/…` and `/v1/conversations/…`. */
export const conversationRoutes =
  (services: { conversations: Conversations }): Routes =>
  (app) => {
    const { conversations } = services
    const answer = { 200: envelope(ConversationWire) }

    app.post(
      '/v1/conversation/create',
      {
        schema: {
          operationId: 'createConversation',
          tags,
          summary: 'Create a conversation, with messages if you like',
          body: CreateConversation,
          response: answer,
        },
      },
      async (request) => {
        const { bot_id, name, meta_data, messages, connector_id, user_id } = request.body
        const conversation = await conversations.create(actorOf(request), {
          agentId: bot_id,
          name,
          meta: meta_data,
          messages: messages?.map(newMessageOf),
          connectorId: connector_id === '999' ? '999' : undefined,
          userRef: user_id,
        })
        return ok(conversationWire(conversation))
      },
    )

    app.get(
      '/v1/conversation/retrieve',
      {
        schema: {
          operationId: 'getConversation',
          tags,
          summary: 'One conversation',
          querystring: ConversationPath,
          response: answer,
        },
      },
      async (request) => ok(conversationWire(await conversations.get(actorOf(request), request.query.conversation_id))),
    )

    app.get(
      '/v1/conversations',
      {
        schema: {
          operationId: 'listConversations',
          tags,
          summary: 'The conversations with an agent',
          querystring: ConversationList,
          response: { 200: envelope(z.object({ conversations: z.array(ConversationWire), has_more: z.boolean() })) },
        },
      },
      async (request) => {
        const { query } = request
        const page = await conversations.list(actorOf(request), {
          agentId: query.bot_id,
          connectorId: query.connector_id,
          userRef: query.user_id,
          order: query.sort_order.toUpperCase() === 'ASC' ? 'asc' : 'desc',
          pageNumber: query.page_num,
          pageSize: query.page_size,
        })
        return ok({ conversations: page.conversations.map(conversationWire), has_more: page.hasMore })
      },
    )

    app.put(
      '/v1/conversations/:conversation_id',
      {
        schema: {
          operationId: 'updateConversation',
          tags,
          summary: 'Rename a conversation',
          params: ConversationPath,
          body: z.object({ name: Name.optional() }),
          response: answer,
        },
      },
      async (request) => {
        const { conversation_id } = request.params
        return ok(conversationWire(await conversations.rename(actorOf(request), conversation_id, request.body.name)))
      },
    )

    app.delete(
      '/v1/conversations/:conversation_id',
      {
        schema: {
          operationId: 'deleteConversation',
          tags,
          summary: 'Delete a conversation with its messages',
          params: ConversationPath,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await conversations.delete(actorOf(request), request.params.conversation_id)
        return done
      },
    )

    app.post(
      '/v1/conversations/:conversation_id/clear',
      {
        schema: {
          operationId: 'clearConversation',
          tags,
          summary: 'Start a new context section; the messages stay',
          params: ConversationPath,
          response: { 200: envelope(z.object({ id: Id, conversation_id: Id })) },
        },
      },
      async (request) => {
        const { conversation_id } = request.params
        return ok({ id: await conversations.clear(actorOf(request), conversation_id), conversation_id })
      },
    )
  }
