import type { Insertable, Selectable, Updateable } from 'kysely'
import { contains, type Db, type Tx } from '../../infra/db/db.ts'
import type { UserDatabaseImportTable, UserDatabaseTable } from '../../infra/db/schema.ts'
import type { DatabaseFilter } from './types.ts'

export type DatabaseRow = Selectable<UserDatabaseTable>

export async function insertDatabase(tx: Tx, row: Insertable<UserDatabaseTable>): Promise<void> {
  await tx.insertInto('user_database').values(row).execute()
}

export async function updateDatabase(tx: Tx, id: string, set: Updateable<UserDatabaseTable>): Promise<void> {
  await tx.updateTable('user_database').set(set).where('id', '=', id).execute()
}

/** Holds the database's row, so that nobody else changes it until the transaction ends. False when it is gone. */
export async function lockDatabase(tx: Tx, id: string): Promise<boolean> {
  const query = tx.selectFrom('user_database').select('id').where('id', '=', id)
  return (await query.forUpdate().executeTakeFirst()) !== undefined
}

/** By the id of either half. */
export function findDatabase(db: Db | Tx, spaceIds: readonly string[], id: string): Promise<DatabaseRow | undefined> {
  const mine = db.selectFrom('user_database').selectAll().where('space_id', 'in', spaceIds)
  return mine.where((eb) => eb.or([eb('id', '=', id), eb('online_id', '=', id)])).executeTakeFirst()
}

export function findByName(db: Db | Tx, spaceId: string, nameKey: string): Promise<{ id: string } | undefined> {
  const named = db.selectFrom('user_database').select('id').where('name_key', '=', nameKey)
  return named.where('space_id', '=', spaceId).executeTakeFirst()
}

export async function deleteDatabase(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('agent_database').where('database_id', '=', id).execute()
  await tx.deleteFrom('user_database_import').where('database_id', '=', id).execute()
  await tx.deleteFrom('user_database').where('id', '=', id).execute()
}

/** One page of databases, by the time they were made. */
export async function listDatabases(
  db: Db,
  spaceIds: readonly string[],
  filter: DatabaseFilter,
): Promise<{ rows: DatabaseRow[]; total: number }> {
  let query = db.selectFrom('user_database').where('space_id', 'in', spaceIds)
  if (filter.creatorId !== undefined) query = query.where('creator_id', '=', filter.creatorId)
  if (filter.name !== undefined) query = query.where(contains('name_key', filter.name.toLowerCase()))
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const order = filter.newestFirst ? 'desc' : 'asc'
  const rows = await query.selectAll().orderBy('id', order).limit(filter.limit).offset(filter.offset).execute()
  return { rows, total: Number(total) }
}

/** What an agent uses, oldest first. */
export function listOfAgent(db: Db, spaceId: string, agentId: string): Promise<DatabaseRow[]> {
  return db
    .selectFrom('agent_database')
    .innerJoin('user_database', 'user_database.id', 'agent_database.database_id')
    .selectAll('user_database')
    .where('agent_database.agent_id', '=', agentId)
    .where('user_database.space_id', '=', spaceId)
    .orderBy('user_database.id')
    .execute()
}

/** Which of the databases an agent uses. */
export async function boundIds(db: Db | Tx, agentId: string): Promise<Set<string>> {
  const rows = await db.selectFrom('agent_database').select('database_id').where('agent_id', '=', agentId).execute()
  return new Set(rows.map((row) => row.database_id))
}

export async function bind(tx: Tx, agentId: string, databaseId: string, nowMs: number): Promise<void> {
  const row = { agent_id: agentId, database_id: databaseId, created_at_ms: nowMs }
  await tx.insertInto('agent_database').values(row).execute()
}

/** Whether it was bound. */
export async function unbind(db: Db | Tx, agentId: string, databaseId: string): Promise<boolean> {
  const bound = db.deleteFrom('agent_database').where('agent_id', '=', agentId)
  const { numDeletedRows } = await bound.where('database_id', '=', databaseId).executeTakeFirst()
  return numDeletedRows > 0n
}

export type ImportRow = Selectable<UserDatabaseImportTable>
type ImportPlace = { databaseId: string; environment: ImportRow['environment']; importId: string }

/** By the id of the draft, without regard to spaces: for work in the background. */
export function findById(db: Db | Tx, id: string): Promise<DatabaseRow | undefined> {
  return db.selectFrom('user_database').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findImport(
  db: Db | Tx,
  databaseId: string,
  environment: ImportRow['environment'],
): Promise<ImportRow | undefined> {
  const all = db.selectFrom('user_database_import').selectAll().where('database_id', '=', databaseId)
  return all.where('environment', '=', environment).executeTakeFirst()
}

/** Only the last import of each half is remembered. */
export async function replaceImport(tx: Tx, row: Insertable<UserDatabaseImportTable>): Promise<void> {
  await tx
    .deleteFrom('user_database_import')
    .where('database_id', '=', row.database_id)
    .where('environment', '=', row.environment)
    .execute()
  await tx.insertInto('user_database_import').values(row).execute()
}

/** Whether the import was still running, and (if asked) as far as was thought. */
export async function updateImport(
  db: Db | Tx,
  { databaseId, environment, importId }: ImportPlace,
  set: Updateable<UserDatabaseImportTable>,
  expected: { doneRows?: number } = {},
): Promise<boolean> {
  let query = db
    .updateTable('user_database_import')
    .set(set)
    .where('database_id', '=', databaseId)
    .where('environment', '=', environment)
    .where('import_id', '=', importId)
    .where('status', '=', 'running')
  if (expected.doneRows !== undefined) query = query.where('done_rows', '=', expected.doneRows)
  const { numUpdatedRows } = await query.executeTakeFirst()
  return numUpdatedRows > 0n
}
