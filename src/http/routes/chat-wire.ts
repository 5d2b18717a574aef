import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Chat, ChatEvent, ChatRequest, Emit } from '../../domain/chat/types.ts'
import type { EventStream } from '../sse.ts'
import { Id, MetaData } from '../wire.ts'
import { EnterMessage, messageWire, newMessageOf } from './message-wire.ts'

const Texts = z.record(z.string().max(100), z.string().max(20_000))
const bounded = (map: object) => Object.keys(map).length <= 100

/** The body of a chat. `parameters`, `extra_params` and the rest of what the SDKs know are accepted and unused. */
export const ChatBody = z.object({
  bot_id: Id,
  user_id: z.string().min(1).max(512),
  stream: z.boolean().optional(),
  conversation_id: Id.optional(),
  additional_messages: z.array(EnterMessage).max(100).optional(),
  auto_save_history: z.boolean().optional(),
  custom_variables: Texts.refine(bounded, 'at most 100 pairs').optional(),
  meta_data: MetaData.optional(),
  extra_params: Texts.optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  connector_id: z.string().max(32).optional(),
  shortcut_command: z.undefined('shortcut commands are not available in this build').optional(),
})
export type ChatBody = z.infer<typeof ChatBody>

export const ChatWire = z.object({
  id: Id,
  conversation_id: Id,
  bot_id: Id,
  section_id: Id,
  status: z.enum(['created', 'in_progress', 'completed', 'failed', 'requires_action', 'canceled']),
  created_at: z.number(),
  completed_at: z.number().optional(),
  failed_at: z.number().optional(),
  meta_data: z.record(z.string(), z.string()),
  last_error: z.object({ code: z.number(), msg: z.string() }),
  usage: z.object({ token_count: z.number(), output_count: z.number(), input_count: z.number() }).optional(),
  inserted_additional_messages: z.array(z.object({ id: Id })).optional(),
})

export const chatRequestOf = (body: ChatBody, conversationId: string | undefined): ChatRequest => ({
  agentId: body.bot_id,
  userRef: body.user_id,
  conversationId: conversationId ?? body.conversation_id,
  connectorId: body.connector_id === '999' ? '999' : undefined,
  messages: (body.additional_messages ?? []).map(newMessageOf),
  variables: body.custom_variables,
  meta: body.meta_data,
  saveMessages: body.auto_save_history,
})

export function chatWire(chat: Chat, inputMessageIds?: readonly string[]): z.infer<typeof ChatWire> {
  const { usage } = chat
  return {
    id: chat.id,
    conversation_id: chat.conversationId,
    bot_id: chat.agentId,
    section_id: chat.sectionId,
    status: chat.status,
    created_at: toSeconds(chat.createdAtMs),
    ...(chat.completedAtMs === null ? {} : { completed_at: toSeconds(chat.completedAtMs) }),
    ...(chat.failedAtMs === null ? {} : { failed_at: toSeconds(chat.failedAtMs) }),
    meta_data: { ...chat.meta },
    last_error: { code: chat.error.code, msg: chat.error.message },
    ...(usage === null
      ? {}
      : {
          usage: {
            token_count: usage.inputTokens + usage.outputTokens,
            output_count: usage.outputTokens,
            input_count: usage.inputTokens,
          },
        }),
    ...(inputMessageIds === undefined ? {} : { inserted_additional_messages: inputMessageIds.map((id) => ({ id })) }),
  }
}

/** Writes the events of a chat to a stream. */
export const streamTo =
  (stream: EventStream): Emit =>
  (event) => {
    if (event.type === 'delta') return stream.send('conversation.message.delta', deltaWire(event))
    if (event.type === 'message') return stream.send('conversation.message.completed', messageWire(event.message))
    return stream.send(`conversation.chat.${event.chat.status}`, chatWire(event.chat, event.inputMessageIds))
  }

/** The smallest thing that both SDKs read as a message: there are thousands of these. */
const deltaWire = ({ message, text, reasoning }: Extract<ChatEvent, { type: 'delta' }>) => ({
  id: message.id,
  conversation_id: message.conversationId,
  bot_id: message.agentId,
  chat_id: message.chatId,
  section_id: message.sectionId,
  role: message.role,
  type: message.type,
  content: text,
  content_type: message.contentType,
  ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
})
