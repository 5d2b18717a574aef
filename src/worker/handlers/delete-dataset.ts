import type { Knowledge } from '../../domain/knowledge/service.ts'
import { handler, type TopicHandler } from '../worker.ts'

/** Removes a deleted dataset's index and its originals. */
export const deleteDatasetHandler = (knowledge: Knowledge): TopicHandler =>
  handler({
    topic: 'knowledge.delete_dataset',
    concurrency: 2,
    maxAttempts: 100, // hours: nobody else would ever remove it
    handle: (event) => knowledge.cleanDataset(event),
  })
