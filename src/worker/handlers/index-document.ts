import type { Knowledge } from '../../domain/knowledge/service.ts'
import { handler, type TopicHandler } from '../worker.ts'

/** Documents at once: enough to read one while another is embedded or written. */
const CONCURRENCY = 3
/** More than three minutes in all: long enough for an embedding service to be restarted, or for its limit to pass. */
const MAX_ATTEMPTS = 9

/** Makes a document findable. */
export const indexDocumentHandler = (knowledge: Knowledge): TopicHandler =>
  handler({
    topic: 'knowledge.index_document',
    concurrency: CONCURRENCY,
    maxAttempts: MAX_ATTEMPTS,
    handle: async ({ dataset_id, document_id }, { signal, attempt }) => {
      await knowledge.indexDocument({ datasetId: dataset_id, documentId: document_id }, { signal, attempt })
    },
    giveUp: ({ dataset_id, document_id }, reason) =>
      knowledge.failDocument({ datasetId: dataset_id, documentId: document_id }, `given up: ${reason}`),
  })
