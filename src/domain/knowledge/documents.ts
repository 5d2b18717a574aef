import { AppError } from '../../base/errors.ts'
import { type Actor, found, spaceIds } from '../actor.ts'
import { cleanTitle, dispositionOf, extensionOf, mediaTypeOf } from '../names.ts'
import { addEvent } from '../outbox.ts'
import { dropBlobs, expectBlobs, keepBlobs } from '../pending-blobs.ts'
import type { Datasets } from './datasets.ts'
import { blobPrefixOf, type KnowledgeDeps } from './deps.ts'
import { captionChunk, progressOf, startOver } from './document-state.ts'
import { documentTypeOf } from './document-types.ts'
import {
  deleteDocuments,
  findDocuments,
  insertChunks,
  insertDocuments,
  listDocuments,
  updateDataset,
  updateDocument,
} from './store.ts'
import {
  type ChunkRule,
  type DatasetRow,
  DOCUMENT_STATUS,
  type DocumentChange,
  type DocumentFilter,
  type DocumentProgress,
  type DocumentRow,
  type DocumentSource,
  FORMAT,
  type NewDocument,
  type NewDocuments,
  type Page,
  SOURCE,
} from './types.ts'

const SOURCE_TYPE = { bytes: SOURCE.localFile, text: SOURCE.customText, file: SOURCE.fileId } as const
const FORMAT_NAMES = ['text', 'table', 'image'] as const

/** A document that passed every check, on its way to the blob store. */
type Draft = { row: DocumentRow; source: DocumentSource; fromKey?: string; caption: string }

export class Documents {
  readonly #deps: KnowledgeDeps
  readonly #datasets: Datasets

  constructor(deps: KnowledgeDeps, datasets: Datasets) {
    this.#deps = deps
    this.#datasets = datasets
  }

