import { codeOf } from '../../base/errors.ts'
import type { ContentPart, ModelMessage, ModelParams } from '../../infra/model/model.ts'
import type { Actor } from '../actor.ts'
import type { AgentConfig } from '../agent/types.ts'
import { type ContentElement, elementsOf, type Message } from '../conversation/types.ts'
import type { ChatFiles, ReadDocument } from './types.ts'

const MAX_ATTACHMENT_BYTES = 20 * 1024 ** 2
/** Of all attachments that a conversation remembers, the newest are shown again. */
const MAX_ATTACHMENTS = 20

export type PromptDeps = {
  files: ChatFiles
  readDocument?: ReadDocument | undefined
  model: { readonly features: ReadonlySet<string> }
}

/** The prompt with its variables filled in; a placeholder without a value stays as it is. */
export function fillVariables(prompt: string, variables: Readonly<Record<string, string>> = {}): string {
  return prompt.replace(/\{\{\s*([^{}]{1,100}?)\s*\}\}/g, (placeholder, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name] ?? '') : placeholder,
  )
}

/** What an agent says about how its model should write. */
export function modelParams({ model }: AgentConfig): ModelParams {
  const { id: _id, contextRounds: _rounds, ...params } = model
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
}

/** The messages for the model, oldest first, with the bytes of their attachments. */
export async function toModelMessages(
  deps: PromptDeps,
  actor: Actor,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<ModelMessage[]> {
  let left = MAX_ATTACHMENTS
  const newestFirst: ModelMessage[] = []
  for (const message of messages.toReversed()) {
    const parts: ContentPart[] = []
    for (const element of elementsOf(message)) {
      if (element.type !== 'text' && left-- <= 0) parts.push(note('an attachment from earlier, not shown again'))
      else parts.push(await partOf(deps, actor, element, signal))
    }
    const [first] = parts
    const content = parts.length === 1 && first?.type === 'text' ? first.text : parts
    newestFirst.push({ role: message.role, content })
  }
  return newestFirst.reverse()
}

const note = (text: string): ContentPart => ({ type: 'text', text: `[The user attached ${text}.]` })

/** Nothing is ever fetched: an image's address goes to the model's endpoint, of a file only its address is told. */
async function partOf(
  deps: PromptDeps,
  actor: Actor,
  element: ContentElement,
  signal: AbortSignal,
): Promise<ContentPart> {
  if (element.type === 'text') return element
  if ('url' in element)
    return element.type === 'image'
      ? { type: 'image', url: element.url }
      : note(`a ${element.type} by its address ${element.url}, which was not opened`)
  try {
    return await filePart(deps, actor, element.fileId, signal)
  } catch (err) {
    if (codeOf(err) === 'not_found') return note('a file that was deleted since')
    throw err
  }
}

async function filePart(deps: PromptDeps, actor: Actor, fileId: string, signal: AbortSignal): Promise<ContentPart> {
  const file = await deps.files.get(actor, fileId)
  const { name, media_type: mediaType } = file
  const isImage = mediaType.startsWith('image/')
  // A model that sees no images is told so by the front, without their bytes.
  if (isImage && !deps.model.features.has('vision')) return { type: 'image', mediaType, data: new Uint8Array() }
  if (file.size_bytes > MAX_ATTACHMENT_BYTES) return note(`the file "${name}", which is too large to be read here`)
  const data = await deps.files.read(actor, fileId, MAX_ATTACHMENT_BYTES)
  if (isImage) return { type: 'image', mediaType, data }
  const text = mediaType.startsWith('text/')
    ? undefined
    : await deps.readDocument?.({ name, mediaType }, data, { signal })
  if (text === undefined) return { type: 'file', mediaType, name, data }
  return { type: 'file', mediaType: 'text/plain', name, data: new TextEncoder().encode(text) }
}
