import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, codeOf } from '../../base/errors.ts'
import type { DocumentParser } from '../../infra/document/document.ts'
import type { Model } from '../../infra/model/model.ts'
import { type Actor, found } from '../actor.ts'
import type { AgentSnapshot } from '../agent/types.ts'
import type { Context } from '../context.ts'
import type { Conversations } from '../conversation/service.ts'
import type { Conversation, Message, NewMessage } from '../conversation/types.ts'
import { answerChat } from './answer.ts'
import { failureOf, SHUTTING_DOWN } from './failure.ts'
import { ChatRun, endedChat } from './run.ts'
import { RunningChats } from './running.ts'
import * as store from './store.ts'
import type { AgentDatabases, Chat, ChatFiles, ChatRequest, Emit, Recall } from './types.ts'

export type ChatsDeps = {
  context: Context
  model: Model
  knowledge: Recall
  files: ChatFiles
  agents: { forChat(actor: Actor, agentId: string): Promise<AgentSnapshot> }
  conversations: Conversations
  /** Answers from the tables that an agent uses; without it there are none. */
  databases?: AgentDatabases
  /** Reads attached documents; without it only attached text files can be read. */
  parser?: Pick<DocumentParser, 'parse'>
  /** Told about failures that are ours, with the chat's id. */
  warn?: (err: unknown, chatId: string) => void
}

/** Chats: one run of a published agent over a conversation, at most one at a time in each. */
export class Chats {
  readonly #deps: ChatsDeps
  readonly #runs: RunningChats
  #draining = false

  constructor(deps: ChatsDeps) {
    this.#deps = deps
    this.#runs = new RunningChats(deps.context, (err) => deps.warn?.(err, ''))
  }

  /** How many chats run in this process. */
  get running(): number {
    return this.#runs.all.length
  }

