import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'

export type MetaData = Readonly<Record<string, string>>

export type Conversation = {
  id: string
  spaceId: string
  creatorId: string
  agentId: string | null
  connectorId: string
  /** The caller's own name for its end user. */
  userRef: string
  name: string
  /** The current context section: a chat sees the messages of this one only. */
  sectionId: string
  meta: MetaData
  createdAtMs: number
  updatedAtMs: number
}

export type NewConversation = {
  agentId?: string | undefined
  connectorId?: string | undefined
  userRef?: string | undefined
  name?: string | undefined
  meta?: MetaData | undefined
  messages?: readonly NewMessage[] | undefined
}

export type Role = 'user' | 'assistant'
export type MessageType =
  | 'question'
  | 'answer'
  | 'function_call'
  | 'tool_output'
  | 'tool_response'
  | 'follow_up'
  | 'verbose'
export type ContentType = 'text' | 'object_string' | 'card' | 'audio'

export type Message = {
  id: string
  spaceId: string
  conversationId: string
  sectionId: string
  agentId: string | null
  /** The chat that it came with; null for one that was put into the conversation by hand. */
  chatId: string | null
  role: Role
  type: MessageType
  /** Text, or for `object_string` a JSON array of elements. */
  content: string
  contentType: ContentType
  reasoning: string
  meta: MetaData
  createdAtMs: number
  updatedAtMs: number
}

/** A message as a caller gives it. An absent type follows from the role. */
export type NewMessage = {
  role: Role
  type?: 'question' | 'answer' | undefined
  content: string
  contentType?: 'text' | 'object_string' | undefined
  meta?: MetaData | undefined
}

/** A page of messages. The cursors name ids; the message itself may be gone. */
export type MessagePage = {
  order: 'asc' | 'desc'
  chatId?: string | undefined
  /** The elements nearest before this one in the order of the list. */
  beforeId?: string | undefined
  /** The elements that follow this one in the order of the list. */
  afterId?: string | undefined
  limit: number
}

const Empty = z.null().optional()
const Text = z.object({ type: z.literal('text'), text: z.string() })
const Attachment = z
  .object({
    type: z.enum(['image', 'file', 'audio']),
    file_id: z.union([z.string().refine(isId, 'must be an id'), z.literal(''), Empty]),
    file_url: z.union([
      z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).max(4096),
      z.literal(''),
      Empty,
    ]),
  })
  .refine((element) => Boolean(element.file_id) || Boolean(element.file_url), 'needs file_id or file_url')

/** One piece of an `object_string` message. A file of ours wins over an address. */
export type ContentElement =
  | { type: 'text'; text: string }
  | { type: 'image' | 'file' | 'audio'; fileId: string }
  | { type: 'image' | 'file' | 'audio'; url: string }

const KNOWN_TYPES: ReadonlySet<string> = new Set(['text', 'image', 'file', 'audio'])

function refuse(what: string, cause?: unknown): AppError {
  return new AppError('invalid_argument', `content: ${what}`, { details: { field: 'content' }, cause })
}

/** The JSON of an `object_string`, where a file id may also be a number. */
export const parseElements = (content: string): unknown =>
  JSON.parse(content, (key: string, value: unknown, context?: { source?: string }) =>
    key === 'file_id' && typeof value === 'number' ? (context?.source ?? String(value)) : value,
  )

function parseJson(content: string): unknown {
  try {
    return parseElements(content)
  } catch (err) {
    throw refuse('an object_string must be a JSON array of elements', err)
  }
}

/** The pieces of a message. Throws `invalid_argument` for a malformed `object_string`; elements of unknown type are left out. */
export function elementsOf(message: { content: string; contentType?: string | undefined }): ContentElement[] {
  if (message.contentType !== 'object_string') return [{ type: 'text', text: message.content }]
  const json = parseJson(message.content)
  if (!Array.isArray(json)) throw refuse('an object_string must be a JSON array of elements')
  if (json.length > 100) throw refuse('an object_string has at most 100 elements')
  return json.flatMap((item: unknown, i): ContentElement[] => {
    const type: unknown = typeof item === 'object' && item !== null && 'type' in item ? item.type : undefined
    if (typeof type !== 'string') throw refuse(`element ${i} has no type`)
    if (!KNOWN_TYPES.has(type)) return []
    const parsed = (type === 'text' ? Text : Attachment).safeParse(item)
    if (!parsed.success) throw refuse(`element ${i}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
    const element = parsed.data
    if (element.type === 'text') return [element]
    if (element.file_id) return [{ type: element.type, fileId: element.file_id }]
    return [{ type: element.type, url: element.file_url ?? '' }]
  })
}

/** The words of a message, without its attachments. */
export const textOf = (message: { content: string; contentType?: string | undefined }): string =>
  elementsOf(message)
    .flatMap((element) => (element.type === 'text' ? [element.text] : []))
    .join('\n')
