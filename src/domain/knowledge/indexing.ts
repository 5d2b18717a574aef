import { AppError, codeOf, type ErrorCode } from '../../base/errors.ts'
import type { DocumentType } from '../../infra/document/document.ts'
import type { SearchDocument } from '../../infra/search/search.ts'
import { strategyOf } from './chunk-rule.ts'
import type { KnowledgeDeps } from './deps.ts'
import { chunkOf } from './document-state.ts'
import type { IndexWriter } from './index-writer.ts'
import {
  deleteChunksOf,
  findDatasetAnywhere,
  findDocumentAnywhere,
  finishDocument,
  insertChunks,
  listChunks,
  updateDocument,
} from './store.ts'
import {
  type ChunkRow,
  type ChunkRule,
  type DatasetRow,
  DOCUMENT_STATUS,
  type DocumentRow,
  FORMAT,
  type IndexTask,
} from './types.ts'

/** `gone`: the document was deleted. `failed`: it cannot be indexed, and says why. */
export type IndexResult = 'done' | 'gone' | 'failed'
export type IndexOptions = {
  signal?: AbortSignal
  /** 1 for the first. */
  attempt?: number
}

const BATCH = 200
/** Progress is for people: written this often at most. */
const PROGRESS_EVERY_MS = 400
/** What reading and cutting are taken to be of the whole, in percent. */
const PERCENT_READ = 15

type Stage = 'load' | 'read' | 'index'
/** What would fail again in the same way, by where it failed. */
const HOPELESS: Readonly<Record<Stage, ReadonlySet<ErrorCode>>> = {
  load: new Set(['not_found', 'corrupt', 'failed_precondition', 'unauthenticated', 'permission_denied']),
  read: new Set(['corrupt', 'invalid_argument', 'resource_exhausted', 'deadline_exceeded', 'unimplemented']),
  index: new Set([
    'invalid_argument',
    'unauthenticated',
    'permission_denied',
    'failed_precondition',
    'unimplemented',
    'corrupt',
  ]),
}
/** The process stops: nothing is wrong with the document. */
const STOPPING: ReadonlySet<ErrorCode> = new Set(['canceled', 'closed'])

/** Turns a stored original into chunks that can be found. Every run gives the same result, wherever one before it ended. */
export class Indexing {
  readonly #deps: KnowledgeDeps
  readonly #index: IndexWriter

  constructor(deps: KnowledgeDeps, index: IndexWriter) {
    this.#deps = deps
    this.#index = index
  }

  /**
   * Indexes one document. What can't be helped ends as `failed` with a reason; anything else is thrown, for another
   * attempt.
   */
  async run(task: IndexTask, { signal, attempt = 1 }: IndexOptions = {}): Promise<IndexResult> {
    const { db } = this.#deps.context.database
    const document = await findDocumentAnywhere(db, task.documentId)
    const dataset = await findDatasetAnywhere(db, task.datasetId)
    if (document === undefined || dataset === undefined) return this.#forget(task)
    if (document.status !== DOCUMENT_STATUS.processing)
      return document.status === DOCUMENT_STATUS.done ? 'done' : 'failed'
    const at: { stage: Stage } = { stage: 'load' }
    try {
      await this.#index.checkEmbedding(dataset)
      const startedAtMs = this.#deps.context.clock()
      await updateDocument(db, document.id, { started_at_ms: startedAtMs, progress: 1 })
      const { rows, hadChunks } = await this.#chunks(document, at, signal)
      at.stage = 'index'
      return await this.#put(task, dataset, document, rows, { startedAtMs, hadChunks, signal })
    } catch (err) {
      return this.#failed(task, at.stage, err, attempt)
    }
  }

  /** The document stays as failed, out of the index, until someone asks for another try. */
  async fail(task: IndexTask, reason: string): Promise<void> {
    const { context } = this.#deps
    const change = {
      status: DOCUMENT_STATUS.failed,
      status_reason: reason,
      progress: 100,
      chunk_count: 0,
      updated_at_ms: context.clock(),
    }
    const { db } = context.database
    if (!(await updateDocument(db, task.documentId, change, DOCUMENT_STATUS.processing))) return
    try {
      await this.#index.remove(task)
    } catch {
      return // the chunk rows stay and tell the next try that there is something to remove
    }
    const document = await findDocumentAnywhere(db, task.documentId)
    if (document?.format_type !== FORMAT.image) await deleteChunksOf(db, task.documentId)
  }

  async #forget(task: IndexTask): Promise<IndexResult> {
    const isDatasetThere = (await findDatasetAnywhere(this.#deps.context.database.db, task.datasetId)) !== undefined
    if (isDatasetThere) await this.#index.remove(task)
    else await this.#index.drop(task.datasetId)
    return 'gone'
  }

  async #failed(task: IndexTask, stage: Stage, err: unknown, attempt: number): Promise<IndexResult> {
    const { db } = this.#deps.context.database
    const code = codeOf(err)
    if (STOPPING.has(code)) throw err
    if ((await findDocumentAnywhere(db, task.documentId)) === undefined) return this.#forget(task)
    if (HOPELESS[stage].has(code)) {
      await this.fail(task, code === 'not_found' ? 'the stored original is missing; upload it again' : reasonOf(err))
      return 'failed'
    }
    const reason = `attempt ${attempt} failed and will be repeated: ${reasonOf(err)}`
    await updateDocument(db, task.documentId, { status_reason: reason }, DOCUMENT_STATUS.processing)
    throw err instanceof AppError ? err : new AppError('unknown', reasonOf(err), { cause: err })
  }

