import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChatEvent } from '../src/domain/chat/types.ts'
import { ANN } from './chat.ts'
import { testDatabases } from './databases.ts'
import { temporaryFolder } from './tmp.ts'

export type DataWorld = Awaited<ReturnType<typeof testDatabases>>

/** Agents whose model writes `reply` for every question, as SQL or as its whole answer, and answers with what it was told. */
export async function withModel(reply: string | object): Promise<DataWorld & { folder: AsyncDisposable }> {
  const folder = await temporaryFolder()
  const script = [
    {
      match: 'Write one query for',
      reply: typeof reply === 'string' ? JSON.stringify({ sql: reply }) : JSON.stringify(reply),
    },
    { match: '', reply: 'Told: {{system}}' },
  ]
  const path = join(folder.path, 'script.json')
  await writeFile(path, JSON.stringify(script))
  const world = await testDatabases({ model: `scripted:?file=${encodeURIComponent(path)}` })
  const dispose = async () => {
    await world[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  }
  return { ...world, folder, [Symbol.asyncDispose]: dispose }
}

/** Asks the agent as one of its end users; gives what the chat showed and what is kept of it. */
export async function ask(world: DataWorld, userRef = 'ann', question = 'Which notes?') {
  const chats = await world.chats()
  const events: ChatEvent[] = []
  const request = {
    agentId: world.kit.agentId,
    userRef,
    messages: [{ role: 'user', content: question }],
  } as const
  const chat = await chats.play(await chats.start(ANN, request), (event) => void events.push(event))
  const messages = events.flatMap((event) => (event.type === 'message' ? [event.message] : []))
  const contentOf = (type: string) => messages.find((message) => message.type === type)?.content ?? ''
  const stored = await chats.messages(ANN, chat.conversationId, chat.id)
  return { chat, types: messages.map(({ type }) => type), contentOf, stored: stored.map(({ type }) => type) }
}
