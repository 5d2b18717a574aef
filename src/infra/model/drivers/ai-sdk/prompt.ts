import type { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { AppError } from '../../../../base/errors.ts'
import type { ContentPart, ModelMessage, ModelRequest } from '../../driver.ts'

/** The model of an AI SDK provider; the same interface whatever the provider. */
export type ChatModel = ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>
export type CallOptions = Parameters<ChatModel['doStream']>[0]

type PromptMessage = CallOptions['prompt'][number]
type UserPart = Extract<PromptMessage, { role: 'user' }>['content'][number]

/** A request in the SDK's words. Throws `invalid_argument` for an image with an address that is no web address. */
export function callOptions(request: ModelRequest, abortSignal: AbortSignal): CallOptions {
  const { temperature, topP, topK, maxTokens, presencePenalty, frequencyPenalty, responseFormat } = request.params ?? {}
  return {
    prompt: request.messages.map(toPrompt),
    abortSignal,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(responseFormat === 'json' ? { responseFormat: { type: 'json' } } : {}),
  }
}

/**
 * For protocols in which the user speaks first: words of the assistant before that, such as an agent's greeting, become a
 * part of the system message.
 */
export function userFirst(request: ModelRequest): ModelRequest {
  const system = request.messages.filter((message) => message.role === 'system')
  const turns = request.messages.filter((message) => message.role !== 'system')
  const first = turns.findIndex((message) => message.role === 'user')
  if (first <= 0) return request
  const opening = turns.slice(0, first).map((message) => textOf(message.content))
  const note = `You opened the conversation with these words:\n${opening.join('\n\n')}`
  const content = [...system.map((message) => textOf(message.content)), note].join('\n\n')
  return { ...request, messages: [{ role: 'system', content }, ...turns.slice(first)] }
}

const partsOf = (content: ModelMessage['content']): readonly ContentPart[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content
const textOf = (content: ModelMessage['content']): string =>
  partsOf(content)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')

function toPrompt({ role, content }: ModelMessage): PromptMessage {
  if (role === 'system') return { role, content: textOf(content) }
  if (role === 'assistant') return { role, content: [{ type: 'text', text: textOf(content) }] }
  return { role, content: partsOf(content).flatMap(toUserPart) }
}

function toUserPart(part: ContentPart): UserPart[] {
  if (part.type === 'text') return [part]
  if (part.type === 'file') return []
  if ('data' in part)
    return [{ type: 'file', mediaType: part.mediaType ?? 'image/*', data: { type: 'data', data: part.data } }]
  const inline = /^data:(image\/[\w.+-]+);base64,([\w+/=]+)$/.exec(part.url)
  if (inline !== null)
    return [{ type: 'file', mediaType: inline[1] ?? '', data: { type: 'data', data: inline[2] ?? '' } }]
  const url = URL.parse(part.url)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new AppError(
      'invalid_argument',
      'the address of an image must be an http or https URL, or a data URL in Base64',
    )
  return [{ type: 'file', mediaType: typeOf(url), data: { type: 'url', url } }]
}

/** Some protocols want a type beside an address; a wrong one does no harm, since the endpoint looks at what it fetches. */
function typeOf({ pathname }: URL): string {
  const ending = /\.(png|gif|webp|heic|avif)$/i.exec(pathname)?.[1]?.toLowerCase()
  return ending === undefined ? 'image/jpeg' : `image/${ending}`
}
