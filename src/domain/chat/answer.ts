import { AppError } from '../../base/errors.ts'
import type { Model, ModelRequest, Passage } from '../../infra/model/model.ts'
import type { Conversations } from '../conversation/service.ts'
import { type Message, textOf } from '../conversation/types.ts'
import type { AttachmentDeps } from './attachments.ts'
import { lookIntoData } from './data.ts'
import { fillVariables, modelParams, toModelMessages } from './prompt.ts'
import type { ChatRun } from './run.ts'
import { type Suggestions, suggestQuestions, wantsSuggestions } from './suggest.ts'
import type { AgentDatabases, Chat, Emit, Recall } from './types.ts'

/** Rounds that a model sees when its agent says nothing about it. */
const DEFAULT_CONTEXT_ROUNDS = 20

export type AnswerDeps = AttachmentDeps & {
  model: Model
  knowledge: Recall
  conversations: Conversations
  databases?: AgentDatabases | undefined
}

/** What all parts of a chat cost together. */
type Usage = NonNullable<Chat['usage']>

/**
 * The work of one chat: recall, a look into the agent's databases, answer, suggestions. Everything it writes is emitted as it comes; the answer is
 * told to be complete when it is stored. Throws whatever goes wrong; the caller ends the chat.
 */
export async function answerChat(deps: AnswerDeps, run: ChatRun, emit: Emit): Promise<void> {
  const { config } = run.agent
  const rounds = config.model.contextRounds ?? DEFAULT_CONTEXT_ROUNDS
  const history = run.isNew ? [] : await deps.conversations.history(run.conversation, rounds)
  const messages = [...history, ...run.input]
  const question = messages.findLast((message) => message.role === 'user')
  const passages = await recall(deps, run, question)
  if (passages !== undefined) await emit({ type: 'message', message: run.add('verbose', recallReport(passages)) })

  const data = await lookIntoData(deps.databases, run, messages, emit)
  const request = await requestOf(deps, run, messages, { passages, note: data.note })
  const usage = sum(data.usage, await writeAnswer(deps, run, request, emit))
  const answer = run.answer
  if (answer === undefined) return
  const finish = run.add('verbose', FINISH)
  if (!wantsSuggestions(config, deps.model)) {
    const chat = await run.end({ status: 'completed', usage })
    if (chat.status === 'completed') await emitAll(emit, [answer, finish])
    return
  }
  await run.save()
  await emitAll(emit, [answer, finish])
  const suggestions = await suggest(deps, run, question, answer)
  const followUps = suggestions.questions.map((text) => run.add('follow_up', text))
  const chat = await run.end({ status: 'completed', usage: sum(usage, suggestions.usage) })
  if (chat.status === 'completed') await emitAll(emit, followUps)
}

/** Undefined when no knowledge is bound, or none is looked up by itself. */
async function recall(deps: AnswerDeps, run: ChatRun, question: Message | undefined): Promise<Passage[] | undefined> {
  const { datasetIds, autoCall, topK, minScore, strategy } = run.agent.config.knowledge
  if (datasetIds.length === 0 || !autoCall || question === undefined) return undefined
  const query = textOf(question).trim()
  if (query === '') return undefined
  const { signal } = run
  return deps.knowledge.recall([run.agent.spaceId], datasetIds, query, { topK, minScore, strategy, signal })
}

async function requestOf(
  deps: AnswerDeps,
  run: ChatRun,
  messages: readonly Message[],
  { passages, note }: { passages: Passage[] | undefined; note: string },
): Promise<ModelRequest> {
  const prompt = fillVariables(run.agent.config.prompt, run.request.variables)
  const system = [prompt, note].filter((text) => text.trim() !== '').join('\n\n')
  const turns = await toModelMessages(deps, run.actor, messages, run.signal)
  return {
    messages: system.trim() === '' ? turns : [{ role: 'system', content: system }, ...turns],
    params: modelParams(run.agent.config),
    ...(passages === undefined ? {} : { passages }),
  }
}

const filtered = () =>
  new AppError('failed_precondition', "the model's filter let no answer through; ask in other words")

async function writeAnswer(deps: AnswerDeps, run: ChatRun, request: ModelRequest, emit: Emit): Promise<Usage> {
  const answer = run.add('answer', '')
  run.answer = answer
  let usage: Usage = { inputTokens: 0, outputTokens: 0 }
  for await (const event of deps.model.stream(request, { signal: run.signal })) {
    if (event.type === 'finish') {
      if (event.reason === 'content_filter' && answer.content.trim() === '') throw filtered()
      usage = { inputTokens: event.usage.inputTokens, outputTokens: event.usage.outputTokens }
      continue
    }
    const text = event.text.replaceAll('\0', '')
    if (event.type === 'text') answer.content += text
    else answer.reasoning += text
    const isText = event.type === 'text'
    await emit({ type: 'delta', message: answer, text: isText ? text : '', reasoning: isText ? '' : text })
  }
  return usage
}

/** Suggestions are an extra: when they cannot be made the answer still counts. */
async function suggest(deps: AnswerDeps, run: ChatRun, question: Message | undefined, answer: Message) {
  const round = { question: question === undefined ? '' : textOf(question), answer: answer.content }
  const none: Suggestions = { questions: [], usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 } }
  return suggestQuestions(deps.model, run.agent.config, round, run.signal).catch(() => {
    run.signal.throwIfAborted()
    return none
  })
}

async function emitAll(emit: Emit, messages: readonly Message[]): Promise<void> {
  for (const message of messages) await emit({ type: 'message', message })
}

const sum = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
})

const FINISH = JSON.stringify({
  msg_type: 'generate_answer_finish',
  data: JSON.stringify({ finish_reason: 0, fin_data: '' }),
  from_unit: '',
})

/** The recalled passages as clients of the Coze API read them, best first. */
function recallReport(passages: readonly Passage[]): string {
  const chunks = passages.map((passage) => ({
    slice: passage.content,
    score: passage.score,
    meta: {
      dataset: { id: passage.datasetId },
      document: { id: passage.documentId, name: passage.documentName },
      slice: { id: passage.chunkId },
    },
  }))
  const data = JSON.stringify({ chunks, ori_req: '', status_code: 0 })
  return JSON.stringify({ msg_type: 'knowledge_recall', data })
}
