import type { Actor } from '../src/domain/actor.ts'
import { AgentData } from '../src/domain/database/agent-data.ts'
import { Databases } from '../src/domain/database/service.ts'
import type { Access, DatabaseView, FieldType } from '../src/domain/database/types.ts'
import { openModel } from '../src/infra/model/open.ts'
import { openSqlParser } from '../src/infra/sqlparser/open.ts'
import { Tables } from '../src/infra/tables/tables.ts'
import { ANN, type ChatKit, chatKit } from './chat.ts'

/** Fields by name; "text!" is required. */
export type FieldList = Readonly<Record<string, FieldType | `${FieldType}!`>>

export const fieldsFrom = (list: FieldList) =>
  Object.entries(list).map(([name, type]) => ({
    name,
    description: '',
    type: type.replace('!', '') as FieldType,
    isRequired: type.endsWith('!'),
  }))

/** Databases on a real store, beside agents and files; `await using` removes all of it. `model`: of agents and chats. */
export async function testDatabases({ model: modelUri = 'scripted:' } = {}) {
  const kit: ChatKit = await chatKit()
  const { context, agents, library } = kit
  const parser = await openSqlParser(context.database.dialect)
  const { newId, clock, database } = context
  const tables = new Tables({ database, parser, newId, clock })
  const databases = new Databases({ context, tables, files: library.fileService, agents })
  const model = await openModel(modelUri)
  const data = new AgentData({ context, model, parser, tables })
  /** A database of Ann, bound to her agent. */
  const bound = async (name: string, fields: FieldList, access: Access = 'limited'): Promise<DatabaseView> => {
    const input = { spaceId: '201', name, description: '', access, isPromptDisabled: false, fields: fieldsFrom(fields) }
    const view = await databases.create(ANN, input)
    await databases.bind(ANN, kit.agentId, view.id)
    return view
  }
  /** Chats whose agent looks into its databases. */
  const chats = async () => (await kit.another({ model: modelUri, databases: data })).chats
  const asker = { agentId: kit.agentId, spaceId: '201' }
  /** Runs a statement as the agent, for one of its end users. */
  const sql = (userRef: string, text: string, connectorId = '1024') =>
    data.execute(asker, { userRef, connectorId }, text)
  const add = (actor: Actor, id: string, ...rows: Record<string, string>[]) =>
    databases.updateRecords(actor, id, { environment: 'online', add: rows, alter: [], deleteIds: [] })
  return {
    ...{ kit, context, database, tables, parser, databases, data, model, asker, bound, sql, add, chats },
    [Symbol.asyncDispose]: async () => {
      await model.close()
      await kit[Symbol.asyncDispose]()
    },
  }
}
