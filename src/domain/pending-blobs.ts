import type { Blob } from '../infra/blob/blob.ts'
import type { Db, Tx } from '../infra/db/db.ts'
import type { Context } from './context.ts'

/** Where several processes may be writing, one that takes longer than this is taken for dead. */
const ABANDONED_AFTER_MS = 86_400_000

/**
 * Blobs are written before the row that names them, and a process may be killed between the two. So a key is noted
 * before its blob is written, and crossed out in the transaction that names it: what is still noted at a start was
 * left behind.
 */
export async function expectBlobs(db: Db, keys: readonly string[], nowMs: number): Promise<void> {
  const rows = keys.map((blob_key) => ({ blob_key, created_at_ms: nowMs }))
  await db.insertInto('pending_blob').values(rows).execute()
}

/** A row names them now. */
export async function keepBlobs(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.deleteFrom('pending_blob').where('blob_key', 'in', keys).execute()
}

type Stores = { context: Context; blob: Blob }

/** Removes expected blobs after a failure, unless they were kept. Never rejects: what it cannot do, the next start does. */
export async function dropBlobs({ context, blob }: Stores, keys: readonly string[]): Promise<void> {
  const { db } = context.database
  try {
    const left = await db.selectFrom('pending_blob').select('blob_key').where('blob_key', 'in', keys).execute()
    for (const { blob_key } of left) {
      await blob.delete(blob_key)
      await db.deleteFrom('pending_blob').where('blob_key', '=', blob_key).execute()
    }
  } catch {
    // the failure that led here is the one to tell about
  }
}

/**
 * Removes what earlier processes left behind, and returns how many keys that were. Call it before anything is
 * written: with a database of one process, everything noted counts.
 */
export async function sweepBlobs({ context, blob }: Stores): Promise<number> {
  const { database, clock } = context
  const beforeMs = database.features.has('exclusive') ? Number.MAX_SAFE_INTEGER : clock() - ABANDONED_AFTER_MS
  const notes = database.db.selectFrom('pending_blob').select('blob_key').where('created_at_ms', '<', beforeMs)
  const left = await notes.execute()
  for (const { blob_key } of left) {
    await blob.delete(blob_key)
    await database.db.deleteFrom('pending_blob').where('blob_key', '=', blob_key).execute()
  }
  return left.length
}
