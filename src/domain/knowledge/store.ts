import { sql } from 'kysely'
import { contains, type Db, insertBatches, type Tx } from '../../infra/db/db.ts'
import {
  type ChunkRow,
  type DatasetFilter,
  type DatasetRow,
  DOCUMENT_STATUS,
  type DocumentRow,
  FORMAT,
  type ImageFilter,
  type Page,
} from './types.ts'

type Slice = { limit: number; offset: number }
const sliceOf = ({ number, size }: Page): Slice => ({ limit: size, offset: (number - 1) * size })
const count = sql<number>`count(*)`

// Datasets

export async function insertDataset(db: Db | Tx, row: DatasetRow): Promise<void> {
  await db.insertInto('dataset').values(row).execute()
}

/** Those of the ids that are in the spaces, in any order. */
export async function findDatasets(
  db: Db | Tx,
  spaceIds: readonly string[],
  ids: readonly string[],
): Promise<DatasetRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('dataset').selectAll().where('id', 'in', ids).where('space_id', 'in', spaceIds).execute()
}

/** For the worker, which acts for no space. */
export function findDatasetAnywhere(db: Db | Tx, id: string): Promise<DatasetRow | undefined> {
  return db.selectFrom('dataset').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Latest change first. */
export async function listDatasets(
  db: Db,
  { spaceId, name, formatType }: DatasetFilter,
  page: Page,
): Promise<{ rows: DatasetRow[]; total: number }> {
  let query = db.selectFrom('dataset').where('space_id', '=', spaceId)
  if (name !== undefined) query = query.where(contains('name', name))
  if (formatType !== undefined) query = query.where('format_type', '=', formatType)
  const { limit, offset } = sliceOf(page)
  const rows = query.selectAll().orderBy('updated_at_ms', 'desc').orderBy('id', 'desc').limit(limit).offset(offset)
  const { total } = await query.select(count.as('total')).executeTakeFirstOrThrow()
  return { rows: await rows.execute(), total }
}

/** False when the dataset is gone. Locks its row, so that it can't go before the transaction ends. */
export async function updateDataset(
  db: Db | Tx,
  id: string,
  change: Partial<Omit<DatasetRow, 'id' | 'space_id'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('dataset').set(change).where('id', '=', id).executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The dataset with its documents and chunks. */
export async function deleteDataset(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('dataset').where('id', '=', id).execute()
  await tx.deleteFrom('document').where('dataset_id', '=', id).execute()
  await tx.deleteFrom('chunk').where('dataset_id', '=', id).execute()
}

export type DatasetTotals = { dataset_id: string; documents: number; chunks: number; hits: number; bytes: number }

export async function totalsOf(db: Db, datasetIds: readonly string[]): Promise<DatasetTotals[]> {
  if (datasetIds.length === 0) return []
  const sum = (column: string) => sql<number>`coalesce(sum(${sql.ref(column)}), 0)`
  return db
    .selectFrom('document')
    .where('dataset_id', 'in', datasetIds)
    .groupBy('dataset_id')
    .select(['dataset_id', count.as('documents'), sum('chunk_count').as('chunks')])
    .select([sum('hit_count').as('hits'), sum('size_bytes').as('bytes')])
    .execute()
}

export type DocumentName = Pick<DocumentRow, 'dataset_id' | 'id' | 'name' | 'status'>

/** Newest first; `unfinished` leaves out those that are done. */
export async function namesOf(
  db: Db,
  datasetIds: readonly string[],
  { unfinished, limit }: { unfinished: boolean; limit: number },
): Promise<DocumentName[]> {
  if (datasetIds.length === 0) return []
  let query = db.selectFrom('document').select(['dataset_id', 'id', 'name', 'status'])
  query = query.where('dataset_id', 'in', datasetIds)
  if (unfinished) query = query.where('status', '<>', DOCUMENT_STATUS.done)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

// Documents

export async function insertDocuments(tx: Tx, rows: readonly DocumentRow[]): Promise<void> {
  await tx.insertInto('document').values(rows).execute()
}

/** Those of the ids that are in the spaces, in any order. */
export async function findDocuments(
  db: Db | Tx,
  spaceIds: readonly string[],
  ids: readonly string[],
): Promise<DocumentRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('document').selectAll().where('id', 'in', ids).where('space_id', 'in', spaceIds).execute()
}

/** For the worker, which acts for no space. */
export function findDocumentAnywhere(db: Db | Tx, id: string): Promise<DocumentRow | undefined> {
  return db.selectFrom('document').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Newest first. */
export async function listDocuments(
  db: Db,
  datasetId: string,
  {
    documentIds,
    keyword,
    page,
  }: { documentIds?: readonly string[] | undefined; keyword?: string | undefined; page: Page },
): Promise<{ rows: DocumentRow[]; total: number }> {
  let query = db.selectFrom('document').where('dataset_id', '=', datasetId)
  if (documentIds !== undefined && documentIds.length > 0) query = query.where('id', 'in', documentIds)
  if (keyword !== undefined) query = query.where(contains('name', keyword))
  const { limit, offset } = sliceOf(page)
  const rows = query.selectAll().orderBy('id', 'desc').limit(limit).offset(offset)
  const { total } = await query.select(count.as('total')).executeTakeFirstOrThrow()
  return { rows: await rows.execute(), total }
}

/** Image documents with their captions, newest first. */
export async function listImages(
  db: Db,
  datasetId: string,
  { keyword, hasCaption }: ImageFilter,
  page: Page,
): Promise<{ rows: (DocumentRow & { caption: string | null })[]; total: number }> {
  let query = db
    .selectFrom('document')
    .leftJoin('chunk', 'chunk.document_id', 'document.id')
    .where('document.dataset_id', '=', datasetId)
    .where('document.format_type', '=', FORMAT.image)
  if (keyword !== undefined) query = query.where(contains('chunk.content', keyword))
  if (hasCaption !== undefined) query = query.where('chunk.id', hasCaption ? 'is not' : 'is', null)
  const { limit, offset } = sliceOf(page)
  const rows = query.selectAll('document').select('chunk.content as caption').orderBy('document.id', 'desc')
  const { total } = await query.select(count.as('total')).executeTakeFirstOrThrow()
  return { rows: await rows.limit(limit).offset(offset).execute(), total }
}

/** False when the document is gone or, with `whileStatus`, in another state. */
export async function updateDocument(
  db: Db | Tx,
  id: string,
  change: Partial<Omit<DocumentRow, 'id' | 'space_id' | 'dataset_id'>>,
  whileStatus?: number,
): Promise<boolean> {
  let query = db.updateTable('document').set(change).where('id', '=', id)
  if (whileStatus !== undefined) query = query.where('status', '=', whileStatus)
  return (await query.executeTakeFirst()).numUpdatedRows > 0n
}

/** Ends a run of indexing. False when the document is gone, or was put back to its beginning after the run began. */
export async function finishDocument(
  db: Db | Tx,
  id: string,
  startedAtMs: number,
  change: Partial<Omit<DocumentRow, 'id' | 'space_id' | 'dataset_id'>>,
): Promise<boolean> {
  const query = db.updateTable('document').set(change).where('id', '=', id).where('started_at_ms', '=', startedAtMs)
  const result = await query.where('status', '=', DOCUMENT_STATUS.processing).executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** The documents with their chunks. */
export async function deleteDocuments(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.deleteFrom('document').where('id', 'in', ids).execute()
  await tx.deleteFrom('chunk').where('document_id', 'in', ids).execute()
}

/** Ids of the datasets that another embedding has indexed; of all without `present`. */
export async function listStale(
  db: Db,
  present?: Pick<DatasetRow, 'embedding_name' | 'embedding_dims'>,
): Promise<string[]> {
  let query = db.selectFrom('dataset').select('id').orderBy('id')
  if (present !== undefined) {
    query = query.where((is) =>
      is.or([is('embedding_name', '<>', present.embedding_name), is('embedding_dims', '<>', present.embedding_dims)]),
    )
  }
  return (await query.execute()).map(({ id }) => id)
}

/** Gives a dataset to the present embedding and returns its documents, all of which are to be indexed again. */
export async function lockStale(
  tx: Tx,
  datasetId: string,
  present: Pick<DatasetRow, 'embedding_name' | 'embedding_dims'>,
): Promise<DocumentRow[]> {
  await updateDataset(tx, datasetId, present)
  return tx.selectFrom('document').selectAll().where('dataset_id', '=', datasetId).orderBy('id').execute()
}

/** Ids of the datasets of this embedding that have documents which can be found. */
export async function listIndexed(
  db: Db,
  present: Pick<DatasetRow, 'embedding_name' | 'embedding_dims'>,
): Promise<string[]> {
  const rows = await db
    .selectFrom('dataset')
    .innerJoin('document', 'document.dataset_id', 'dataset.id')
    .select('dataset.id')
    .distinct()
    .where('dataset.embedding_name', '=', present.embedding_name)
    .where('dataset.embedding_dims', '=', present.embedding_dims)
    .where('document.status', '=', DOCUMENT_STATUS.done)
    .where('document.chunk_count', '>', 0)
    .execute()
  return rows.map(({ id }) => id)
}

/** The documents of a dataset that can be found. */
export function listDone(tx: Tx, datasetId: string): Promise<DocumentRow[]> {
  const all = tx.selectFrom('document').selectAll().where('dataset_id', '=', datasetId)
  return all.where('status', '=', DOCUMENT_STATUS.done).orderBy('id').execute()
}

// Chunks

export async function insertChunks(tx: Tx, rows: readonly ChunkRow[]): Promise<void> {
  for (const batch of insertBatches(rows, 8_000)) await tx.insertInto('chunk').values(batch).execute()
}

export async function deleteChunksOf(db: Db | Tx, documentId: string): Promise<void> {
  await db.deleteFrom('chunk').where('document_id', '=', documentId).execute()
}

export async function hasChunks(db: Db | Tx, documentId: string): Promise<boolean> {
  const one = db.selectFrom('chunk').select('id').where('document_id', '=', documentId).limit(1)
  return (await one.executeTakeFirst()) !== undefined
}

/** Chunks of one document in their order. */
export async function listChunks(
  db: Db,
  { datasetId, documentId, keyword, offset, limit }: ChunkQuery,
): Promise<{ rows: ChunkRow[]; total: number }> {
  let query = db.selectFrom('chunk').where('dataset_id', '=', datasetId)
  if (documentId !== undefined) query = query.where('document_id', '=', documentId)
  if (keyword !== undefined) query = query.where(contains('content', keyword))
  const rows = query.selectAll().orderBy('document_id').orderBy('position').limit(limit).offset(offset)
  const { total } = await query.select(count.as('total')).executeTakeFirstOrThrow()
  return { rows: await rows.execute(), total }
}
export type ChunkQuery = Slice & { datasetId: string; documentId?: string | undefined; keyword?: string | undefined }

export type LiveChunk = Pick<ChunkRow, 'id' | 'dataset_id' | 'document_id' | 'content'> & { document_name: string }

/** Those of the chunks that are still there and whose document has not failed, with its name. */
export async function findChunks(db: Db, spaceIds: readonly string[], ids: readonly string[]): Promise<LiveChunk[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('chunk')
    .innerJoin('document', 'document.id', 'chunk.document_id')
    .where('chunk.id', 'in', ids)
    .where('chunk.space_id', 'in', spaceIds)
    .where('document.status', '<>', DOCUMENT_STATUS.failed)
    .select(['chunk.id', 'chunk.dataset_id', 'chunk.document_id', 'chunk.content', 'document.name as document_name'])
    .execute()
}

/** Adds to the hit counts of chunks or documents that all got the same number of hits. */
export async function addHits(
  tx: Tx,
  table: 'chunk' | 'document',
  ids: readonly string[],
  hits: number,
): Promise<void> {
  const more = sql<number>`hit_count + ${hits}`
  if (table === 'chunk') await tx.updateTable('chunk').set({ hit_count: more }).where('id', 'in', ids).execute()
  else await tx.updateTable('document').set({ hit_count: more }).where('id', 'in', ids).execute()
}
