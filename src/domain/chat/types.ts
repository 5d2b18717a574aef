import type { ChatTable, FileTable } from '../../infra/db/schema.ts'
import type { Passage } from '../../infra/model/model.ts'
import type { Actor } from '../actor.ts'
import type { Message, MetaData, NewMessage } from '../conversation/types.ts'

export type ChatStatus = ChatTable['status']

/** One run of an agent over a conversation. */
export type Chat = {
  id: string
  spaceId: string
  conversationId: string
  sectionId: string
  agentId: string
  creatorId: string
  userRef: string
  status: ChatStatus
  /** The API's code and words for the user; 0 and empty unless the chat failed. */
  error: { code: number; message: string }
  /** Null until the chat is completed. */
  usage: { inputTokens: number; outputTokens: number } | null
  meta: MetaData
  createdAtMs: number
  completedAtMs: number | null
  failedAtMs: number | null
}

export type ChatRequest = {
  agentId: string
  /** The caller's own name for its end user. */
  userRef: string
  /** Absent or unknown: the chat gets a conversation of its own. */
  conversationId?: string | undefined
  connectorId?: string | undefined
  /** Oldest first; the last one of the user is the question. May be empty when the conversation ends in a question. */
  messages: readonly NewMessage[]
  /** Values for the `{{name}}` of the prompt. */
  variables?: Readonly<Record<string, string>> | undefined
  meta?: MetaData | undefined
  /** Whether question and answer are kept; true by default. */
  saveMessages?: boolean | undefined
}

/** What happens in a chat, in order. A `chat` event tells a new status; the last one is final. */
export type ChatEvent =
  | { type: 'chat'; chat: Chat; inputMessageIds?: readonly string[] }
  | { type: 'delta'; message: Message; text: string; reasoning: string }
  | { type: 'message'; message: Message }

/** Takes the events of a chat; the chat goes on when it has resolved, and is canceled when it rejects. */
export type Emit = (event: ChatEvent) => Promise<void> | void

/** What of the knowledge service chats need. */
export type Recall = {
  recall(
    spaceIds: string[],
    datasetIds: string[],
    query: string,
    options: {
      topK: number
      minScore: number
      strategy: 'semantic' | 'hybrid' | 'full_text'
      signal?: AbortSignal
    },
  ): Promise<Passage[]>
}

/** What of the file service chats need. */
export type ChatFiles = {
  get(actor: Actor, fileId: string): Promise<FileTable>
  read(actor: Actor, fileId: string, maxBytes: number, options?: { signal?: AbortSignal }): Promise<Uint8Array>
}

/** The rows of a query, or those that a change wrote and how many there were. */
export type DataResult = { columns: string[]; rows: Record<string, unknown>[]; affected: number; truncated: boolean }

/** A model's query for a question, or why there is none; neither when the tables do not hold what is asked. */
export type WrittenQuery = {
  usage: { inputTokens: number; outputTokens: number }
  sql?: string
  /** The statement adds, changes or deletes rows. */
  isChange?: boolean
  problem?: string
  /** There was a query that may not run. */
  isRefused?: boolean
}

/** What of the agent's databases chats need. */
export type AgentDatabases = {
  /** Undefined when there is nothing to ask, or nobody to write a query. */
  write(
    agent: DataAgent,
    question: { question: string; history: readonly { role: 'user' | 'assistant'; content: string }[] },
    options: { signal: AbortSignal },
  ): Promise<WrittenQuery | undefined>
  /** Its rows, as the end user may see them. */
  query(agent: DataAgent, owner: DataOwner, sql: string, options: { signal: AbortSignal }): Promise<DataResult>
  /** What it wrote, among the rows that the end user may change. */
  change(agent: DataAgent, owner: DataOwner, sql: string, options: { signal: AbortSignal }): Promise<DataResult>
}

type DataAgent = { agentId: string; spaceId: string }
type DataOwner = { userRef: string; connectorId: string }
