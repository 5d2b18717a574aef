import { AppError, codeOf } from '../../base/errors.ts'
import type { Passage } from '../../infra/model/model.ts'
import type { SearchHit, SearchRequest } from '../../infra/search/search.ts'
import { indexOf, type KnowledgeDeps } from './deps.ts'
import type { HitCounter } from './hits.ts'
import type { IndexWriter } from './index-writer.ts'
import { findChunks, findDatasets } from './store.ts'
import { DATASET_STATUS, type DatasetRow, type RecallOptions, type RecallStrategy } from './types.ts'

const DEFAULT_TOP_K = 3
const MAX_TOP_K = 100
/** Hits asked for beyond those wanted, in place of some whose document is just being deleted. */
const SPARE = 10

/** Finds the chunks that answer a question. */
export class Recall {
  readonly #deps: KnowledgeDeps
  readonly #index: IndexWriter
  readonly #hits: HitCounter

  constructor(deps: KnowledgeDeps, index: IndexWriter, hits: HitCounter) {
    this.#deps = deps
    this.#index = index
    this.#hits = hits
  }

  /** Best first. Datasets that are gone, disabled or of other spaces are passed over. */
  async run(
    spaceIds: readonly string[],
    datasetIds: readonly string[],
    query: string,
    options: RecallOptions = {},
  ): Promise<Passage[]> {
    const { context } = this.#deps
    const { topK = DEFAULT_TOP_K, minScore = 0, signal } = options
    const strategy = this.#suited(options.strategy ?? 'semantic')
    if (!Number.isInteger(topK) || topK < 1 || topK > MAX_TOP_K)
      throw new AppError('invalid_argument', `top_k must be a whole number from 1 to ${MAX_TOP_K}`)
    if (query.trim() === '') return []
    const datasets = (await findDatasets(context.database.db, spaceIds, datasetIds)).filter(isEnabled)
    if (datasets.length === 0) return []
    const request = { ...(await this.#request(datasets, query, strategy, signal)), limit: topK + SPARE, minScore }
    const hits = await this.#search(
      datasets.map(({ id }) => indexOf(id)),
      request,
      signal,
    )
    const rows = await findChunks(
      context.database.db,
      spaceIds,
      hits.map((hit) => hit.id),
    )
    const byId = new Map(rows.map((row) => [row.id, row]))
    const passages = hits.flatMap((hit): Passage[] => {
      const row = byId.get(hit.id)
      if (row === undefined) return []
      const { id: chunkId, document_id: documentId, document_name: documentName, dataset_id: datasetId, content } = row
      return [{ chunkId, documentId, documentName, datasetId, content, score: hit.score ?? 0 }]
    })
    const best = passages.slice(0, topK)
    this.#hits.add(best)
    return best
  }

  /**
   * Vectors that only know words miss too much; with the text ranking beside them they find what either finds. This
   * goes for those who ask for `semantic` too: the Python SDK does so whenever it binds a dataset.
   */
  #suited(strategy: RecallStrategy): RecallStrategy {
    return strategy === 'semantic' && !this.#deps.embedding.features.has('semantic') ? 'hybrid' : strategy
  }

  async #request(
    datasets: readonly DatasetRow[],
    query: string,
    strategy: RecallStrategy,
    signal: AbortSignal | undefined,
  ): Promise<SearchRequest> {
    const text = strategy === 'semantic' ? {} : { text: { query, fields: ['content'] } }
    if (strategy === 'full_text') return text
    for (const dataset of datasets) await this.#index.checkEmbedding(dataset)
    const options = { kind: 'query', ...(signal ? { signal } : {}) } as const
    const [vector] = await this.#deps.embedding.embed([query], options)
    return { ...text, ...(vector === undefined ? {} : { vector }) }
  }

  /** A dataset gets its index with its first document; before that there is nothing to find in it. */
  async #search(
    indexes: readonly string[],
    request: SearchRequest,
    signal: AbortSignal | undefined,
  ): Promise<SearchHit[]> {
    const { search } = this.#deps
    const options = signal ? { signal } : {}
    try {
      return (await search.search(indexes, request, options)).hits
    } catch (err) {
      if (codeOf(err) !== 'not_found') throw err
      const present = new Set((await search.indexes(options)).map(({ name }) => name))
      const rest = indexes.filter((index) => present.has(index))
      return rest.length === 0 ? [] : (await search.search(rest, request, options)).hits
    }
  }
}

const isEnabled = ({ status }: DatasetRow): boolean => status === DATASET_STATUS.enabled
