import type { Tx } from '../../infra/db/db.ts'
import { addEvent } from '../outbox.ts'
import { updateDocument } from './store.ts'
import { type ChunkRow, DOCUMENT_STATUS, type DocumentRow } from './types.ts'

/** Characters beyond 16 bits count as one, though they have two units. */
const SURROGATE_PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g
/** What indexing is taken to manage before there is anything to measure. */
const GUESSED_BYTES_PER_S = 500_000

/** Puts a document back to its beginning and asks for its indexing. */
export async function startOver(tx: Tx, { id, dataset_id }: DocumentRow, nowMs: number): Promise<void> {
  await updateDocument(tx, id, {
    status: DOCUMENT_STATUS.processing,
    status_reason: '',
    progress: 0,
    started_at_ms: 0,
    updated_at_ms: nowMs,
  })
  await addEvent(tx, 'knowledge.index_document', id, { dataset_id, document_id: id }, nowMs)
}

/** How far a document is, and how long the rest will take if it goes on like this. */
export function progressOf(document: DocumentRow, nowMs: number): { percent: number; remainingS: number } {
  if (document.status !== DOCUMENT_STATUS.processing) return { percent: 100, remainingS: 0 }
  const { progress: percent, started_at_ms: startedMs } = document
  if (percent === 0 || startedMs === 0)
    return { percent: 0, remainingS: 1 + Math.ceil(document.size_bytes / GUESSED_BYTES_PER_S) }
  const elapsedMs = Math.max(0, nowMs - startedMs)
  return { percent, remainingS: Math.max(1, Math.ceil((elapsedMs * (100 - percent)) / percent / 1000)) }
}

/** The one chunk of an image: its caption. None while there is no caption. */
export function captionChunk(document: DocumentRow, caption: string, chunkId: string, nowMs: number): ChunkRow[] {
  if (caption.trim() === '') return []
  return [chunkOf(document, { id: chunkId, position: 0, content: caption.trim(), meta: {}, nowMs })]
}

export function chunkOf(
  document: DocumentRow,
  chunk: { id: string; position: number; content: string; meta: Record<string, unknown>; nowMs: number },
): ChunkRow {
  return {
    id: chunk.id,
    space_id: document.space_id,
    dataset_id: document.dataset_id,
    document_id: document.id,
    position: chunk.position,
    content: chunk.content,
    meta_json: chunk.meta,
    char_count: chunk.content.length - (chunk.content.match(SURROGATE_PAIRS)?.length ?? 0),
    hit_count: 0,
    created_at_ms: chunk.nowMs,
  }
}