  /**
   * Accepts a chat: its messages are stored and its conversation is taken. Then `play` it. Throws `not_found` for an
   * unknown or unpublished agent and for a foreign conversation or file, `invalid_argument` for malformed messages,
   * `conflict` while another chat runs in the conversation, `closed` during shutdown.
   */
  async start(actor: Actor, request: ChatRequest): Promise<ChatRun> {
    if (this.#draining) throw new AppError('closed', SHUTTING_DOWN.message)
    const { agents, conversations, context } = this.#deps
    const agent = await agents.forChat(actor, request.agentId)
    const input = await conversations.check(actor, request.messages)
    const known =
      request.conversationId === undefined ? undefined : await conversations.find(actor, request.conversationId)
    await this.#requireQuestion(known, input)
    const { spaceId } = agent
    const conversation =
      known ??
      conversations.draft(actor, {
        agentId: agent.agentId,
        connectorId: request.connectorId,
        userRef: request.userRef,
        messages: input,
        spaceId,
      })
    const placed = conversations.place(conversation, input, { agentId: agent.agentId })
    const chat: Chat = {
      id: context.newId(),
      spaceId: conversation.spaceId,
      conversationId: conversation.id,
      sectionId: conversation.sectionId,
      agentId: agent.agentId,
      creatorId: actor.accountId,
      userRef: request.userRef,
      status: 'in_progress',
      error: { code: 0, message: '' },
      usage: null,
      meta: request.meta ?? {},
      createdAtMs: context.clock(),
      completedAtMs: null,
      failedAtMs: null,
    }
    const messages = placed.map((message) => ({ ...message, chatId: chat.id }))
    const isNew = known === undefined
    await this.#store(chat, conversation, isNew, request.saveMessages === false ? [] : messages)
    const start = { actor, agent, conversation, isNew, chat, input: messages, request }
    const run = new ChatRun({ context, conversations }, start)
    this.#runs.add(run)
    if (this.#draining) void run.end({ status: 'failed', failure: SHUTTING_DOWN })
    return run
  }

  /**
   * Runs a started chat to its end and returns it; never throws. Aborting the signal, as when the client leaves,
   * or an `emit` that rejects, cancels the chat. The last event carries the final status.
   */
  async play(run: ChatRun, emit: Emit, signal?: AbortSignal): Promise<Chat> {
    const leave = () => void run.end({ status: 'canceled' })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      signal?.throwIfAborted()
      const { inputMessageIds } = run
      await emit({ type: 'chat', chat: { ...run.chat, status: 'created' }, inputMessageIds })
      await emit({ type: 'chat', chat: run.chat, inputMessageIds })
      await answerChat(this.#deps, run, emit)
    } catch (err) {
      const failure = failureOf(err)
      if (failure.code >= 5000 && !run.ended && codeOf(err) !== 'canceled') this.#deps.warn?.(err, run.chat.id)
      void run.end(codeOf(err) === 'canceled' ? { status: 'canceled' } : { status: 'failed', failure })
    }
    signal?.removeEventListener('abort', leave)
    const chat = await this.#ended(run)
    try {
      await emit({ type: 'chat', chat })
    } catch {
      // nobody listens any more; the chat has ended all the same
    }
    return chat
  }

  /** Starts a chat and lets it run by itself; ask for it by `get`. */
  async startInBackground(actor: Actor, request: ChatRequest): Promise<{ chat: Chat; inputMessageIds: string[] }> {
    if (request.saveMessages === false)
      throw new AppError('invalid_argument', 'auto_save_history: a chat that is not streamed must be saved to be read')
    const run = await this.start(actor, request)
    const { chat, inputMessageIds } = run
    void this.play(run, () => undefined)
    return { chat, inputMessageIds }
  }

  /** Throws `not_found`, also for a chat of another conversation or of someone else. */
  async get(actor: Actor, conversationId: string, chatId: string): Promise<Chat> {
    await this.#deps.conversations.get(actor, conversationId)
    const chat = await store.findChat(this.#deps.context.database.db, actor.accountId, chatId)
    return found(chat?.conversationId === conversationId ? chat : undefined, 'chat', 'chat_id')
  }

  /** What the chat wrote, oldest first, without the question. Complete once the chat has ended. */
  async messages(actor: Actor, conversationId: string, chatId: string): Promise<Message[]> {
    await this.get(actor, conversationId, chatId)
    return this.#deps.conversations.output(conversationId, chatId)
  }

  /**
   * Stops a running chat. What it wrote so far is kept, but later chats do not see the round. Throws
   * `failed_precondition` when it has already ended, `permission_denied` when it belongs to another conversation.
   */
  async cancel(actor: Actor, conversationId: string, chatId: string): Promise<Chat> {
    const { context, conversations } = this.#deps
    await conversations.get(actor, conversationId)
    const chat = found(await store.findChat(context.database.db, actor.accountId, chatId), 'chat', 'chat_id')
    if (chat.conversationId !== conversationId)
      throw new AppError('permission_denied', 'the chat belongs to another conversation')
    const run = this.#runs.get(chatId)
    if (run !== undefined) {
      const ended = await run.end({ status: 'canceled' })
      if (ended.status === 'canceled') return ended
      throw notCancelable(ended)
    }
    const canceled = endedChat(chat, { status: 'canceled' }, context.clock())
    if (chat.status === 'in_progress' && (await store.finishChat(context.database.db, canceled))) return canceled
    throw notCancelable(chat)
  }

  /** Throws: no tool of an agent waits for a client. */
  async submitToolOutputs(actor: Actor, conversationId: string, chatId: string): Promise<never> {
    await this.get(actor, conversationId, chatId)
    throw new AppError('failed_precondition', 'this chat does not wait for tool outputs')
  }

  /** Fails what a crash has left running, and frees its conversations: see `RunningChats`. Call it at start. */
  recover(): Promise<number> {
    return this.#runs.recover()
  }

  /**
   * Takes no more chats once `requestsDone` has resolved, gives the running ones `timeoutMs` to end in all, and fails
   * the rest.
   */
  async drain(timeoutMs: number, requestsDone: Promise<void> = Promise.resolve()): Promise<void> {
    const late = new AbortController()
    const timeout = sleep(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined)
    await Promise.race([requestsDone, timeout])
    this.#draining = true
    this.#runs.stopWatching()
    await Promise.race([Promise.all(this.#runs.all.map((run) => run.settled)), timeout])
    late.abort()
    const failure = { status: 'failed', failure: SHUTTING_DOWN } as const
    await Promise.allSettled(this.#runs.all.map((run) => run.end(failure)))
  }

  async #requireQuestion(conversation: Conversation | undefined, input: readonly NewMessage[]): Promise<void> {
    if (input.some((message) => message.role === 'user')) return
    const last = conversation && (await this.#deps.conversations.history(conversation, 0)).at(-1)
    if (last?.role === 'user' && last.chatId === null && input.length === 0) return
    const text = 'additional_messages: there must be a message of the user that is not empty'
    throw new AppError('invalid_argument', text, { details: { field: 'additional_messages' } })
  }

  async #store(chat: Chat, conversation: Conversation, isNew: boolean, messages: readonly Message[]): Promise<void> {
    const { conversations, context } = this.#deps
    const attempt = () =>
      context.database.transaction(async (tx) => {
        if (isNew) await conversations.insert(tx, conversation)
        else await conversations.touch(tx, conversation.id)
        await store.insertRunningChat(tx, chat)
        await conversations.append(tx, messages)
      })
    try {
      await attempt()
    } catch (err) {
      if (codeOf(err) !== 'already_exists') throw err
      if (!(await this.#runs.free(conversation.id)))
        throw new AppError('conflict', 'a chat is already running in this conversation', {
          details: { reason: 'chat_in_progress' },
        })
      await attempt()
    }
  }

  /** The chat after its end. One that the database does not take has failed: that much is stored as soon as it can be. */
  async #ended(run: ChatRun): Promise<Chat> {
    try {
      return await run.end({ status: 'canceled' })
    } catch (err) {
      this.#deps.warn?.(err, run.chat.id)
      const chat = endedChat(run.chat, { status: 'failed', failure: failureOf(err) }, this.#deps.context.clock())
      if (!(await this.#finish(chat))) void this.#finishLater(chat)
      return chat
    }
  }

  async #finish(chat: Chat): Promise<boolean> {
    try {
      await store.finishChat(this.#deps.context.database.db, chat)
      return true
    } catch {
      return false
    }
  }

  /** Nobody waits for it: a full disk may stay full for long. The next start fails what is still open. */
  async #finishLater(chat: Chat): Promise<void> {
    for (let waitMs = 200; !this.#draining; waitMs = Math.min(waitMs * 2, 30_000)) {
      await sleep(waitMs, undefined, { ref: false })
      if (await this.#finish(chat)) return
    }
  }
}

const notCancelable = (chat: Chat): AppError =>
  new AppError('failed_precondition', `the chat cannot be canceled: it is ${chat.status}`, {
    details: { reason: 'chat_not_cancelable' },
  })
