import type { Passage } from '../../infra/model/model.ts'
import { type Actor, spaceIds } from '../actor.ts'
import type { Events } from '../outbox.ts'
import { Datasets } from './datasets.ts'
import { blobPrefixOf, indexOf, type KnowledgeDeps } from './deps.ts'
import { startOver } from './document-state.ts'
import { Documents } from './documents.ts'
import { HitCounter } from './hits.ts'
import { Images } from './images.ts'
import { IndexWriter } from './index-writer.ts'
import { Indexing, type IndexOptions, type IndexResult } from './indexing.ts'
import { Recall } from './recall.ts'
import { listChunks, listDone, listIndexed, listStale, lockStale } from './store.ts'
import type {
  ChunkRow,
  DatasetChange,
  DatasetFilter,
  DatasetView,
  DocumentChange,
  DocumentFilter,
  DocumentProgress,
  DocumentRow,
  ImageFilter,
  ImageView,
  IndexTask,
  NewDataset,
  NewDocuments,
  Page,
  RecallOptions,
} from './types.ts'

export type { KnowledgeDeps } from './deps.ts'

/**
 * Knowledge: datasets of documents, cut into chunks that are found again by words and meaning. This class is the
 * entry; the use cases are in the files beside it. Everything of another space is `not_found`.
 */
