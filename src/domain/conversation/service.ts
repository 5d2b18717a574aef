import { AppError } from '../../base/errors.ts'
import type { Tx } from '../../infra/db/db.ts'
import { type Actor, found, spaceIds } from '../actor.ts'
import type { Context } from '../context.ts'
import { type ConversationFiles, withFileDetails } from './file-details.ts'
import { conversationOf, conversationRow, messageOf, messageRow } from './rows.ts'
import * as store from './store.ts'
import {
  type Conversation,
  elementsOf,
  type Message,
  type MessagePage,
  type MetaData,
  type NewConversation,
  type NewMessage,
  textOf,
} from './types.ts'

const MAX_NAME = 100
/** However long the rounds are, a chat remembers no more than this. */
const MAX_CONTEXT_MESSAGES = 500
const MAX_CONTEXT_CHARS = 1_000_000

export type ConversationsDeps = {
  context: Context
  agents: { get(actor: Actor, agentId: string): Promise<{ spaceId: string }> }
  files: ConversationFiles
}

/** Conversations and their messages. Only the account that made a conversation sees it. */
export class Conversations {
  readonly #deps: ConversationsDeps

  constructor(deps: ConversationsDeps) {
    this.#deps = deps
  }

  /** Throws `not_found` for a foreign agent or file, `invalid_argument` for malformed content. */
  async create(actor: Actor, input: NewConversation): Promise<Conversation> {
    const { agents, context } = this.#deps
    const spaceId =
      input.agentId === undefined ? actor.personalSpaceId : (await agents.get(actor, input.agentId)).spaceId
    const messages = await this.check(actor, input.messages ?? [])
    const conversation = this.draft(actor, { ...input, spaceId, messages })
    await context.database.transaction(async (tx) => {
      await this.insert(tx, conversation)
      await this.append(tx, this.place(conversation, messages))
    })
    return conversation
  }

  /** Throws `not_found`, also for a conversation of someone else. */
  async get(actor: Actor, conversationId: string): Promise<Conversation> {
    const { db } = this.#deps.context.database
    return conversationOf(
      found(await store.findConversation(db, ownerOf(actor), conversationId), 'conversation', 'conversation_id'),
    )
  }

  /** The conversation; undefined when nobody has one with this id; `not_found` when it is someone else's. */
  async find(actor: Actor, conversationId: string): Promise<Conversation | undefined> {
    const { db } = this.#deps.context.database
    const row = await store.findConversation(db, ownerOf(actor), conversationId)
    if (row !== undefined) return conversationOf(row)
    if (await store.conversationExists(db, conversationId)) found(undefined, 'conversation', 'conversation_id')
    return undefined
  }

