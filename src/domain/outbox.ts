import type { Db, Tx } from '../infra/db/db.ts'

/**
 * Events wait in the database, written in the transaction of the change that caused them, until the work they ask
 * for is done (volatile queue) or the broker has them (durable queue). Handlers are idempotent: after a crash the
 * same event comes again.
 */
export type Events = {
  /** Parse, chunk, embed and index one document. Key: the document. */
  'knowledge.index_document': { dataset_id: string; document_id: string }
  /** Remove a document's chunks from the search index and its blob from storage. Key: the dataset. */
  'knowledge.delete_document': { dataset_id: string; document_id: string; blob_key: string }
  /** Drop a dataset's search index and remove the blobs of its documents. Key: the dataset. */
  'knowledge.delete_dataset': { dataset_id: string }
  /** Write the rows of a file into a database. Key: the database. */
  'database.import_rows': { database_id: string; environment: 'draft' | 'online'; import_id: string }
}
export type Topic = keyof Events

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

/** The waiting events, as the relay and the worker see them. */
export class Outbox {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** Live events after a position, oldest first. */
  async read(afterId: string, limit: number): Promise<OutboxEvent[]> {
    const rows = await this.#db
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
  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#db.deleteFrom('outbox').where('id', 'in', ids).execute()
  }

  /** Keeps an event that cannot be handled, with the reason, out of the relay's way. */
  async bury(id: string, reason: string): Promise<void> {
    await this.#db.updateTable('outbox').set({ dead_reason: reason }).where('id', '=', id).execute()
  }

  /** How many events wait, and how many were given up. */
  async count(): Promise<{ waiting: number; dead: number }> {
    const { fn } = this.#db
    const row = await this.#db
      .selectFrom('outbox')
      .select([fn.countAll<number>().as('all_count'), fn.count<number>('dead_reason').as('dead_count')])
      .executeTakeFirstOrThrow()
    const [all, dead] = [Number(row.all_count), Number(row.dead_count)]
    return { waiting: all - dead, dead }
  }
}
