import type { Knowledge } from '../../domain/knowledge/service.ts'
import { handler, type TopicHandler } from '../worker.ts'

/** Removes a deleted document from the index and the blob store. */
export const deleteDocumentHandler = (knowledge: Knowledge): TopicHandler =>
  handler({
    topic: 'knowledge.delete_document',
    concurrency: 4,
    maxAttempts: 100, // hours: nobody else would ever remove it
    handle: (event) => knowledge.cleanDocument(event),
  })
