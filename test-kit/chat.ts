import { type Clock, systemClock } from '../src/base/clock.ts'
import { AppError } from '../src/base/errors.ts'
import { idGenerator } from '../src/base/ids.ts'
import type { Actor } from '../src/domain/actor.ts'
import { Agents } from '../src/domain/agent/service.ts'
import { Chats, type ChatsDeps } from '../src/domain/chat/service.ts'
import type { Context } from '../src/domain/context.ts'
import { Conversations } from '../src/domain/conversation/service.ts'
import { agentRoutes } from '../src/http/routes/agents.ts'
import { chatRoutes } from '../src/http/routes/chats.ts'
import { conversationRoutes } from '../src/http/routes/conversations.ts'
import { messageRoutes } from '../src/http/routes/messages.ts'
import { type App, createServer } from '../src/http/server.ts'
import type { Database } from '../src/infra/db/db.ts'
import type { FileTable } from '../src/infra/db/schema.ts'
import type { Passage } from '../src/infra/model/model.ts'
import { openModel } from '../src/infra/model/open.ts'
import { testDatabase } from './db.ts'
import { sharedView } from './shared-view.ts'

/** Two accounts with a personal space each, and a team space that both are in. */
export const ANN: Actor = {
  accountId: '101',
  personalSpaceId: '201',
  spaces: new Map([
    ['201', 'owner'],
    ['300', 'owner'],
  ]),
  connectorId: '1024',
}
export const BOB: Actor = {
  accountId: '102',
  personalSpaceId: '202',
  spaces: new Map([
    ['202', 'owner'],
    ['300', 'member'],
  ]),
  connectorId: '1024',
}
const ACTORS: Readonly<Record<string, Actor>> = { pat_ann: ANN, pat_bob: BOB }

/** Knowledge and files in memory, as far as agents and chats need them. */
export class TestLibrary {
  readonly passages: Passage[] = []
  readonly datasets = new Map<string, { name: string; spaceId: string }>()
  readonly files = new Map<string, { row: FileTable; data: Uint8Array }>()
  readonly recalls: { spaceIds: string[]; datasetIds: string[]; query: string; options: object }[] = []

  addFile(actor: Actor, id: string, name: string, mediaType: string, text: string): string {
    const data = new TextEncoder().encode(text)
    const row = { id, space_id: actor.personalSpaceId, creator_id: actor.accountId, name, media_type: mediaType }
    this.files.set(id, { row: { ...row, size_bytes: data.length, blob_key: id, created_at_ms: 1 }, data })
    return id
  }

  #file(actor: Actor, id: string) {
    const file = this.files.get(id)
    if (file === undefined || !actor.spaces.has(file.row.space_id)) throw new AppError('not_found', 'file not found')
    return file
  }

  readonly fileService = {
    get: async (actor: Actor, id: string) => this.#file(actor, id).row,
    read: async (actor: Actor, id: string) => this.#file(actor, id).data,
    url: async (file: FileTable) => `http://files.test/${file.id}`,
    iconUrl: async (actor: Actor, id: string | null) =>
      id === null ? '' : `http://files.test/${this.#file(actor, id).row.id}`,
  }

  readonly knowledge = {
    datasetNames: async (actor: Actor, ids: string[]) =>
      ids.map((id) => {
        const dataset = this.datasets.get(id)
        if (dataset === undefined || !actor.spaces.has(dataset.spaceId))
          throw new AppError('not_found', 'dataset not found')
        return { id, name: dataset.name }
      }),
    recall: async (spaceIds: string[], datasetIds: string[], query: string, options: object) => {
      this.recalls.push({ spaceIds, datasetIds, query, options })
      return this.passages
    },
  }
}

export type ChatKit = AsyncDisposable & {
  database: Database
  context: Context
  library: TestLibrary
  agents: Agents
  conversations: Conversations
  chats: Chats
  /** A published agent of Ann. */
  agentId: string
  /** A second set of services on the same database: another process. */
  another(options?: ChatKitOptions): Promise<ChatKit>
  server(): Promise<App>
}

export type ChatKitOptions = {
  model?: string
  config?: Parameters<Agents['update']>[2]['config']
  clock?: Clock
  /** The database as one that other processes have open, too. */
  shared?: boolean
} & Partial<Pick<ChatsDeps, 'databases' | 'parser' | 'warn'>>

let lastServerNumber = 0

/** Agents, conversations and chats over a real database and a real model front; `scripted:` unless told. */
export async function chatKit(options: ChatKitOptions = {}): Promise<ChatKit> {
  const database = await testDatabase()
  const kit = await assemble(database, new TestLibrary(), options)
  const agentId = await kit.agents.create(ANN, { spaceId: '201', name: 'Helper', config: options.config })
  await kit.agents.publish(ANN, agentId)
  return {
    ...kit,
    agentId,
    another: async (own = options) => ({ ...(await assemble(database, kit.library, own)), agentId, another: never }),
    [Symbol.asyncDispose]: async () => {
      await kit[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const never = () => Promise.reject(new Error('only the first kit makes another'))

async function assemble(
  database: Database,
  library: TestLibrary,
  options: ChatKitOptions,
): Promise<Omit<ChatKit, 'agentId' | 'another'>> {
  const newId = idGenerator(systemClock, ++lastServerNumber)
  const view = options.shared ? sharedView(database) : database
  const context: Context = { database: view, newId, clock: options.clock ?? systemClock, nudge: () => undefined }
  const model = await openModel(options.model ?? 'scripted:')
  const { knowledge, fileService: files } = library
  const agents = new Agents({ context, model, knowledge, files })
  const conversations = new Conversations({ context, agents, files })
  const { model: _model, config: _config, clock: _clock, shared: _shared, ...hooks } = options
  const chats = new Chats({ context, model, knowledge, files, agents, conversations, ...hooks })
  const servers: App[] = []
  return {
    database,
    context,
    library,
    agents,
    conversations,
    chats,
    server: async () => {
      const app = await createServer({
        maxBodyBytes: 50_000_000,
        authenticator: {
          byToken: async (token) => {
            const actor = ACTORS[token]
            if (actor === undefined) throw new AppError('unauthenticated', 'the token is not valid')
            return actor
          },
          bySession: async () => {
            throw new AppError('unauthenticated', 'the session has ended')
          },
        },
        routes: [
          agentRoutes({ agents }),
          conversationRoutes({ conversations }),
          messageRoutes({ conversations }),
          chatRoutes({ chats }),
        ],
      })
      servers.push(app)
      return app
    },
    [Symbol.asyncDispose]: async () => {
      await chats.drain(0)
      await Promise.all(servers.map((app) => app.close()))
      await model.close()
    },
  }
}
