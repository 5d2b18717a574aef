import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { AgentConfigPatch, AgentDetail, AgentFields, AgentListItem } from '../../domain/agent/types.ts'
import { Id } from '../wire.ts'

const MAX_PROMPT_CHARS = 100_000
const Name = z.string().min(1).max(20)
const notYet = (what: string) => z.array(z.unknown()).max(0, `${what} are not available in this build`)

const Prompt = z.object({ prompt: z.string().max(MAX_PROMPT_CHARS).optional() })
const Onboarding = z.object({
  prologue: z.string().max(5_000).optional(),
  suggested_questions: z.array(z.string().max(500)).max(20).optional(),
})
const SuggestReply = z.object({
  reply_mode: z.enum(['disable', 'enable', 'customized']).optional(),
  customized_prompt: z.string().max(5_000).optional(),
})
const ModelConfig = z.object({
  model_id: z.string().max(200).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.number().int().min(0).max(1_000).optional(),
  max_tokens: z.number().int().min(1).max(1_000_000).optional(),
  context_round: z.number().int().min(0).max(1_000).optional(),
  response_format: z.enum(['text', 'markdown', 'json']).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
})
/** `top_k` and `min_score` are ours: the SDKs do not know them. */
const Knowledge = z.object({
  dataset_ids: z.array(Id).max(50).optional(),
  auto_call: z.boolean().optional(),
  search_strategy: z.literal([0, 1, 20]).optional(),
  top_k: z.number().int().min(1).max(50).optional(),
  min_score: z.number().min(0).max(1).optional(),
})

const AgentGroups = z.object({
  description: z.string().max(500).optional(),
  icon_file_id: Id.optional(),
  prompt_info: Prompt.optional(),
  onboarding_info: Onboarding.optional(),
  suggest_reply_info: SuggestReply.optional(),
  model_info_config: ModelConfig.optional(),
  knowledge: Knowledge.optional(),
  plugin_id_list: z.object({ id_list: notYet('plugins').optional() }).optional(),
  workflow_id_list: z.object({ ids: notYet('workflows').optional() }).optional(),
})
type AgentGroups = z.infer<typeof AgentGroups>

export const CreateAgent = AgentGroups.extend({ space_id: Id, name: Name })
export const UpdateAgent = AgentGroups.extend({ bot_id: Id, name: Name.optional() })

const STRATEGIES = { 0: 'semantic', 1: 'hybrid', 20: 'full_text' } as const
const STRATEGY_CODES = { semantic: 0, hybrid: 1, full_text: 20 } as const

function configOf(body: AgentGroups): AgentConfigPatch {
  const { onboarding_info: onboarding, suggest_reply_info: suggest, model_info_config: model, knowledge } = body
  return {
    prompt: body.prompt_info?.prompt,
    onboarding: { prologue: onboarding?.prologue, suggestedQuestions: onboarding?.suggested_questions },
    suggestions: { mode: suggest?.reply_mode, prompt: suggest?.customized_prompt },
    model: {
      id: model?.model_id,
      temperature: model?.temperature,
      topP: model?.top_p,
      topK: model?.top_k,
      maxTokens: model?.max_tokens,
      contextRounds: model?.context_round,
      responseFormat: model?.response_format,
      presencePenalty: model?.presence_penalty,
      frequencyPenalty: model?.frequency_penalty,
    },
    knowledge: {
      datasetIds: knowledge?.dataset_ids,
      autoCall: knowledge?.auto_call,
      strategy: knowledge?.search_strategy === undefined ? undefined : STRATEGIES[knowledge.search_strategy],
      topK: knowledge?.top_k,
      minScore: knowledge?.min_score,
    },
  }
}

export const agentFieldsOf = <N extends string | undefined>(body: AgentGroups & { name?: N }) =>
  ({
    name: body.name as N,
    description: body.description,
    iconFileId: body.icon_file_id,
    config: configOf(body),
  }) satisfies AgentFields

export const AgentWire = z.object({
  bot_id: Id,
  name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  create_time: z.number(),
  update_time: z.number(),
  version: z.string(),
  prompt_info: z.object({ prompt: z.string() }),
  onboarding_info: z.object({ prologue: z.string(), suggested_questions: z.array(z.string()) }),
  bot_mode: z.literal(0),
  model_info: ModelConfig.extend({ model_id: z.string(), model_name: z.string() }),
  suggest_reply_info: z.object({ reply_mode: z.string(), customized_prompt: z.string() }),
  knowledge: z.object({
    knowledge_infos: z.array(z.object({ id: Id, name: z.string() })),
    dataset_ids: z.array(Id),
    auto_call: z.boolean(),
    search_strategy: z.number(),
    top_k: z.number(),
    min_score: z.number(),
  }),
  plugin_info_list: z.array(z.never()),
  workflow_info_list: z.array(z.never()),
  shortcut_commands: z.array(z.never()),
  background_image_info: z.object({}),
  variables: z.array(z.never()),
  owner_user_id: Id,
  default_user_input_type: z.literal('text'),
})

export function agentWire(agent: AgentDetail): z.infer<typeof AgentWire> {
  const { onboarding, suggestions, model, knowledge } = agent.config
  return {
    bot_id: agent.id,
    name: agent.name,
    description: agent.description,
    icon_url: agent.iconUrl,
    create_time: toSeconds(agent.createdAtMs),
    update_time: toSeconds(agent.updatedAtMs),
    version: agent.versionId,
    prompt_info: { prompt: agent.config.prompt },
    onboarding_info: { prologue: onboarding.prologue, suggested_questions: onboarding.suggestedQuestions },
    bot_mode: 0,
    model_info: {
      model_id: agent.model.id,
      model_name: agent.model.name,
      temperature: model.temperature,
      top_p: model.topP,
      top_k: model.topK,
      max_tokens: model.maxTokens,
      context_round: model.contextRounds,
      response_format: model.responseFormat,
      presence_penalty: model.presencePenalty,
      frequency_penalty: model.frequencyPenalty,
    },
    suggest_reply_info: { reply_mode: suggestions.mode, customized_prompt: suggestions.prompt },
    knowledge: {
      knowledge_infos: agent.datasets,
      dataset_ids: agent.datasets.map((dataset) => dataset.id),
      auto_call: knowledge.autoCall,
      search_strategy: STRATEGY_CODES[knowledge.strategy],
      top_k: knowledge.topK,
      min_score: knowledge.minScore,
    },
    plugin_info_list: [],
    workflow_info_list: [],
    shortcut_commands: [],
    background_image_info: {},
    variables: [],
    owner_user_id: agent.creatorId,
    default_user_input_type: 'text',
  }
}

export const PublishedItem = z.object({
  bot_id: Id,
  bot_name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  publish_time: z.string(),
})

export const publishedItem = (item: AgentListItem): z.infer<typeof PublishedItem> => ({
  bot_id: item.id,
  bot_name: item.name,
  description: item.description,
  icon_url: item.iconUrl,
  publish_time: String(toSeconds(item.publishedAtMs ?? 0)),
})

export const ListItem = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  is_published: z.boolean(),
  updated_at: z.number(),
  published_at: z.number().optional(),
  owner_user_id: Id,
})

export const listItem = (item: AgentListItem): z.infer<typeof ListItem> => ({
  id: item.id,
  name: item.name,
  description: item.description,
  icon_url: item.iconUrl,
  is_published: item.isPublished,
  updated_at: toSeconds(item.updatedAtMs),
  ...(item.publishedAtMs === null ? {} : { published_at: toSeconds(item.publishedAtMs) }),
  owner_user_id: item.ownerId,
})
