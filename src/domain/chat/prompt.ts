import { AppError } from '../../base/errors.ts'
import type { ModelMessage, ModelParams } from '../../infra/model/model.ts'
import type { Actor } from '../actor.ts'
import type { AgentConfig } from '../agent/types.ts'
import type { Message } from '../conversation/types.ts'
import { type AttachmentDeps, partsOf } from './attachments.ts'

/** What variables may make of a prompt. */
const MAX_PROMPT_CHARS = 1_000_000
/** Of all attachments that a conversation remembers, the newest are shown again. */
const MAX_ATTACHMENTS = 20

/**
 * The prompt with its variables filled in; a placeholder without a value stays as it is. Throws `invalid_argument`
 * when it grows out of all bounds.
 */
export function fillVariables(prompt: string, variables: Readonly<Record<string, string>> = {}): string {
  let chars = prompt.length
  return prompt.replace(/\{\{\s*([^{}]{1,100}?)\s*\}\}/g, (placeholder, name: string) => {
    if (!Object.hasOwn(variables, name)) return placeholder
    const value = variables[name] ?? ''
    chars += value.length
    if (chars <= MAX_PROMPT_CHARS) return value
    throw new AppError('invalid_argument', `custom_variables: the prompt grows over ${MAX_PROMPT_CHARS} characters`)
  })
}

/** What an agent says about how its model should write. */
export function modelParams({ model }: AgentConfig): ModelParams {
  const { id: _id, contextRounds: _rounds, ...params } = model
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
}

/** The messages for the model, oldest first, with the bytes of their attachments. */
export async function toModelMessages(
  deps: AttachmentDeps,
  actor: Actor,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<ModelMessage[]> {
  let left = MAX_ATTACHMENTS
  const newestFirst: ModelMessage[] = []
  for (const message of messages.toReversed()) {
    const { parts, attachments } = await partsOf(deps, actor, message, left, signal)
    left -= attachments
    const [first] = parts
    const content = parts.length === 1 && first?.type === 'text' ? first.text : parts
    newestFirst.push({ role: message.role, content })
  }
  return newestFirst.reverse()
}
