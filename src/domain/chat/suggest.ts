import type { Model, Usage } from '../../infra/model/model.ts'
import type { AgentConfig } from '../agent/types.ts'

const MAX_QUESTIONS = 3
const MAX_CHARS = 200
const TIMEOUT_MS = 20_000
const INSTRUCTION =
  'Write three short questions that the user might ask next about this conversation, in the language of the user: ' +
  'one per line, without numbers, bullets or any other text.'

export type Suggestions = { questions: string[]; usage: Usage }

/** Whether an agent wants suggestions and the model can think any up. */
export const wantsSuggestions = (config: AgentConfig, model: Model): boolean =>
  config.suggestions.mode !== 'disable' && model.info.provider !== 'extractive'

/** Questions that the user might ask next: at most three, one per line of what the model writes. */
export async function suggestQuestions(
  model: Model,
  config: AgentConfig,
  round: { question: string; answer: string },
  signal: AbortSignal,
): Promise<Suggestions> {
  const custom = config.suggestions.mode === 'customized' ? config.suggestions.prompt : ''
  const messages = [
    { role: 'system' as const, content: custom.trim() === '' ? INSTRUCTION : `${custom}\n\n${INSTRUCTION}` },
    { role: 'user' as const, content: `Question: ${round.question}\n\nAnswer: ${round.answer}` },
  ]
  let text = ''
  let usage: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  for await (const event of model.stream({ messages }, { signal: limited })) {
    if (event.type === 'text') text += event.text
    if (event.type === 'finish') usage = event.usage
  }
  const lines = text.split('\n').map((line) => line.replace(/^[\s\-*•\d.)、"]+|["\s]+$/g, ''))
  const questions = lines.filter((line) => line !== '' && line.length <= MAX_CHARS).slice(0, MAX_QUESTIONS)
  return { questions, usage }
}