  /**
   * Takes documents in: everything is checked first, then the originals are stored, then rows and events are written
   * in one transaction. When any of it fails, none of it stays.
   */
  async create(actor: Actor, input: NewDocuments): Promise<DocumentRow[]> {
    const { context } = this.#deps
    const dataset = await this.#datasets.get(actor, input.datasetId)
    const rule = input.rule ?? (dataset.chunk_strategy_json as ChunkRule | null) ?? {}
    checkFormat(dataset, input.formatType, rule)
    const drafts: Draft[] = []
    for (const [i, document] of input.documents.entries())
      drafts.push(await this.#draft(actor, dataset, document, rule, `document_bases[${i}]`))
    const keys = drafts.map(({ row }) => row.blob_key)
    await expectBlobs(context.database.db, keys, context.clock())
    try {
      for (const draft of drafts) draft.row.size_bytes = await this.#store(draft)
      await this.#insert(dataset, drafts, rule)
    } catch (err) {
      await dropBlobs(this.#deps, keys)
      throw err
    }
    context.nudge()
    return drafts.map(({ row }) => row)
  }

  async list(
    actor: Actor,
    datasetId: string,
    filter: DocumentFilter,
    page: Page,
  ): Promise<{ rows: DocumentRow[]; total: number }> {
    await this.#datasets.get(actor, datasetId)
    return listDocuments(this.#deps.context.database.db, datasetId, { ...filter, page })
  }

  async update(actor: Actor, documentId: string, change: DocumentChange): Promise<void> {
    const { context } = this.#deps
    await this.getAll(actor, [documentId])
    await updateDocument(context.database.db, documentId, {
      ...(change.name === undefined ? {} : { name: cleanTitle(change.name, 'document_name') }),
      ...(change.updateType === undefined ? {} : { update_type: change.updateType }),
      ...(change.updateInterval === undefined ? {} : { update_interval: change.updateInterval }),
      updated_at_ms: context.clock(),
    })
  }

  /** All or none. */
  async delete(actor: Actor, documentIds: readonly string[]): Promise<void> {
    const { context } = this.#deps
    const rows = await this.getAll(actor, documentIds)
    const now = context.clock()
    await context.database.transaction(async (tx) => {
      await deleteDocuments(tx, documentIds)
      for (const { id, dataset_id, blob_key } of rows) {
        const body = { dataset_id, document_id: id, blob_key }
        await addEvent(tx, 'knowledge.delete_document', dataset_id, body, now)
        await updateDataset(tx, dataset_id, { updated_at_ms: now })
      }
    })
    context.nudge()
  }

  /** Indexes documents again, from their originals; those that are being processed go on as they are. */
  async retry(actor: Actor, documentIds: readonly string[]): Promise<DocumentRow[]> {
    const { context } = this.#deps
    const rows = await this.getAll(actor, documentIds)
    const ids = rows.filter(({ status }) => status !== DOCUMENT_STATUS.processing).map(({ id }) => id)
    await context.database.transaction(async (tx) => {
      for (const row of rows) if (ids.includes(row.id)) await startOver(tx, row, context.clock())
    })
    context.nudge()
    return this.getAll(actor, documentIds)
  }

  /** In the order of the ids, each once. Throws `not_found` unless all are there. */
  async getAll(actor: Actor, ids: readonly string[]): Promise<DocumentRow[]> {
    const rows = await findDocuments(this.#deps.context.database.db, spaceIds(actor), ids)
    const byId = new Map(rows.map((row) => [row.id, row]))
    return [...new Set(ids)].map((id) => found(byId.get(id), 'document', 'document_ids'))
  }

  async progress(actor: Actor, datasetId: string, documentIds: readonly string[]): Promise<DocumentProgress[]> {
    const { blob, context } = this.#deps
    const rows = await this.getAll(actor, documentIds)
    if (rows.some((row) => row.dataset_id !== datasetId))
      throw new AppError('not_found', 'document not found in this dataset', { details: { field: 'document_ids' } })
    const urls = await Promise.all(rows.map((row) => blob.signUrl(row.blob_key)))
    return rows.map((document, i) => ({ document, url: urls[i] ?? '', ...progressOf(document, context.clock()) }))
  }

  async #draft(
    actor: Actor,
    dataset: DatasetRow,
    document: NewDocument,
    rule: ChunkRule,
    field: string,
  ): Promise<Draft> {
    const { context, files } = this.#deps
    const { source } = document
    const file = source.kind === 'file' ? await files.get(actor, source.fileId) : undefined
    const name = cleanTitle(document.name, `${field}.name`)
    const extension = source.kind === 'bytes' ? source.type : file && extensionOf(file.name)
    const custom = dataset.format_type === FORMAT.table ? 'json' : 'txt'
    const given = source.kind === 'text' ? custom : extension || extensionOf(name)
    const type = documentTypeOf(given, dataset.format_type, `${field}.source_info`)
    const id = context.newId()
    const now = context.clock()
    const row: DocumentRow = {
      id,
      space_id: dataset.space_id,
      dataset_id: dataset.id,
      creator_id: actor.accountId,
      name,
      type,
      size_bytes: 0,
      char_count: 0,
      chunk_count: 0,
      hit_count: 0,
      format_type: dataset.format_type,
      status: DOCUMENT_STATUS.processing,
      status_reason: '',
      progress: 0,
      started_at_ms: 0,
      source_type: SOURCE_TYPE[source.kind],
      blob_key: `${blobPrefixOf(dataset.id)}${id}.${type}`,
      chunk_strategy_json: rule,
      update_type: document.updateType ?? 0,
      update_interval: document.updateInterval ?? 0,
      created_at_ms: now,
      updated_at_ms: now,
    }
    return { row, source, caption: document.caption ?? '', ...(file ? { fromKey: file.blob_key } : {}) }
  }

  /** Returns the size in bytes. A document owns its original, so that of an uploaded file is a copy. */
  async #store({ row, source, fromKey }: Draft): Promise<number> {
    const { blob } = this.#deps
    if (source.kind === 'file' && fromKey !== undefined) {
      await blob.copy(fromKey, row.blob_key)
      return (await blob.head(row.blob_key))?.sizeBytes ?? 0
    }
    const body = source.kind === 'text' ? source.text : source.kind === 'bytes' ? source.bytes : ''
    const options = { contentType: mediaTypeOf(row.blob_key), disposition: dispositionOf(row.name) }
    return (await blob.put(row.blob_key, body, options)).sizeBytes
  }

  async #insert(dataset: DatasetRow, drafts: readonly Draft[], rule: ChunkRule): Promise<void> {
    const { context } = this.#deps
    const now = context.clock()
    await context.database.transaction(async (tx) => {
      const first = dataset.chunk_strategy_json === null ? { chunk_strategy_json: rule } : {}
      const isThere = await updateDataset(tx, dataset.id, { ...first, updated_at_ms: now })
      found(isThere || undefined, 'dataset', 'dataset_id')
      const rows = drafts.map(({ row }) => row)
      await insertDocuments(tx, rows)
      const keys = rows.map(({ blob_key }) => blob_key)
      await keepBlobs(tx, keys)
      for (const { row, caption } of drafts) {
        if (row.format_type === FORMAT.image) await insertChunks(tx, captionChunk(row, caption, context.newId(), now))
        await addEvent(tx, 'knowledge.index_document', row.id, { dataset_id: dataset.id, document_id: row.id }, now)
      }
    })
  }
}

/** The kind of the dataset decides what a document may be. */
function checkFormat(dataset: DatasetRow, formatType: number | undefined, rule: ChunkRule): void {
  const kind = FORMAT_NAMES[dataset.format_type as 0 | 1 | 2]
  if (formatType !== undefined && formatType !== dataset.format_type)
    throw new AppError('invalid_argument', `format_type: this is a ${kind} dataset (${dataset.format_type})`)
  if (dataset.format_type === FORMAT.image && rule.caption_type === 0)
    throw new AppError(
      'invalid_argument',
      'chunk_strategy.caption_type: captions by a model are not available; send 1 and describe the images yourself',
    )
}
