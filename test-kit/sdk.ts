import { type ChatV3Message, CozeAPI, type CreateChatData, type DocumentBase, type StreamChatData } from '@coze/api'
import { registerUser, type TestUser } from './account.ts'
import { startServer, type TestServer, type TestServerOptions } from './server.ts'

/** The official SDK, speaking for one person. */
export const cozeOf = (url: string, token: string): CozeAPI => new CozeAPI({ baseURL: url, token })

export type SdkWorld = AsyncDisposable & { server: TestServer; user: TestUser; coze: CozeAPI }

/** A server process of its own, its owner, and the official SDK with the owner's token. Anyone may register. */
export async function startSdkWorld(options: TestServerOptions = {}): Promise<SdkWorld> {
  const server = await startServer({ ...options, env: { ALLOW_REGISTRATION: '1', ...options.env } })
  const dispose = () => server[Symbol.asyncDispose]()
  try {
    const user = await registerUser(server.url, 'owner')
    return { server, user, coze: cozeOf(server.url, user.token), [Symbol.asyncDispose]: dispose }
  } catch (err) {
    await dispose()
    throw err
  }
}

/** Calls `look` until `isEnough` accepts what it gave. */
export async function until<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const seen = await look()
    if (isEnough(seen)) return seen
    if (Date.now() > deadline) throw new Error(`not so in ${timeoutMs} ms: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}

/** The progress of documents once none of them is being processed any more. */
export async function indexed(coze: CozeAPI, datasetId: string, documentIds: string[]) {
  const look = async () => (await coze.datasets.process(datasetId, { document_ids: documentIds })).data
  return until(look, (all) => all.every((document) => document.status !== 0))
}

/** A document whose bytes go in the request. */
export const base64Document = (name: string, bytes: Uint8Array | string): DocumentBase => {
  const info = { file_base64: Buffer.from(bytes).toString('base64'), file_type: name.split('.').at(-1) ?? '' }
  return { name, source_info: { document_source: 0, ...info } }
}

/** A dataset with these documents, indexed. Throws when one of them could not be. */
export async function datasetWith(
  coze: CozeAPI,
  spaceId: string,
  documents: readonly DocumentBase[],
  name = 'Handbook',
): Promise<{ datasetId: string; documentIds: string[] }> {
  const { dataset_id: datasetId } = await coze.datasets.create({ name, space_id: spaceId, format_type: 0 })
  const made = await coze.datasets.documents.create({ dataset_id: datasetId, document_bases: [...documents] })
  const documentIds = made.map((document) => document.document_id)
  const failed = (await indexed(coze, datasetId, documentIds)).filter((document) => document.status !== 1)
  if (failed.length > 0) throw new Error(failed.map((f) => `${f.document_name}: ${f.status_descript}`).join('; '))
  return { datasetId, documentIds }
}

/** A published agent, with knowledge when datasets are given. */
export async function publishedAgent(coze: CozeAPI, spaceId: string, datasetIds: string[] = []): Promise<string> {
  const { bot_id: botId } = await coze.bots.create({ space_id: spaceId, name: 'Helper' })
  if (datasetIds.length > 0)
    await coze.bots.update({ bot_id: botId, knowledge: { dataset_ids: datasetIds, auto_call: true } })
  await coze.bots.publish({ bot_id: botId, connector_ids: ['1024'] })
  return botId
}

/** A streamed chat that was read to its end. */
export type Transcript = {
  events: StreamChatData[]
  /** What the deltas of the answer come to. */
  deltas: string
  /** The deltas of the thinking before it. */
  reasoning: string
  messages: ChatV3Message[]
  answer: string
  chat: CreateChatData
}

/** Reads a stream to the end. Throws when there is no chat in it. */
export async function transcriptOf(stream: AsyncIterable<StreamChatData>): Promise<Transcript> {
  const events: StreamChatData[] = []
  const messages: ChatV3Message[] = []
  let [deltas, reasoning] = ['', '']
  let chat: CreateChatData | undefined
  for await (const event of stream) {
    events.push(event)
    if (typeof event.data !== 'object') continue
    if ('status' in event.data) chat = event.data
    else if ('role' in event.data && event.event.endsWith('.completed')) messages.push(event.data)
    else if ('role' in event.data) {
      deltas += event.data.content
      reasoning += event.data.reasoning_content ?? ''
    }
  }
  if (chat === undefined) throw new Error(`no chat in the stream: ${JSON.stringify(events)}`)
  const answer = messages.find((message) => message.type === 'answer')?.content ?? ''
  return { events, deltas, reasoning, messages, answer, chat }
}

/** A passage that the answer was made from. */
export type Source = {
  slice: string
  score: number
  meta: { dataset: { id: string }; document: { id: string; name: string }; slice: { id: string } }
}

/** What was recalled for an answer, best first; undefined when nothing was looked up. */
export function sourcesOf(messages: readonly ChatV3Message[]): Source[] | undefined {
  for (const message of messages.filter((candidate) => candidate.type === 'verbose')) {
    const { msg_type: type, data } = JSON.parse(message.content) as { msg_type: string; data: string }
    if (type === 'knowledge_recall') return (JSON.parse(data) as { chunks: Source[] }).chunks
  }
  return undefined
}
