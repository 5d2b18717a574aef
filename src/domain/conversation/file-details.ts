import { codeOf } from '../../base/errors.ts'
import type { FileTable } from '../../infra/db/schema.ts'
import type { Actor } from '../actor.ts'
import { type Message, parseElements } from './types.ts'

/** What of the file service conversations need. */
export type ConversationFiles = {
  get(actor: Actor, fileId: string): Promise<FileTable>
  url(file: FileTable): Promise<string>
}

type Details = { file_url: string; name: string; size: string }
type Element = { file_id?: unknown }

/** The messages with an address, a name and a size beside every `file_id` of ours; a deleted file has none. */
export async function withFileDetails(
  files: ConversationFiles,
  actor: Actor,
  messages: readonly Message[],
): Promise<Message[]> {
  const known = new Map<string, Promise<Details | undefined>>()
  const detailsOf = (id: string) => {
    const details = known.get(id) ?? describe(files, actor, id)
    known.set(id, details)
    return details
  }
  return Promise.all(
    messages.map(async (message) => {
      if (message.contentType !== 'object_string' || !message.content.includes('"file_id"')) return message
      const elements = elementsIn(message)
      if (elements === undefined) return message
      const detailed = elements.map(async (element) =>
        typeof element?.file_id === 'string' && element.file_id !== ''
          ? { ...element, ...(await detailsOf(element.file_id)) }
          : element,
      )
      return { ...message, content: JSON.stringify(await Promise.all(detailed)) }
    }),
  )
}

/** Undefined for what another version let through; it is shown as it is. */
function elementsIn(message: Message): Element[] | undefined {
  try {
    const elements = parseElements(message.content)
    return Array.isArray(elements) ? elements : undefined
  } catch {
    return undefined
  }
}

async function describe(files: ConversationFiles, actor: Actor, id: string): Promise<Details | undefined> {
  try {
    const file = await files.get(actor, id)
    return { file_url: await files.url(file), name: file.name, size: String(file.size_bytes) }
  } catch (err) {
    if (codeOf(err) === 'not_found') return undefined
    throw err
  }
}
