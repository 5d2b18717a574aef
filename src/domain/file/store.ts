import type { Db, Tx } from '../../infra/db/db.ts'
import type { FileRow } from './types.ts'

export async function insertFile(db: Db | Tx, row: FileRow): Promise<void> {
  await db.insertInto('file').values(row).execute()
}

export function findFile(db: Db | Tx, spaceIds: readonly string[], id: string): Promise<FileRow | undefined> {
  return db.selectFrom('file').selectAll().where('id', '=', id).where('space_id', 'in', spaceIds).executeTakeFirst()
}