  /** Reads and cuts the original and puts the chunk rows in the place of those before. An image has its caption. */
  async #chunks(
    document: DocumentRow,
    at: { stage: Stage },
    signal: AbortSignal | undefined,
  ): Promise<{ rows: ChunkRow[]; hadChunks: boolean }> {
    const { blob, context, parser } = this.#deps
    const { database } = context
    if (document.format_type === FORMAT.image) {
      const query = { datasetId: document.dataset_id, documentId: document.id, offset: 0, limit: 1 }
      const { rows } = await listChunks(database.db, query)
      await updateDocument(database.db, document.id, { chunk_count: rows.length, char_count: rows[0]?.char_count ?? 0 })
      return { rows, hadChunks: true }
    }
    const options = signal ? { signal } : {}
    const bytes = await blob.get(document.blob_key, options)
    at.stage = 'read'
    const strategy = strategyOf(document.chunk_strategy_json as ChunkRule, document.format_type)
    const type = document.type as DocumentType
    const { chunks, charCount } = await parser.parseToChunks(bytes, strategy, { type, ...options })
    if (chunks.length === 0) throw new AppError('invalid_argument', 'there is no text in the file')
    const nowMs = context.clock()
    const rows = chunks.map(({ content, kind, page, path }, position) => {
      const meta = { kind, ...(page === undefined ? {} : { page }), ...(path === undefined ? {} : { path }) }
      return chunkOf(document, { id: context.newId(), position, content, meta, nowMs })
    })
    at.stage = 'load'
    const counts = { char_count: charCount, chunk_count: rows.length, progress: PERCENT_READ }
    const deleted = await database.transaction(async (tx) => {
      if (!(await updateDocument(tx, document.id, counts, DOCUMENT_STATUS.processing)))
        throw new AppError('conflict', 'the document has changed meanwhile')
      const before = await deleteChunksOf(tx, document.id)
      await insertChunks(tx, rows)
      return before
    }, options)
    return { rows, hadChunks: deleted > 0 }
  }

  async #put(
    task: IndexTask,
    dataset: DatasetRow,
    document: DocumentRow,
    rows: readonly ChunkRow[],
    run: { startedAtMs: number; hadChunks: boolean; signal: AbortSignal | undefined },
  ): Promise<IndexResult> {
    const { context } = this.#deps
    const { db } = context.database
    await this.#index.ensure(dataset)
    if (run.hadChunks) await this.#index.remove(task)
    let saidAtMs = context.clock()
    const isWanted = await this.#putBatches(dataset, rows, run.signal, async (share) => {
      if (context.clock() - saidAtMs < PROGRESS_EVERY_MS) return true
      saidAtMs = context.clock()
      const progress = PERCENT_READ + Math.floor(share * (99 - PERCENT_READ))
      return updateDocument(db, document.id, { progress }, DOCUMENT_STATUS.processing)
    })
    if (!isWanted) return this.#forget(task)
    const change = { status: DOCUMENT_STATUS.done, status_reason: '', progress: 100, updated_at_ms: context.clock() }
    if (await finishDocument(db, document.id, run.startedAtMs, change)) return 'done'
    // Another run was asked for meanwhile, as by a new caption: it does all of this again.
    if ((await findDocumentAnywhere(db, document.id)) !== undefined) return 'done'
    // Whoever deleted it meanwhile may have cleaned the index before the last batch came.
    return this.#forget(task)
  }

  /** Embeds a batch while the one before is written. Stops and returns false as soon as `report` does. */
  async #putBatches(
    dataset: DatasetRow,
    rows: readonly ChunkRow[],
    signal: AbortSignal | undefined,
    report: (share: number) => Promise<boolean>,
  ): Promise<boolean> {
    const options = signal ? { signal } : {}
    let writing: Promise<void> = Promise.resolve()
    try {
      for (let start = 0; start < rows.length; start += BATCH) {
        const batch = rows.slice(start, start + BATCH)
        const vectors = await this.#deps.embedding.embed(batch.map(searchableText), options)
        await writing
        const documents = batch.map((row, i) => searchDocument(row, vectors[i]))
        writing = this.#index.put(dataset.id, documents, options)
        writing.catch(() => undefined) // looked at in the next round
        if (!(await report(start / rows.length))) return false
      }
      await writing
      return true
    } finally {
      await writing.catch(() => undefined) // nothing may arrive in the index after this call
    }
  }
}

/** What is searched besides the text: the headings it stands under, unless it begins with them. */
function searchableText({ content, meta_json }: ChunkRow): string {
  const { path } = meta_json as { path?: readonly string[] }
  const missing = (path ?? []).filter((heading) => !content.includes(heading))
  return [...missing, content].join('\n')
}

function searchDocument(row: ChunkRow, vector: Float32Array | undefined): SearchDocument {
  const { id, space_id, document_id, position } = row
  const fields = { space_id, document_id, position, content: searchableText(row) }
  return { id, fields, ...(vector === undefined ? {} : { vector }) }
}

/** Errors of our own explain themselves; others may hold anything. */
export const reasonOf = (err: unknown): string =>
  err instanceof AppError && err.code !== 'internal' && err.code !== 'unknown' ? err.message : 'an unexpected error'
