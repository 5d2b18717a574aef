import type { Db, Tx } from '../infra/db/db.ts'

/**
 * Events wait in the database, written in the transaction of the change that caused them, until the work they ask
 * for is done (volatile queue) or the broker has them (durable queue). Handlers are idempotent: after a crash the
 * same event comes again.
 */
export type Events = {
  /** Parse, chunk, embed and index one document. Key: the document. */
  'knowledge.index_document': { document_id: string }
  /** Remove a document's chunks from the search index and its blob from storage. Key: the dataset. */
  'knowledge.delete_document': { dataset_id: string; document_id: string; blob_key: string }
  /** Drop a dataset's search index and the blobs of its documents. Key: the dataset. */
  'knowledge.delete_dataset': { dataset_id: string; blob_keys: string[] }
}
export type Topic = keyof Events
export const TOPICS: readonly Topic[] = [
  'knowledge.index_document',
  'knowledge.delete_document',
  'knowledge.delete_dataset',
]

export type OutboxEvent<T extends Topic = Topic> = { id: string; topic: T; key: string; body: Events[T] }

/** Queues an event inside the caller's transaction. Call the relay's `nudge` after the commit to save a poll. */
export async function addEvent<T extends Topic>(
  tx: Tx,
  topic: T,
  key: string,
  body: Events[T],
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({ topic, message_key: key, body_json: body, dead_reason: null, created_at_ms: nowMs })
    .execute()
}

/** Live events after a position, oldest first. */
export async function readEvents(db: Db, afterId: string, limit: number): Promise<OutboxEvent[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['id', 'topic', 'message_key', 'body_json'])
    .where('id', '>', afterId)
    .where('dead_reason', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    topic: row.topic as Topic,
    key: row.message_key,
    body: row.body_json as unknown as Events[Topic],
  }))
}

/** Forgets events whose work is done. */
export async function removeEvents(db: Db | Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('outbox').where('id', 'in', ids).execute()
}

/** Keeps an event that cannot be handled, with the reason, out of the relay's way. */
export async function buryEvent(db: Db | Tx, id: string, reason: string): Promise<void> {
  await db.updateTable('outbox').set({ dead_reason: reason }).where('id', '=', id).execute()
}