  /** One page of the actor's conversations with an agent, by time of creation. */
  async list(
    actor: Actor,
    page: Omit<store.ConversationPage, 'offset' | 'limit'> & { pageNumber: number; pageSize: number },
  ): Promise<{ conversations: Conversation[]; hasMore: boolean }> {
    const { pageNumber, pageSize, ...filter } = page
    const rows = await store.listConversations(this.#deps.context.database.db, ownerOf(actor), {
      ...filter,
      offset: (pageNumber - 1) * pageSize,
      limit: pageSize + 1,
    })
    return { conversations: rows.slice(0, pageSize).map(conversationOf), hasMore: rows.length > pageSize }
  }

  async rename(actor: Actor, conversationId: string, name: string | undefined): Promise<Conversation> {
    const conversation = await this.get(actor, conversationId)
    if (name === undefined) return conversation
    const change = { name, updated_at_ms: this.#deps.context.clock() }
    await store.updateConversation(this.#deps.context.database.db, conversationId, change)
    return { ...conversation, name, updatedAtMs: change.updated_at_ms }
  }

  /** Removes the conversation with its messages and chats; a running chat ends. */
  async delete(actor: Actor, conversationId: string): Promise<void> {
    await this.get(actor, conversationId)
    await this.#deps.context.database.transaction((tx) => store.deleteConversation(tx, conversationId))
  }

  /** Starts a new context section: the messages stay, chats no longer see them. Returns the section's id. */
  async clear(actor: Actor, conversationId: string): Promise<string> {
    const { database, newId, clock } = this.#deps.context
    await this.get(actor, conversationId)
    const sectionId = newId()
    await store.updateConversation(database.db, conversationId, { section_id: sectionId, updated_at_ms: clock() })
    return sectionId
  }

  /** Puts a message into the conversation without a chat. */
  async createMessage(actor: Actor, conversationId: string, input: NewMessage): Promise<Message> {
    const conversation = await this.get(actor, conversationId)
    const [message] = this.place(conversation, await this.check(actor, [input]))
    if (message === undefined) throw emptyContent()
    await store.insertMessages(this.#deps.context.database.db, [messageRow(message)])
    return message
  }

  /** One message, with the address, name and size of its files. */
  async getMessage(actor: Actor, conversationId: string, messageId: string): Promise<Message> {
    const message = await this.#stored(actor, conversationId, messageId)
    return (await withFileDetails(this.#deps.files, actor, [message]))[0] ?? message
  }

  /** A page of questions and answers, as `getMessage` shows them. `hasMore` tells whether the list goes on in the direction of the cursor. */
  async listMessages(
    actor: Actor,
    conversationId: string,
    page: MessagePage,
  ): Promise<{ messages: Message[]; hasMore: boolean }> {
    await this.get(actor, conversationId)
    const { db } = this.#deps.context.database
    const rows = await store.listMessages(db, conversationId, { ...page, limit: page.limit + 1 })
    const hasMore = rows.length > page.limit
    const backwards = page.beforeId !== undefined && page.afterId === undefined
    const kept = !hasMore ? rows : backwards ? rows.slice(1) : rows.slice(0, page.limit)
    return { messages: await withFileDetails(this.#deps.files, actor, kept.map(messageOf)), hasMore }
  }

  /** Changes what is given. Throws `invalid_argument` when content and type do not fit together. */
  async modifyMessage(
    actor: Actor,
    conversationId: string,
    messageId: string,
    change: { content?: string | undefined; contentType?: NewMessage['contentType']; meta?: MetaData | undefined },
  ): Promise<Message> {
    const { database, clock } = this.#deps.context
    const message = await this.#stored(actor, conversationId, messageId)
    requireVisible(message, 'changed')
    const content = change.content ?? message.content
    const contentType = change.contentType ?? message.contentType
    const [checked] = await this.check(actor, [
      { role: message.role, content, contentType: contentType as NewMessage['contentType'] },
    ])
    if (checked === undefined) throw emptyContent()
    const updated = { ...message, content, contentType, meta: change.meta ?? message.meta, updatedAtMs: clock() }
    const { content_type, meta_json, updated_at_ms } = messageRow(updated)
    await store.updateMessage(database.db, messageId, { content, content_type, meta_json, updated_at_ms })
    return updated
  }

  /** Removes a question or an answer; with a chat's answer goes what the chat wrote beside it. */
  async deleteMessage(actor: Actor, conversationId: string, messageId: string): Promise<Message> {
    const message = await this.#stored(actor, conversationId, messageId)
    requireVisible(message, 'deleted')
    const { chatId } = message
    await this.#deps.context.database.transaction(async (tx) => {
      await store.deleteMessage(tx, messageId)
      const isOutput = chatId !== null && BigInt(messageId) > BigInt(chatId)
      if (isOutput && message.type === 'answer') await store.deleteCompanions(tx, chatId)
    })
    return message
  }

  // What follows is for the chat service.

  /**
   * The messages that count, with their types: empty ones are left out. Throws `invalid_argument` for malformed
   * content or a type that does not fit the role, `not_found` for a foreign file.
   */
  async check(actor: Actor, messages: readonly NewMessage[]): Promise<NewMessage[]> {
    const checked = messages.filter((message) => !isBlank(message))
    for (const { role, type = typeOf(role), contentType } of checked) {
      if (type !== typeOf(role)) throw new AppError('invalid_argument', `type: a message of the ${role} is no ${type}`)
      if (type === 'answer' && contentType === 'object_string')
        throw new AppError('invalid_argument', 'content_type: an answer must be text')
    }
    for (const message of checked) await this.#checkFiles(actor, message)
    return checked
  }

  /** A conversation that is not stored yet. Named after its first words unless it is given a name. */
  draft(actor: Actor, input: NewConversation & { spaceId: string }): Conversation {
    const { newId, clock } = this.#deps.context
    const id = newId()
    const nowMs = clock()
    const first = input.messages?.find((message) => message.role === 'user')
    return {
      id,
      spaceId: input.spaceId,
      creatorId: actor.accountId,
      agentId: input.agentId ?? null,
      connectorId: input.connectorId ?? actor.connectorId,
      userRef: input.userRef ?? '',
      name: input.name ?? (first === undefined ? '' : nameFrom(textOf(first))),
      sectionId: id,
      meta: input.meta ?? {},
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    }
  }

  insert(tx: Tx, conversation: Conversation): Promise<void> {
    return store.insertConversation(tx, conversationRow(conversation))
  }

  /** Gives checked messages their ids and their place at the end of the conversation; stores nothing. */
  place(
    conversation: Conversation,
    messages: readonly NewMessage[],
    origin: { agentId?: string; chatId?: string } = {},
  ): Message[] {
    const { newId, clock } = this.#deps.context
    const nowMs = clock()
    return messages.map((message) => ({
      id: newId(),
      spaceId: conversation.spaceId,
      conversationId: conversation.id,
      sectionId: conversation.sectionId,
      agentId: origin.agentId ?? conversation.agentId,
      chatId: origin.chatId ?? null,
      role: message.role,
      type: typeOf(message.role),
      content: message.content,
      contentType: message.contentType ?? 'text',
      reasoning: '',
      meta: message.meta ?? {},
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    }))
  }

  /** Notes that the conversation goes on. Throws `not_found` when it was deleted meanwhile. */
  async touch(tx: Tx, conversationId: string): Promise<void> {
    const change = { updated_at_ms: this.#deps.context.clock() }
    if (!(await store.updateConversation(tx, conversationId, change)))
      found(undefined, 'conversation', 'conversation_id')
  }

  append(tx: Tx, messages: readonly Message[]): Promise<void> {
    return store.insertMessages(tx, messages.map(messageRow))
  }

  /**
   * What a new chat remembers, oldest first: the questions and answers of the last completed rounds in the current
   * section, and the messages that were put there by hand since. Canceled and failed rounds are left out.
   */
  async history(conversation: Conversation, rounds: number): Promise<Message[]> {
    const { db } = this.#deps.context.database
    const { id, sectionId } = conversation
    const chatIds = await store.lastCompletedChatIds(db, sectionId, id, Math.max(1, rounds))
    const sinceId = chatIds.length < Math.max(1, rounds) ? '0' : (chatIds.at(-1) ?? '0')
    const window = { chatIds: rounds === 0 ? [] : chatIds, sinceId, limit: MAX_CONTEXT_MESSAGES }
    const newestFirst = (await store.listContext(db, sectionId, id, window)).map(messageOf)
    let chars = 0
    const tooFar = newestFirst.findIndex((message) => {
      chars += message.content.length
      return chars > MAX_CONTEXT_CHARS
    })
    return newestFirst.slice(0, tooFar === -1 ? undefined : tooFar).reverse()
  }

  /** What a chat wrote, oldest first. */
  async output(conversationId: string, chatId: string): Promise<Message[]> {
    return (await store.listOutput(this.#deps.context.database.db, conversationId, chatId)).map(messageOf)
  }

  async #stored(actor: Actor, conversationId: string, messageId: string): Promise<Message> {
    const { db } = this.#deps.context.database
    await this.get(actor, conversationId)
    return messageOf(found(await store.findMessage(db, conversationId, messageId), 'message', 'message_id'))
  }

  async #checkFiles(actor: Actor, message: { content: string; contentType?: string | undefined }): Promise<void> {
    for (const element of elementsOf(message))
      if ('fileId' in element) await this.#deps.files.get(actor, element.fileId)
  }
}

const emptyContent = () =>
  new AppError('invalid_argument', 'content: must not be empty', { details: { field: 'content' } })
const isBlank = (message: NewMessage): boolean =>
  elementsOf(message).every((element) => element.type === 'text' && element.text.trim() === '')
const ownerOf = (actor: Actor): store.Owner => ({ creatorId: actor.accountId, spaceIds: spaceIds(actor) })
const typeOf = (role: NewMessage['role']): 'question' | 'answer' => (role === 'user' ? 'question' : 'answer')
const nameFrom = (text: string): string => [...text.trim().replace(/\s+/g, ' ')].slice(0, MAX_NAME).join('')

function requireVisible(message: Message, what: string): void {
  if (message.type === 'question' || message.type === 'answer') return
  throw new AppError('failed_precondition', `only questions and answers can be ${what}, this is a ${message.type}`)
}
