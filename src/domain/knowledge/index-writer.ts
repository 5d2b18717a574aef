import { AppError, codeOf } from '../../base/errors.ts'
import type { IndexSpec, SearchDocument } from '../../infra/search/search.ts'
import { indexOf, type KnowledgeDeps } from './deps.ts'
import type { DatasetRow, IndexTask } from './types.ts'

const FIELDS: IndexSpec['fields'] = {
  space_id: { type: 'keyword' },
  document_id: { type: 'keyword' },
  position: { type: 'long' },
  content: { type: 'text' },
}

type CallOptions = { signal?: AbortSignal }

/** The search indexes of the datasets, one each, as the database wants them. */
export class IndexWriter {
  readonly #deps: Pick<KnowledgeDeps, 'search' | 'embedding'>
  /** Indexes that this process has made or checked. */
  readonly #ready = new Set<string>()
  #ensuring: Promise<unknown> = Promise.resolve()

  constructor(deps: Pick<KnowledgeDeps, 'search' | 'embedding'>) {
    this.#deps = deps
  }

  /** Throws `failed_precondition` when the dataset's vectors come from another embedding than the present one. */
  async checkEmbedding({ name, embedding_name, embedding_dims }: DatasetRow): Promise<void> {
    const { embedding } = this.#deps
    if (embedding_name === embedding.id && embedding_dims === (await embedding.dims())) return
    throw new AppError(
      'failed_precondition',
      `dataset "${name}" was indexed with the embedding ${embedding_name}, the server now has ${embedding.id}; ` +
        'set EMBEDDING_URI back, or index it again: snug reindex',
    )
  }

  /**
   * Makes the index, once per process. One that was left by another embedding is made anew: its documents are all on
   * their way again.
   */
  async ensure(dataset: DatasetRow): Promise<void> {
    if (this.#ready.has(dataset.id)) return
    const turn = this.#ensuring.then(() => this.#ensureNow(dataset))
    this.#ensuring = turn.catch(() => undefined)
    await turn
  }

  async put(datasetId: string, documents: readonly SearchDocument[], options: CallOptions = {}): Promise<void> {
    try {
      await this.#deps.search.put(indexOf(datasetId), documents, options)
    } catch (err) {
      if (codeOf(err) === 'not_found') this.#ready.delete(datasetId)
      throw err
    }
  }

  /** Takes a document out. Fine when it is not there. */
  async remove({ datasetId, documentId }: IndexTask): Promise<void> {
    try {
      const filter = { op: 'eq', field: 'document_id', value: documentId } as const
      await this.#deps.search.deleteWhere(indexOf(datasetId), filter)
    } catch (err) {
      if (codeOf(err) !== 'not_found') throw err
    }
  }

  async drop(datasetId: string): Promise<void> {
    this.#ready.delete(datasetId)
    await this.#deps.search.dropIndex(indexOf(datasetId))
  }

  async #ensureNow({ id, embedding_name, embedding_dims }: DatasetRow): Promise<void> {
    if (this.#ready.has(id)) return
    const spec: IndexSpec = { fields: FIELDS, vector: { dims: embedding_dims }, meta: { embedding: embedding_name } }
    const { search } = this.#deps
    try {
      await search.ensureIndex(indexOf(id), spec)
    } catch (err) {
      if (codeOf(err) !== 'conflict') throw err
      await search.dropIndex(indexOf(id))
      await search.ensureIndex(indexOf(id), spec)
    }
    this.#ready.add(id)
  }
}
