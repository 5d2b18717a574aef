import { type Actor, found, requireSpace, spaceIds } from '../actor.ts'
import { cleanTitle } from '../names.ts'
import { addEvent } from '../outbox.ts'
import type { KnowledgeDeps } from './deps.ts'
import {
  type DocumentName,
  deleteDataset,
  findDatasets,
  insertDataset,
  listDatasets,
  namesOf,
  totalsOf,
  updateDataset,
} from './store.ts'
import {
  DATASET_STATUS,
  type DatasetChange,
  type DatasetFilter,
  type DatasetRow,
  type DatasetView,
  DOCUMENT_STATUS,
  type NewDataset,
  type Page,
} from './types.ts'

/** Names that an answer carries for all its datasets together; the counts are exact. */
const MAX_NAMES = 500

export class Datasets {
  readonly #deps: KnowledgeDeps

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps
  }

  async create(actor: Actor, input: NewDataset): Promise<string> {
    const { context, embedding } = this.#deps
    requireSpace(actor, input.spaceId)
    await this.#checkIcon(actor, input.iconFileId)
    const now = context.clock()
    const row: DatasetRow = {
      id: context.newId(),
      space_id: input.spaceId,
      creator_id: actor.accountId,
      name: cleanTitle(input.name, 'name'),
      description: input.description ?? '',
      icon_file_id: input.iconFileId ?? null,
      format_type: input.formatType,
      status: DATASET_STATUS.enabled,
      embedding_name: embedding.id,
      embedding_dims: await embedding.dims(),
      chunk_strategy_json: null,
      created_at_ms: now,
      updated_at_ms: now,
    }
    await insertDataset(context.database.db, row)
    return row.id
  }

  async list(actor: Actor, filter: DatasetFilter, page: Page): Promise<{ datasets: DatasetView[]; total: number }> {
    requireSpace(actor, filter.spaceId)
    const { rows, total } = await listDatasets(this.#deps.context.database.db, filter, page)
    return { datasets: await this.#views(actor, rows), total }
  }

  /** Replaces all three: what is not given falls back to its default. */
  async update(actor: Actor, datasetId: string, change: DatasetChange): Promise<void> {
    const { context } = this.#deps
    await this.get(actor, datasetId)
    await this.#checkIcon(actor, change.iconFileId)
    await updateDataset(context.database.db, datasetId, {
      name: cleanTitle(change.name, 'name'),
      description: change.description ?? '',
      icon_file_id: change.iconFileId ?? null,
      updated_at_ms: context.clock(),
    })
  }

  async delete(actor: Actor, datasetId: string): Promise<void> {
    const { context } = this.#deps
    await this.get(actor, datasetId)
    await context.database.transaction(async (tx) => {
      await deleteDataset(tx, datasetId)
      await addEvent(tx, 'knowledge.delete_dataset', datasetId, { dataset_id: datasetId }, context.clock())
    })
    context.nudge()
  }

  async get(actor: Actor, datasetId: string): Promise<DatasetRow> {
    const rows = await findDatasets(this.#deps.context.database.db, spaceIds(actor), [datasetId])
    return found(rows[0], 'dataset', 'dataset_id')
  }

  /** In the order of the ids. */
  async names(actor: Actor, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
    const rows = await findDatasets(this.#deps.context.database.db, spaceIds(actor), ids)
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => ({ id, name: found(byId.get(id), 'dataset', 'dataset_id').name }))
  }

  async #checkIcon(actor: Actor, fileId: string | undefined): Promise<void> {
    if (fileId !== undefined) await this.#deps.files.get(actor, fileId)
  }

  async #views(actor: Actor, rows: readonly DatasetRow[]): Promise<DatasetView[]> {
    const { context } = this.#deps
    const { db } = context.database
    const ids = rows.map((row) => row.id)
    const [totals, all, unfinished] = await Promise.all([
      totalsOf(db, ids),
      namesOf(db, ids, { unfinished: false, limit: MAX_NAMES }),
      namesOf(db, ids, { unfinished: true, limit: MAX_NAMES }),
    ])
    const totalsById = new Map(totals.map((total) => [total.dataset_id, total]))
    const allById = Map.groupBy(all, (name) => name.dataset_id)
    const unfinishedById = Map.groupBy(unfinished, (name) => name.dataset_id)
    return Promise.all(
      rows.map(async (row) => {
        const total = totalsById.get(row.id)
        const waiting = unfinishedById.get(row.id) ?? []
        const withStatus = (status: number): DocumentName[] => waiting.filter((name) => name.status === status)
        return {
          ...row,
          iconUrl: await this.#deps.files.iconUrl(actor, row.icon_file_id),
          documentCount: total?.documents ?? 0,
          chunkCount: total?.chunks ?? 0,
          hitCount: total?.hits ?? 0,
          sizeBytes: total?.bytes ?? 0,
          documentNames: (allById.get(row.id) ?? []).map(({ name }) => name),
          failedNames: withStatus(DOCUMENT_STATUS.failed).map(({ name }) => name),
          processing: withStatus(DOCUMENT_STATUS.processing).map(({ id, name }) => ({ id, name })),
        }
      }),
    )
  }
}
