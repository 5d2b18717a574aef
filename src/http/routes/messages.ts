import { z } from 'zod'
import type { Conversations } from '../../domain/conversation/service.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { envelope, Id, MetaData, ok } from '../wire.ts'
import {
  Content,
  contentOf,
  contentTypeOf,
  EnterMessage,
  InputContentType,
  MessageWire,
  messageWire,
  newMessageOf,
} from './message-wire.ts'

const tags = ['messages']
const ConversationQuery = z.object({ conversation_id: Id })
const MessageQuery = z.object({ conversation_id: Id, message_id: Id })
/** Clients start a listing with an empty cursor or with the "0" of an empty page. */
const Cursor = z.union([Id, z.literal(['', '0'])]).optional()
const cursorOf = (cursor: string | undefined): string | undefined => (cursor === '0' ? undefined : cursor || undefined)

const ListMessages = z.object({
  order: z.enum(['asc', 'desc', 'ASC', 'DESC', '']).optional(),
  chat_id: Cursor,
  before_id: Cursor,
  after_id: Cursor,
  limit: z.number().int().min(1).max(50).default(50),
})

const MessageList = z.object({
  code: z.number(),
  msg: z.string(),
  data: z.array(MessageWire),
  first_id: z.string(),
  last_id: z.string(),
  has_more: z.boolean(),
})

/** The messages of a conversation: `/v1/conversation/message/…`. */
export const messageRoutes =
  (services: { conversations: Conversations }): Routes =>
  (app) => {
    const { conversations } = services
    const answer = { 200: envelope(MessageWire) }

    app.post(
      '/v1/conversation/message/create',
      {
        schema: {
          operationId: 'createMessage',
          tags,
          summary: 'Put a message into a conversation without a chat',
          querystring: ConversationQuery,
          body: EnterMessage,
          response: answer,
        },
      },
      async (request) => {
        const { conversation_id } = request.query
        const message = newMessageOf(request.body)
        return ok(messageWire(await conversations.createMessage(actorOf(request), conversation_id, message)))
      },
    )

    app.post(
      '/v1/conversation/message/list',
      {
        schema: {
          operationId: 'listMessages',
          tags,
          summary: 'Questions and answers, page by page',
          querystring: ConversationQuery,
          body: ListMessages,
          response: { 200: MessageList },
        },
      },
      async (request) => {
        const { body } = request
        const { messages, hasMore } = await conversations.listMessages(
          actorOf(request),
          request.query.conversation_id,
          {
            order: body.order?.toLowerCase() === 'asc' ? 'asc' : 'desc',
            chatId: cursorOf(body.chat_id),
            beforeId: cursorOf(body.before_id),
            afterId: cursorOf(body.after_id),
            limit: body.limit,
          },
        )
        const [first_id, last_id] = [messages.at(0)?.id ?? '', messages.at(-1)?.id ?? '']
        return { ...ok(messages.map(messageWire)), first_id, last_id, has_more: hasMore }
      },
    )

    app.get(
      '/v1/conversation/message/retrieve',
      {
        schema: {
          operationId: 'getMessage',
          tags,
          summary: 'One message',
          querystring: MessageQuery,
          response: answer,
        },
      },
      async (request) => {
        const { conversation_id, message_id } = request.query
        return ok(messageWire(await conversations.getMessage(actorOf(request), conversation_id, message_id)))
      },
    )

    app.post(
      '/v1/conversation/message/modify',
      {
        schema: {
          operationId: 'modifyMessage',
          tags,
          summary: 'Change the content or the meta data of a message',
          querystring: MessageQuery,
          body: z.object({
            content: Content.optional(),
            content_type: InputContentType.optional(),
            meta_data: MetaData.optional(),
          }),
          response: { 200: z.object({ code: z.number(), msg: z.string(), message: MessageWire }) },
        },
      },
      async (request) => {
        const { conversation_id, message_id } = request.query
        const { content, meta_data } = request.body
        const message = await conversations.modifyMessage(actorOf(request), conversation_id, message_id, {
          content: content === undefined ? undefined : contentOf(content),
          contentType: contentTypeOf(request.body),
          meta: meta_data,
        })
        return { code: 0, msg: '', message: messageWire(message) }
      },
    )

    app.post(
      '/v1/conversation/message/delete',
      {
        schema: {
          operationId: 'deleteMessage',
          tags,
          summary: 'Delete a question or an answer; with an answer goes what was written beside it',
          querystring: MessageQuery,
          response: answer,
        },
      },
      async (request) => {
        const { conversation_id, message_id } = request.query
        return ok(messageWire(await conversations.deleteMessage(actorOf(request), conversation_id, message_id)))
      },
    )
  }
