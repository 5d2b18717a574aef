import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, messageOf } from '../base/errors.ts'
import { formatBytes } from '../base/units.ts'
import type { Actor } from '../domain/actor.ts'
import { documentTypeOf } from '../domain/knowledge/document-types.ts'
import { type DocumentRow, FORMAT } from '../domain/knowledge/types.ts'
import { extensionOf } from '../domain/names.ts'
import type { Services } from './services.ts'

/** One file that a question is asked about. */
export type Source = { name: string; bytes: Uint8Array }

export type Progress = { done: number; total: number; percent: number }

/** The account that a kept folder belongs to. */
export type Owner = { actor: Actor; email: string; password: string }

const PER_CALL = 10
const POLL_MS = 50

/** Reads the files into memory. Throws one error that names every file that cannot be used. */
export async function readSources(paths: readonly string[], maxBytes: number): Promise<Source[]> {
  const mistakes: string[] = []
  const sources: Source[] = []
  for (const path of paths) {
    try {
      const { size } = await stat(path)
      if (size > maxBytes) throw new AppError('invalid_argument', `is larger than ${formatBytes(maxBytes)}`)
      const name = basename(path)
      documentTypeOf(extensionOf(name), FORMAT.text, path)
      sources.push({ name, bytes: await readFile(path) })
    } catch (err) {
      const text = messageOf(err)
      mistakes.push(text.startsWith(`${path}: `) ? text : `${path}: ${text}`)
    }
  }
  if (mistakes.length > 0) throw new AppError('invalid_argument', `cannot use:\n  ${mistakes.join('\n  ')}`)
  return sources
}

/** Registers the one account of a folder of its own. */
export async function makeOwner({ accounts }: Services): Promise<Owner> {
  const email = 'owner@example.com'
  const password = randomBytes(12).toString('base64url')
  const { session } = await accounts.register({ email, password })
  return { actor: await accounts.bySession(session.cookie), email, password }
}

/**
 * Takes the files in as one dataset and waits until all of them are indexed or given up. Returns the dataset and the
 * documents that could not be read, each with its reason.
 */
export async function indexSources(
  { knowledge }: Services,
  actor: Actor,
  sources: readonly Source[],
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<{ datasetId: string; failed: DocumentRow[] }> {
  const dataset = { spaceId: actor.personalSpaceId, name: 'documents', formatType: 0 }
  const datasetId = await knowledge.createDataset(actor, dataset)
  const batches: string[][] = []
  for (let i = 0; i < sources.length; i += PER_CALL) {
    const documents = sources
      .slice(i, i + PER_CALL)
      .map(({ name, bytes }) => ({ name, source: { kind: 'bytes', bytes } as const }))
    const rows = await knowledge.createDocuments(actor, { datasetId, documents })
    batches.push(rows.map(({ id }) => id))
  }
  for (;;) {
    const all = (await Promise.all(batches.map((ids) => knowledge.progress(actor, datasetId, ids)))).flat()
    const done = all.filter(({ document }) => document.status !== 0).length
    const percent = Math.floor(all.reduce((sum, one) => sum + one.percent, 0) / all.length)
    onProgress({ done, total: all.length, percent })
    if (done === all.length)
      return { datasetId, failed: all.map(({ document }) => document).filter(({ status }) => status === 9) }
    await sleep(POLL_MS, undefined, { signal })
  }
}

/** A source of an answer, as the recall found it. */
export type Cited = { document: string; score: number; excerpt: string }

/** Asks one question of an agent that knows the datasets; `onText` gets the answer piece by piece. */
export async function askOnce(
  { agents, chats }: Services,
  actor: Actor,
  datasetId: string,
  question: string,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<{ cited: Cited[] }> {
  const agentId = await agents.create(actor, {
    spaceId: actor.personalSpaceId,
    name: 'ask',
    config: {
      prompt: 'Answer the question from the documents. Say so when they do not hold the answer.',
      knowledge: { datasetIds: [datasetId] },
    },
  })
  await agents.publish(actor, agentId)
  const message = { role: 'user', type: 'question', content: question, contentType: 'text' } as const
  const run = await chats.start(actor, { agentId, userRef: 'owner', messages: [message] })
  let cited: Cited[] = []
  const chat = await chats.play(
    run,
    (event) => {
      if (event.type === 'delta') onText(event.text)
      if (event.type === 'message' && event.message.type === 'verbose') cited = citedIn(event.message.content) ?? cited
    },
    signal,
  )
  if (chat.status === 'failed') throw new AppError('unavailable', chat.error.message)
  return { cited }
}

type RecallMessage = { msg_type: string; data: string }
type Recalled = { chunks: { slice: string; score: number; meta: { document: { name: string } } }[] }

function citedIn(content: string): Cited[] | undefined {
  const message = JSON.parse(content) as RecallMessage
  if (message.msg_type !== 'knowledge_recall') return undefined
  return (JSON.parse(message.data) as Recalled).chunks.map(({ slice, score, meta }) => ({
    document: meta.document.name,
    score,
    excerpt: slice,
  }))
}
