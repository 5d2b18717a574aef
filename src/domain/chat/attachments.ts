import { AppError, codeOf } from '../../base/errors.ts'
import type { DocumentParser } from '../../infra/document/document.ts'
import type { ContentPart } from '../../infra/model/model.ts'
import type { Actor } from '../actor.ts'
import { type ContentElement, elementsOf, type Message } from '../conversation/types.ts'
import { extensionOf } from '../names.ts'
import type { ChatFiles } from './types.ts'

const MAX_ATTACHMENT_BYTES = 20 * 1024 ** 2
/** Longer documents belong into knowledge. */
const MAX_TEXT_CHARS = 100_000

export type AttachmentDeps = {
  files: ChatFiles
  /** Reads the words out of attached documents; without it only text files can be read. */
  parser?: Pick<DocumentParser, 'parse'>
  model: { readonly features: ReadonlySet<string> }
}

const note = (text: string): ContentPart => ({ type: 'text', text: `[The user attached ${text}.]` })

/** What a model gets of a message: its words and up to `limit` attachments; of more it is only told. */
export async function partsOf(
  deps: AttachmentDeps,
  actor: Actor,
  message: Message,
  limit: number,
  signal: AbortSignal,
): Promise<{ parts: ContentPart[]; attachments: number }> {
  const parts: ContentPart[] = []
  let attachments = 0
  for (const element of elementsOf(message)) {
    if (element.type === 'text') parts.push(element)
    else if (attachments < limit) {
      attachments++
      parts.push(await partOf(deps, actor, element, signal))
    } else parts.push(note('something earlier that is not shown again'))
  }
  return { parts, attachments }
}

/** Nothing is ever fetched: an image's address goes to the model's endpoint, of a file only its address is told. */
async function partOf(
  deps: AttachmentDeps,
  actor: Actor,
  element: Exclude<ContentElement, { type: 'text' }>,
  signal: AbortSignal,
): Promise<ContentPart> {
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

async function filePart(deps: AttachmentDeps, actor: Actor, fileId: string, signal: AbortSignal): Promise<ContentPart> {
  const { name, media_type: mediaType, size_bytes: sizeBytes } = await deps.files.get(actor, fileId)
  const isImage = mediaType.startsWith('image/')
  // A model that sees no images is told so by the front, without their bytes.
  if (isImage && !deps.model.features.has('vision')) return { type: 'image', mediaType, data: new Uint8Array() }
  if (sizeBytes > MAX_ATTACHMENT_BYTES) return note(`the file "${name}", which is too large to be read here`)
  const data = await deps.files.read(actor, fileId, MAX_ATTACHMENT_BYTES, { signal })
  if (isImage) return { type: 'image', mediaType, data }
  const type = extensionOf(name)
  if (deps.parser === undefined || (type !== 'pdf' && type !== 'docx' && type !== 'xlsx'))
    return { type: 'file', mediaType, name, data }
  try {
    const { blocks } = await deps.parser.parse(data, { type, signal })
    const text = blocks.map((block) => block.text).join('\n\n')
    const bytes = new TextEncoder().encode(text.slice(0, MAX_TEXT_CHARS))
    return { type: 'file', mediaType: 'text/plain', name, data: bytes }
  } catch (err) {
    signal.throwIfAborted()
    return note(
      `the file "${name}", which could not be read: ${err instanceof AppError ? err.message : 'it is damaged'}`,
    )
  }
}
