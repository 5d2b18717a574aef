import type { Actor } from '../actor.ts'
import type { AgentSnapshot } from '../agent/types.ts'
import type { Context } from '../context.ts'
import type { Conversations } from '../conversation/service.ts'
import type { Conversation, Message, MessageType } from '../conversation/types.ts'
import type { Failure } from './failure.ts'
import * as store from './store.ts'
import type { Chat, ChatRequest } from './types.ts'

/** How a chat ends. */
export type Outcome =
  | { status: 'completed'; usage: NonNullable<Chat['usage']> }
  | { status: 'failed'; failure: Failure }
  | { status: 'canceled' }

export type RunDeps = { context: Context; conversations: Conversations }

type RunStart = {
  actor: Actor
  agent: AgentSnapshot
  conversation: Conversation
  /** Whether the conversation began with this chat. */
  isNew: boolean
  chat: Chat
  /** Its own messages, oldest first. */
  input: readonly Message[]
  request: ChatRequest
}

/** A chat while it runs in this process: what it has written so far, and the one way in which it ends. */
export class ChatRun {
  readonly actor: Actor
  readonly agent: AgentSnapshot
  readonly conversation: Conversation
  readonly isNew: boolean
  readonly input: readonly Message[]
  readonly request: ChatRequest
  /** The answer; its text grows. */
  answer: Message | undefined
  readonly #deps: RunDeps
  /** Resolves when the chat has ended, or could not be ended. */
  readonly settled: Promise<void>
  readonly #settle: () => void
  readonly #stop = new AbortController()
  #chat: Chat
  #unsaved: Message[] = []
  #end: Promise<Chat> | undefined

  constructor(deps: RunDeps, start: RunStart) {
    this.#deps = deps
    this.actor = start.actor
    this.agent = start.agent
    this.conversation = start.conversation
    this.isNew = start.isNew
    this.input = start.input
    this.request = start.request
    this.#chat = start.chat
    const { promise, resolve } = Promise.withResolvers<void>()
    this.settled = promise
    this.#settle = resolve
  }

  get chat(): Chat {
    return this.#chat
  }

  /** Aborted when the chat ends before its answer does. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** The ids under which its own messages are stored. */
  get inputMessageIds(): string[] {
    return this.request.saveMessages === false ? [] : this.input.map((message) => message.id)
  }

  get ended(): boolean {
    return this.#end !== undefined
  }

  /** A message that this chat writes; it is stored with the next `save` or at the end. */
  add(type: MessageType, content: string): Message {
    const { newId, clock } = this.#deps.context
    const nowMs = clock()
    const message: Message = {
      id: newId(),
      spaceId: this.#chat.spaceId,
      conversationId: this.#chat.conversationId,
      sectionId: this.#chat.sectionId,
      agentId: this.#chat.agentId,
      chatId: this.#chat.id,
      role: 'assistant',
      type,
      content,
      contentType: 'text',
      reasoning: '',
      meta: {},
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    }
    this.#unsaved.push(message)
    return message
  }

  /** Stores what was written so far; the chat goes on. */
  async save(): Promise<void> {
    if (this.ended) return
    const messages = this.#take()
    await this.#deps.context.database.transaction(async (tx) => {
      if (await store.lockRunning(tx, this.#chat.id)) await this.#deps.conversations.append(tx, messages)
    })
  }

  /**
   * Ends the chat: its messages and its final status become visible together. The first outcome counts; everyone
   * gets the chat as it then is. Anything but `completed` stops the model.
   */
  end(outcome: Outcome): Promise<Chat> {
    if (this.#end === undefined) {
      this.#end = this.#write(outcome)
      // Whoever waits for the outcome gets the error; nobody has to.
      this.#end.then(this.#settle, this.#settle)
      if (outcome.status !== 'completed') this.#stop.abort()
    }
    return this.#end
  }

  async #write(outcome: Outcome): Promise<Chat> {
    const { context, conversations } = this.#deps
    const ended = endedChat(this.#chat, outcome, context.clock())
    const messages = this.#take()
    const finished = await context.database.transaction(async (tx) => {
      if (!(await store.finishChat(tx, ended))) return false
      await conversations.append(tx, messages)
      return true
    })
    // Another process canceled it, or its conversation was deleted.
    this.#chat = finished ? ended : endedChat(this.#chat, { status: 'canceled' }, context.clock())
    return this.#chat
  }

  /** What is to be stored; an answer of which nothing came is not. */
  #take(): Message[] {
    const messages = this.#unsaved.filter((m) => m.type !== 'answer' || m.content !== '' || m.reasoning !== '')
    this.#unsaved = []
    return this.request.saveMessages === false ? [] : messages
  }
}

export function endedChat(chat: Chat, outcome: Outcome, nowMs: number): Chat {
  if (outcome.status === 'completed')
    return { ...chat, status: 'completed', usage: outcome.usage, completedAtMs: nowMs }
  if (outcome.status === 'failed') return { ...chat, status: 'failed', error: outcome.failure, failedAtMs: nowMs }
  return { ...chat, status: 'canceled' }
}
