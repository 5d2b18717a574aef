import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError, codeOf, type ErrorCode } from '../../base/errors.ts'
import type { Chunk, DocumentType } from '../../infra/document/document.ts'
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
  hasChunks,
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

/** Chunks at once: what is done in one go keeps requests waiting. */
const BATCH = 100
/** Progress is for people: written this often at most. */
const PROGRESS_EVERY_MS = 400
/** What reading and cutting are taken to be of the whole, in percent. */
const PERCENT_READ = 15

/** What a document comes to: chunks that are to be stored, or the caption of an image, which is stored. */
type Content = { captions: readonly ChunkRow[]; chunks: readonly Chunk[]; charCount: number }

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
      const content = await this.#read(document, at, signal)
      at.stage = 'index'
      return await this.#write(task, dataset, document, content, { startedAtMs, signal })
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

  /** Reads and cuts the original. An image has its caption, which is a chunk already. */
  async #read(document: DocumentRow, at: { stage: Stage }, signal: AbortSignal | undefined): Promise<Content> {
    const { blob, context, parser } = this.#deps
    const options = signal ? { signal } : {}
    if (document.format_type === FORMAT.image) {
      const query = { datasetId: document.dataset_id, documentId: document.id, offset: 0, limit: 1 }
      const { rows } = await listChunks(context.database.db, query)
      return { captions: rows, chunks: [], charCount: rows[0]?.char_count ?? 0 }
    }
    const bytes = await blob.get(document.blob_key, options)
    at.stage = 'read'
    const strategy = strategyOf(document.chunk_strategy_json as ChunkRule, document.format_type)
    const type = document.type as DocumentType
    const { chunks, charCount } = await parser.parseToChunks(bytes, strategy, { type, ...options })
    if (chunks.length === 0) throw new AppError('invalid_argument', 'there is no text in the file')
    return { captions: [], chunks, charCount }
  }

  /** Puts the chunks in the place of those before, in the database and in the index. */
  async #write(
    task: IndexTask,
    dataset: DatasetRow,
    document: DocumentRow,
    content: Content,
    run: { startedAtMs: number; signal: AbortSignal | undefined },
  ): Promise<IndexResult> {
    const { context } = this.#deps
    const { db } = context.database
    await this.#index.ensure(dataset)
    await this.#begin(task, document, content)
    let saidAtMs = context.clock()
    const isWanted = await this.#writeBatches(dataset, document, content, run.signal, async (share) => {
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

  /**
   * Clears away what a run before this one left: first from the index, then from the database, whose rows are what
   * tells that there may be something in the index.
   */
  async #begin(task: IndexTask, document: DocumentRow, { captions, chunks, charCount }: Content): Promise<void> {
    const { database } = this.#deps.context
    const isImage = document.format_type === FORMAT.image
    if (isImage || (await hasChunks(database.db, document.id))) await this.#index.remove(task)
    const counts = { char_count: charCount, chunk_count: captions.length + chunks.length, progress: PERCENT_READ }
    await database.transaction(async (tx) => {
      await requireProcessing(updateDocument(tx, document.id, counts, DOCUMENT_STATUS.processing))
      if (!isImage) await deleteChunksOf(tx, document.id)
    })
  }

  /**
   * Writes, embeds and indexes the chunks by batches, each embedded while the one before is indexed. A row comes
   * before its index entry: where there is an entry there are rows, and the next run knows what to clean. Stops and
   * returns false as soon as `report` does.
   */
  async #writeBatches(
    dataset: DatasetRow,
    document: DocumentRow,
    { captions, chunks }: Content,
    signal: AbortSignal | undefined,
    report: (share: number) => Promise<boolean>,
  ): Promise<boolean> {
    const options = signal ? { signal } : {}
    let writing: Promise<void> = Promise.resolve()
    try {
      for (let start = 0; start < captions.length + chunks.length; start += BATCH) {
        const stored = captions.slice(start, start + BATCH)
        const rows = stored.length > 0 ? stored : await this.#store(document, chunks, start)
        const vectors = await this.#deps.embedding.embed(rows.map(searchableText), options)
        await writing
        const documents = rows.map((row, i) => searchDocument(row, vectors[i]))
        writing = this.#index.put(dataset.id, documents, options)
        writing.catch(() => undefined) // looked at in the next round
        if (!(await report(start / chunks.length))) return false
        await nextTurn() // requests go first
      }
      await writing
      return true
    } finally {
      await writing.catch(() => undefined) // nothing may arrive in the index after this call
    }
  }

  async #store(document: DocumentRow, chunks: readonly Chunk[], start: number): Promise<ChunkRow[]> {
    const { context } = this.#deps
    const nowMs = context.clock()
    const rows = chunks.slice(start, start + BATCH).map(({ content, kind, page, path }, i) => {
      const meta = { kind, ...(page === undefined ? {} : { page }), ...(path === undefined ? {} : { path }) }
      return chunkOf(document, { id: context.newId(), position: start + i, content, meta, nowMs })
    })
    await context.database.transaction(async (tx) => {
      // Holds the document's row, so that it can't be deleted without these.
      await requireProcessing(
        updateDocument(tx, document.id, { chunk_count: chunks.length }, DOCUMENT_STATUS.processing),
      )
      await insertChunks(tx, rows)
    })
    return rows
  }
}

async function requireProcessing(isProcessing: Promise<boolean>): Promise<void> {
  if (!(await isProcessing)) throw new AppError('conflict', 'the document has changed meanwhile')
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
