import { healthRoutes, type Readiness } from '../http/health.ts'
import { accessTokenRoutes } from '../http/routes/access-tokens.ts'
import { agentRoutes } from '../http/routes/agents.ts'
import { blobRoutes } from '../http/routes/blobs.ts'
import { chatRoutes } from '../http/routes/chats.ts'
import { conversationRoutes } from '../http/routes/conversations.ts'
import { databaseImportRoutes } from '../http/routes/database-imports.ts'
import { databaseRoutes } from '../http/routes/databases.ts'
import { datasetRoutes } from '../http/routes/datasets.ts'
import { docsRoutes } from '../http/routes/docs.ts'
import { documentRoutes } from '../http/routes/documents.ts'
import { fileRoutes } from '../http/routes/files.ts'
import { imageRoutes } from '../http/routes/images.ts'
import { messageRoutes } from '../http/routes/messages.ts'
import { passportRoutes } from '../http/routes/passport.ts'
import { recordRoutes } from '../http/routes/records.ts'
import { spaceRoutes } from '../http/routes/spaces.ts'
import { userRoutes } from '../http/routes/users.ts'
import type { Routes } from '../http/server.ts'
import type { Services } from './services.ts'

/** Every route of the server. */
export function apiRoutes(services: Services, readiness: () => Promise<Readiness>): Routes[] {
  return [
    healthRoutes(readiness),
    docsRoutes(),
    passportRoutes(services),
    accessTokenRoutes(services),
    spaceRoutes(services),
    userRoutes(services),
    agentRoutes(services),
    databaseRoutes(services),
    recordRoutes(services),
    databaseImportRoutes(services),
    fileRoutes(services),
    blobRoutes(services),
    datasetRoutes(services),
    documentRoutes(services),
    imageRoutes(services),
    conversationRoutes(services),
    messageRoutes(services),
    chatRoutes(services),
  ]
}
