import type { Config } from '../config/config.ts'
import { Accounts } from '../domain/account/service.ts'
import { Agents } from '../domain/agent/service.ts'
import { Chats } from '../domain/chat/service.ts'
import type { Context } from '../domain/context.ts'
import { Conversations } from '../domain/conversation/service.ts'
import { AgentData } from '../domain/database/agent-data.ts'
import { Imports } from '../domain/database/imports.ts'
import { Databases } from '../domain/database/service.ts'
import { Files } from '../domain/file/service.ts'
import { Knowledge } from '../domain/knowledge/service.ts'
import { Spaces } from '../domain/space/service.ts'
import { DocumentParser } from '../infra/document/document.ts'
import type { SqlParser } from '../infra/sqlparser/sqlparser.ts'
import { Tables } from '../infra/tables/tables.ts'
import type { Capabilities } from './capabilities.ts'

/** The use cases of the application. */
export type Services = {
  accounts: Accounts
  spaces: Spaces
  agents: Agents
  databases: Databases
  imports: Imports
  files: Files
  knowledge: Knowledge
  conversations: Conversations
  chats: Chats
  parser: DocumentParser
}

/** Builds the services in the order of their needs. */
export function buildServices(
  capabilities: Capabilities & { sqlParser: SqlParser },
  context: Context,
  config: Pick<Config, 'allowRegistration' | 'maxRequestBodyBytes'>,
  warn: (err: unknown, what: string) => void,
): Services {
  const { blob, search, embedding, model, sqlParser } = capabilities
  const parser = new DocumentParser()
  const spaces = new Spaces({ context })
  const accounts = new Accounts({ context, blob, spaces, allowRegistration: config.allowRegistration })
  const files = new Files({ context, blob, maxFileBytes: config.maxRequestBodyBytes })
  const knowledge = new Knowledge({ context, files, blob, search, embedding, parser })
  const agents = new Agents({ context, model, knowledge, files })
  const { database, newId, clock } = context
  const tables = new Tables({ database, parser: sqlParser, newId, clock })
  const databases = new Databases({ context, tables, files, agents })
  const imports = new Imports({ context, tables, files, parser })
  const conversations = new Conversations({ context, agents, files })
  const chats = new Chats({
    context,
    model,
    knowledge,
    files,
    agents,
    conversations,
    databases: new AgentData({ context, model, parser: sqlParser, tables }),
    parser,
    warn: (err, chatId) => warn(err, `chat ${chatId}`),
  })
  return { accounts, spaces, agents, databases, imports, files, knowledge, conversations, chats, parser }
}
