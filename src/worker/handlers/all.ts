import type { DatabaseImports } from '../../domain/database/types.ts'
import type { Knowledge } from '../../domain/knowledge/service.ts'
import type { TopicHandler } from '../worker.ts'
import { deleteDatasetHandler } from './delete-dataset.ts'
import { deleteDocumentHandler } from './delete-document.ts'
import { importRowsHandler } from './import-rows.ts'
import { indexDocumentHandler } from './index-document.ts'

type Workers = { knowledge: Knowledge; imports?: DatabaseImports }

/** One handler for every topic of the outbox; without imports for those of knowledge. */
export const allHandlers = ({ knowledge, imports }: Workers): TopicHandler[] => [
  indexDocumentHandler(knowledge),
  deleteDocumentHandler(knowledge),
  deleteDatasetHandler(knowledge),
  ...(imports === undefined ? [] : [importRowsHandler(imports)]),
]
