import type { Knowledge } from '../../domain/knowledge/service.ts'
import type { TopicHandler } from '../worker.ts'
import { deleteDatasetHandler } from './delete-dataset.ts'
import { deleteDocumentHandler } from './delete-document.ts'
import { indexDocumentHandler } from './index-document.ts'

/** One handler for every topic of the outbox. */
export const allHandlers = ({ knowledge }: { knowledge: Knowledge }): TopicHandler[] => [
  indexDocumentHandler(knowledge),
  deleteDocumentHandler(knowledge),
  deleteDatasetHandler(knowledge),
]
