import { z } from 'zod'
import type { Chats } from '../../domain/chat/service.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { openEventStream } from '../sse.ts'
import { envelope, Id, ok } from '../wire.ts'
import { ChatBody, ChatWire, chatRequestOf, chatWire, streamTo } from './chat-wire.ts'
import { MessageWire, messageWire } from './message-wire.ts'

const tags = ['chats']
const ChatQuery = z.object({ conversation_id: Id, chat_id: Id })
const STREAM_DESCRIPTION = [
  'Without "stream" the answer is the chat, in progress: ask for its end by /v3/chat/retrieve and for what it wrote by',
  '/v3/chat/message/list. With "stream": true the answer is text/event-stream: conversation.chat.created,',
  'conversation.chat.in_progress, conversation.message.completed (type verbose) with the recalled knowledge,',
  'conversation.message.delta for every piece of the answer, conversation.message.completed for the whole of it,',
  'for the end of all answers (type verbose) and for every suggested question (type follow_up), then',
  'conversation.chat.completed, .failed or .canceled, and done.',
].join(' ')
const chatAnswer = { 200: envelope(ChatWire) }

/** Chats: `/v3/chat`, streamed or not, and what can be done with one. */
export const chatRoutes =
  (services: { chats: Chats }): Routes =>
  (app) => {
    const { chats } = services

    app.post(
      '/v3/chat',
      {
        schema: {
          operationId: 'createChat',
          tags,
          summary: 'Ask an agent; with "stream" the answer comes as server-sent events',
          description: STREAM_DESCRIPTION,
          querystring: z.object({ conversation_id: Id.optional() }),
          body: ChatBody,
          response: chatAnswer,
        },
      },
      async (request, reply) => {
        const input = chatRequestOf(request.body, request.query.conversation_id)
        if (request.body.stream !== true) {
          const { chat, inputMessageIds } = await chats.startInBackground(actorOf(request), input)
          return ok(chatWire(chat, inputMessageIds))
        }
        const run = await chats.start(actorOf(request), input)
        const stream = openEventStream(reply)
        await chats.play(run, streamTo(stream), stream.signal)
        await stream.send('done', '[DONE]').catch(() => undefined)
        stream.end()
      },
    )

    for (const method of ['GET', 'POST'] as const)
      app.route({
        method,
        url: '/v3/chat/retrieve',
        schema: {
          operationId: method === 'GET' ? 'getChat' : 'retrieveChat',
          tags,
          summary: 'The state of a chat',
          querystring: ChatQuery,
          response: chatAnswer,
        },
        handler: async (request) => {
          const { conversation_id, chat_id } = request.query
          return ok(chatWire(await chats.get(actorOf(request), conversation_id, chat_id)))
        },
      })

    app.get(
      '/v3/chat/message/list',
      {
        schema: {
          operationId: 'listChatMessages',
          tags,
          summary: 'What a chat wrote, oldest first, without the question',
          querystring: ChatQuery,
          response: { 200: envelope(z.array(MessageWire)) },
        },
      },
      async (request) => {
        const { conversation_id, chat_id } = request.query
        return ok((await chats.messages(actorOf(request), conversation_id, chat_id)).map(messageWire))
      },
    )

    app.post(
      '/v3/chat/cancel',
      {
        schema: {
          operationId: 'cancelChat',
          tags,
          summary: 'Stop a running chat',
          body: ChatQuery,
          response: chatAnswer,
        },
      },
      async (request) => {
        const { conversation_id, chat_id } = request.body
        return ok(chatWire(await chats.cancel(actorOf(request), conversation_id, chat_id)))
      },
    )

    app.post(
      '/v3/chat/submit_tool_outputs',
      {
        schema: {
          operationId: 'submitToolOutputs',
          tags,
          summary: 'Refused: no tool of an agent waits for the client',
          querystring: ChatQuery,
          response: chatAnswer,
        },
      },
      async (request) => {
        const { conversation_id, chat_id } = request.query
        return chats.submitToolOutputs(actorOf(request), conversation_id, chat_id)
      },
    )
  }
