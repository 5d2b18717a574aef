import { z } from 'zod'
import type { Actor } from '../actor.ts'

/**
 * What an agent is made of: the draft's in `agent.config_json`, a published one's frozen in
 * `agent_version.snapshot_json`. Everything has a default, so rows of an older Snug stay readable.
 */
export const AgentConfig = z.object({
  /** The system prompt; `{{name}}` stands for a variable of the chat. */
  prompt: z.string().default(''),
  onboarding: z
    .object({ prologue: z.string().default(''), suggestedQuestions: z.array(z.string()).default([]) })
    .prefault({}),
  model: z
    .object({
      id: z.string().optional(),
      temperature: z.number().optional(),
      topP: z.number().optional(),
      topK: z.number().optional(),
      maxTokens: z.number().optional(),
      presencePenalty: z.number().optional(),
      frequencyPenalty: z.number().optional(),
      responseFormat: z.enum(['text', 'markdown', 'json']).optional(),
      /** How many earlier rounds of the conversation the model sees. */
      contextRounds: z.number().optional(),
    })
    .prefault({}),
  /** Whether questions that the user might ask next are written behind an answer. */
  suggestions: z
    .object({ mode: z.enum(['disable', 'enable', 'customized']).default('disable'), prompt: z.string().default('') })
    .prefault({}),
  knowledge: z
    .object({
      datasetIds: z.array(z.string()).default([]),
      /** Whether every question is looked up. */
      autoCall: z.boolean().default(true),
      strategy: z.enum(['semantic', 'hybrid', 'full_text']).default('hybrid'),
      /** Passages per question. */
      topK: z.number().default(5),
      /** 0…1; passages below it are left out. */
      minScore: z.number().default(0),
    })
    .prefault({}),
})
export type AgentConfig = z.infer<typeof AgentConfig>

/** A change of the draft: what is absent stays, within the groups too. */
export type AgentConfigPatch = {
  [G in keyof AgentConfig]?: AgentConfig[G] extends object
    ? { [K in keyof AgentConfig[G]]?: AgentConfig[G][K] | undefined } | undefined
    : AgentConfig[G] | undefined
}

export type AgentFields = {
  name?: string | undefined
  description?: string | undefined
  iconFileId?: string | undefined
  config?: AgentConfigPatch | undefined
}

/** The draft of an agent. */
export type Agent = {
  id: string
  spaceId: string
  creatorId: string
  name: string
  description: string
  iconFileId: string | null
  config: AgentConfig
  /** The version that chats use; null while unpublished. */
  publishedVersionId: string | null
  createdAtMs: number
  updatedAtMs: number
}

/** A published version of an agent. It never changes. */
export type AgentSnapshot = {
  agentId: string
  versionId: string
  spaceId: string
  name: string
  description: string
  iconFileId: string | null
  config: AgentConfig
  publishedAtMs: number
}

/** An agent as it is shown: a draft or a published version, with what its ids stand for. */
export type AgentDetail = {
  id: string
  creatorId: string
  /** Empty for a draft that was never published. */
  versionId: string
  name: string
  description: string
  iconUrl: string
  config: AgentConfig
  /** The bound datasets that still exist. */
  datasets: { id: string; name: string }[]
  model: { id: string; name: string }
  createdAtMs: number
  updatedAtMs: number
}

export const PUBLISH_STATUSES = ['all', 'published_online', 'published_draft', 'unpublished_draft'] as const
/** Which agents a list shows, and whether by their draft or by what is online. */
export type PublishStatus = (typeof PUBLISH_STATUSES)[number]

export type AgentListItem = {
  id: string
  name: string
  description: string
  iconUrl: string
  ownerId: string
  isPublished: boolean
  updatedAtMs: number
  publishedAtMs: number | null
}

/** What of the knowledge service agents need. */
export type DatasetNames = {
  /** The datasets by name. Throws `not_found` when one is missing or foreign. */
  datasetNames(actor: Actor, ids: string[]): Promise<{ id: string; name: string }[]>
}
