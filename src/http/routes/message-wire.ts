import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Message, NewMessage } from '../../domain/conversation/types.ts'
import { Id, MetaData } from '../wire.ts'

const MAX_CONTENT_CHARS = 500_000

/** Content as text, or the elements of an `object_string` as the JavaScript SDK may pass them. */
export const Content = z.union([
  z.string().max(MAX_CONTENT_CHARS),
  z
    .array(z.unknown())
    .max(100)
    .refine((elements) => JSON.stringify(elements).length <= MAX_CONTENT_CHARS, 'is too long'),
])
export const InputContentType = z.enum(['text', 'object_string', ''])
export const Role = z.enum(['user', 'assistant'])

/** A message in a request. What else the SDKs put into one (ids, times) does not count. */
export const EnterMessage = z.object({
  role: Role,
  type: z.enum(['question', 'answer', '']).optional(),
  content: Content.optional(),
  content_type: InputContentType.optional(),
  meta_data: MetaData.optional(),
})

/** A message in an answer. */
export const MessageWire = z.object({
  id: Id,
  conversation_id: Id,
  bot_id: z.string(),
  chat_id: z.string(),
  section_id: z.string(),
  role: z.string(),
  type: z.string(),
  content: z.string(),
  content_type: z.string(),
  meta_data: z.record(z.string(), z.string()),
  created_at: z.number(),
  updated_at: z.number(),
  reasoning_content: z.string(),
})

export const contentOf = (content: z.infer<typeof Content> | undefined): string =>
  typeof content === 'string' || content === undefined ? (content ?? '') : JSON.stringify(content)

/** Elements are an `object_string` whatever the type says. */
export const contentTypeOf = (message: {
  content?: z.infer<typeof Content> | undefined
  content_type?: z.infer<typeof InputContentType> | undefined
}): NewMessage['contentType'] => (Array.isArray(message.content) ? 'object_string' : message.content_type || undefined)

export const newMessageOf = (message: z.infer<typeof EnterMessage>): NewMessage => ({
  role: message.role,
  type: message.type || undefined,
  content: contentOf(message.content),
  contentType: contentTypeOf(message),
  meta: message.meta_data,
})

export const messageWire = (message: Message): z.infer<typeof MessageWire> => ({
  id: message.id,
  conversation_id: message.conversationId,
  bot_id: message.agentId ?? '',
  chat_id: message.chatId ?? '',
  section_id: message.sectionId,
  role: message.role,
  type: message.type,
  content: message.content,
  content_type: message.contentType,
  meta_data: { ...message.meta },
  created_at: toSeconds(message.createdAtMs),
  updated_at: toSeconds(message.updatedAtMs),
  reasoning_content: message.reasoning,
})
