import { AppError } from '../../base/errors.ts'
import type { Actor } from '../actor.ts'
import type { Datasets } from './datasets.ts'
import type { KnowledgeDeps } from './deps.ts'
import { captionChunk, startOver } from './document-state.ts'
import type { Documents } from './documents.ts'
import { deleteChunksOf, insertChunks, listImages } from './store.ts'
import { FORMAT, type ImageFilter, type ImageView, type Page } from './types.ts'

/** Image datasets: what is found is the caption that a person gave. */
export class Images {
  readonly #deps: KnowledgeDeps
  readonly #datasets: Datasets
  readonly #documents: Documents

  constructor(deps: KnowledgeDeps, datasets: Datasets, documents: Documents) {
    this.#deps = deps
    this.#datasets = datasets
    this.#documents = documents
  }

  async list(
    actor: Actor,
    datasetId: string,
    filter: ImageFilter,
    page: Page,
  ): Promise<{ images: ImageView[]; total: number }> {
    const { blob, context } = this.#deps
    await this.#datasets.get(actor, datasetId)
    const { rows, total } = await listImages(context.database.db, datasetId, filter, page)
    const images = rows.map(async ({ caption, ...document }) => {
      return { document, caption: caption ?? '', url: await blob.signUrl(document.blob_key) }
    })
    return { images: await Promise.all(images), total }
  }

  /** Replaces the caption; an empty one leaves nothing to find the image by. */
  async caption(actor: Actor, datasetId: string, documentId: string, caption: string): Promise<void> {
    const { context } = this.#deps
    const [document] = await this.#documents.getAll(actor, [documentId])
    if (document === undefined || document.dataset_id !== datasetId || document.format_type !== FORMAT.image)
      throw new AppError('not_found', 'image not found in this dataset', { details: { field: 'document_id' } })
    const now = context.clock()
    await context.database.transaction(async (tx) => {
      await startOver(tx, document, now)
      await deleteChunksOf(tx, documentId)
      await insertChunks(tx, captionChunk(document, caption, context.newId(), now))
    })
    context.nudge()
  }
}
