import type { Database, Db, Tx } from '../infra/db/db.ts'

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

/**
 * The waiting events, as the relay and the worker see them. A process claims what it publishes, so that of several
 * processes on one database each event has one that looks after it; a claim that is not renewed runs out.
 */
export class Outbox {
  readonly #database: Pick<Database, 'db' | 'transaction' | 'features'>
  readonly #db: Db

  constructor(database: Pick<Database, 'db' | 'transaction' | 'features'>) {
    this.#database = database
    this.#db = database.db
  }

  /** Takes live events that nobody holds, oldest first, and holds them until `untilMs`. */
  async claim(limit: number, nowMs: number, untilMs: number): Promise<OutboxEvent[]> {
    const free = (db: Db | Tx) =>
      db.selectFrom('outbox').where('dead_reason', 'is', null).where('claimed_until_ms', '<=', nowMs).orderBy('id')
    // Most polls find nothing; those must not write.
    if ((await free(this.#db).select('id').limit(1).execute()).length === 0) return []
    return this.#database.transaction(async (tx) => {
      const query = free(tx).select(['id', 'topic', 'message_key', 'body_json']).limit(limit)
      const isShared = !this.#database.features.has('exclusive')
      const rows = await (isShared ? query.forUpdate().skipLocked() : query).execute()
      await hold(
        tx,
        rows.map(({ id }) => id),
        untilMs,
      )
      return rows.map((row) => ({
        id: row.id,
        topic: row.topic as Topic,
        key: row.message_key,
        body: row.body_json as unknown as Events[Topic],
      }))
    })
  }

  /** Goes on holding events, or lets go of them with `untilMs` 0. Returns those that still wait. */
  async hold(ids: readonly string[], untilMs: number): Promise<string[]> {
    await hold(this.#db, ids, untilMs)
    const rows: { id: string }[] = []
    for (const some of batches(ids)) {
      const query = this.#db.selectFrom('outbox').select('id').where('id', 'in', some)
      rows.push(...(await query.where('dead_reason', 'is', null).execute()))
    }
    return rows.map(({ id }) => id)
  }

  /** Ends every claim: a process that owns the database alone begins with all there is. */
  async releaseAll(): Promise<void> {
    await this.#db.updateTable('outbox').set({ claimed_until_ms: 0 }).where('claimed_until_ms', '>', 0).execute()
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

/** Ids at once, so that no statement grows beyond what databases take. */
const BATCH = 500

function* batches(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += BATCH) yield ids.slice(start, start + BATCH)
}

async function hold(db: Db | Tx, ids: readonly string[], untilMs: number): Promise<void> {
  for (const some of batches(ids))
    await db.updateTable('outbox').set({ claimed_until_ms: untilMs }).where('id', 'in', some).execute()
}