export class Knowledge {
  readonly #deps: KnowledgeDeps
  readonly #datasets: Datasets
  readonly #documents: Documents
  readonly #images: Images
  readonly #index: IndexWriter
  readonly #indexing: Indexing
  readonly #hits: HitCounter
  readonly #recall: Recall

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps
    this.#datasets = new Datasets(deps)
    this.#documents = new Documents(deps, this.#datasets)
    this.#images = new Images(deps, this.#datasets, this.#documents)
    this.#index = new IndexWriter(deps)
    this.#indexing = new Indexing(deps, this.#index)
    this.#hits = new HitCounter(deps.context)
    this.#recall = new Recall(deps, this.#index, this.#hits)
  }

  /** Returns the id. The present embedding is the dataset's from now on. Throws `permission_denied` for a foreign space. */
  createDataset(actor: Actor, input: NewDataset): Promise<string> {
    return this.#datasets.create(actor, input)
  }

  /** Latest change first. Throws `permission_denied` for a foreign space. */
  listDatasets(actor: Actor, filter: DatasetFilter, page: Page): Promise<{ datasets: DatasetView[]; total: number }> {
    return this.#datasets.list(actor, filter, page)
  }

  /** Replaces name, description and icon; what is not given falls back to its default. */
  updateDataset(actor: Actor, datasetId: string, change: DatasetChange): Promise<void> {
    return this.#datasets.update(actor, datasetId, change)
  }

  /** With its documents; the index and the originals go soon after. */
  deleteDataset(actor: Actor, datasetId: string): Promise<void> {
    return this.#datasets.delete(actor, datasetId)
  }

  /** In the order of the ids. */
  datasetNames(actor: Actor, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
    return this.#datasets.names(actor, ids)
  }

  /**
   * Takes documents in, all or none; they are indexed soon after. Throws `invalid_argument` naming the document and
   * the field.
   */
  createDocuments(actor: Actor, input: NewDocuments): Promise<DocumentRow[]> {
    return this.#documents.create(actor, input)
  }

  /** Newest first. */
  listDocuments(
    actor: Actor,
    datasetId: string,
    filter: DocumentFilter,
    page: Page,
  ): Promise<{ rows: DocumentRow[]; total: number }> {
    return this.#documents.list(actor, datasetId, filter, page)
  }

  updateDocument(actor: Actor, documentId: string, change: DocumentChange): Promise<void> {
    return this.#documents.update(actor, documentId, change)
  }

  /** All or none. From now on nothing of them is recalled. */
  deleteDocuments(actor: Actor, documentIds: readonly string[]): Promise<void> {
    return this.#documents.delete(actor, documentIds)
  }

  /** Indexes documents again from their originals: those that failed, or that should be cut anew. */
  retryDocuments(actor: Actor, documentIds: readonly string[]): Promise<DocumentRow[]> {
    return this.#documents.retry(actor, documentIds)
  }

  /** How far the indexing of documents of one dataset is, in the order of the ids. */
  progress(actor: Actor, datasetId: string, documentIds: readonly string[]): Promise<DocumentProgress[]> {
    return this.#documents.progress(actor, datasetId, documentIds)
  }

  /** What a document was cut into, in its order. */
  async listChunks(
    actor: Actor,
    documentId: string,
    { keyword, offset, limit }: { keyword?: string | undefined; offset: number; limit: number },
  ): Promise<{ rows: ChunkRow[]; total: number }> {
    const [document] = await this.#documents.getAll(actor, [documentId])
    if (document === undefined) return { rows: [], total: 0 }
    const query = { datasetId: document.dataset_id, documentId, keyword, offset, limit }
    return listChunks(this.#deps.context.database.db, query)
  }

  /** Newest first. */
  listImages(
    actor: Actor,
    datasetId: string,
    filter: ImageFilter,
    page: Page,
  ): Promise<{ images: ImageView[]; total: number }> {
    return this.#images.list(actor, datasetId, filter, page)
  }

  captionImage(actor: Actor, datasetId: string, documentId: string, caption: string): Promise<void> {
    return this.#images.caption(actor, datasetId, documentId, caption)
  }

  /**
   * The passages that fit a question best, over several datasets, best first; counts them as hits. Datasets that are
   * gone, disabled or not in the spaces are passed over. Throws `failed_precondition` when a dataset was indexed with
   * another embedding, and what the embedding and the search throw.
   */
  recall(
    spaceIds: readonly string[],
    datasetIds: readonly string[],
    query: string,
    options: RecallOptions = {},
  ): Promise<Passage[]> {
    return this.#recall.run(spaceIds, datasetIds, query, options)
  }

  /** `recall` for someone who asks directly. */
  recallFor(actor: Actor, datasetIds: readonly string[], query: string, options?: RecallOptions): Promise<Passage[]> {
    return this.#recall.run(spaceIds(actor), datasetIds, query, options)
  }

  // What the worker calls, for no one in particular. All of it may run again.

  /** Throws what may go better another time; everything else ends in the document's state. */
  indexDocument(task: IndexTask, options: IndexOptions = {}): Promise<IndexResult> {
    return this.#indexing.run(task, options)
  }

  /** Ends the attempts: the document is failed with this reason unless it is settled already. */
  failDocument(task: IndexTask, reason: string): Promise<void> {
    return this.#indexing.fail(task, reason)
  }

  /** Removes what a deleted document has left outside of the database. */
  async cleanDocument(event: Events['knowledge.delete_document']): Promise<void> {
    await this.#index.remove({ datasetId: event.dataset_id, documentId: event.document_id })
    await this.#deps.blob.delete(event.blob_key)
  }

  /** Removes what a deleted dataset has left outside of the database. */
  async cleanDataset({ dataset_id: id }: Events['knowledge.delete_dataset']): Promise<void> {
    const { blob } = this.#deps
    await this.#index.drop(id)
    for await (const { key } of blob.listAll(blobPrefixOf(id))) await blob.delete(key)
  }

  /**
   * Asks for the indexing of every document whose dataset was indexed with another embedding than the present one, or
   * of all when `all` is set. Returns how many.
   */
  async reindex({ all = false }: { all?: boolean } = {}): Promise<{ datasets: number; documents: number }> {
    const { context, embedding } = this.#deps
    const present = { embedding_name: embedding.id, embedding_dims: await embedding.dims() }
    const stale = await listStale(context.database.db, all ? undefined : present)
    let documents = 0
    for (const datasetId of stale) {
      documents += await context.database.transaction(async (tx) => {
        const rows = await lockStale(tx, datasetId, present)
        for (const row of rows) await startOver(tx, row, context.clock())
        return rows.length
      })
    }
    context.nudge()
    return { datasets: stale.length, documents }
  }

  /**
   * Asks for the indexing of the documents whose index is gone, as when the file of the search was lost. Call it
   * before the worker starts. Returns how many.
   */
  async repair(): Promise<{ datasets: number; documents: number }> {
    const { context, embedding, search } = this.#deps
    const { db } = context.database
    const indexed = await listIndexed(db, { embedding_name: embedding.id, embedding_dims: await embedding.dims() })
    if (indexed.length === 0) return { datasets: 0, documents: 0 }
    const present = new Set((await search.indexes()).map(({ name }) => name))
    const lost = indexed.filter((datasetId) => !present.has(indexOf(datasetId)))
    let documents = 0
    for (const datasetId of lost) {
      documents += await context.database.transaction(async (tx) => {
        const rows = await listDone(tx, datasetId)
        for (const row of rows) await startOver(tx, row, context.clock())
        return rows.length
      })
    }
    return { datasets: lost.length, documents }
  }

  /** Writes the hits counted since. */
  close(): Promise<void> {
    return this.#hits.flush()
  }
}
