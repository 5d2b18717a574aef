import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { Knowledge } from '../../domain/knowledge/service.ts'
import {
  type ChunkRow,
  ChunkRule,
  type DocumentRow,
  type DocumentSource,
  SOURCE,
} from '../../domain/knowledge/types.ts'
import { actorOf } from '../auth.ts'
import { decodeBase64 } from '../base64.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, Id, PageNumber, pageSize } from '../wire.ts'
import { ChunkStrategy } from './datasets.ts'

const PREFIX = '/open_api/knowledge'
const UpdateRule = z.object({
  update_type: z.number().int().min(0).max(1),
  update_interval: z.number().int().min(0).max(8_760),
})
const DocumentName = z.string().min(1).max(255)
const SourceInfo = z.object({
  document_source: z.number().int().optional(),
  file_base64: z.string().optional(),
  file_type: z.string().max(20).optional(),
  source_file_id: Id.optional(),
  custom_content: z.string().optional(),
  web_url: z.string().max(2_048).optional(),
})
const NewDocuments = z.object({
  dataset_id: Id,
  document_bases: z
    .array(
      z.object({
        name: DocumentName,
        source_info: SourceInfo,
        update_rule: UpdateRule.optional(),
        caption: z.string().max(2_000).optional(),
      }),
    )
    .min(1)
    .max(10),
  chunk_strategy: ChunkRule.optional(),
  format_type: z.number().int().min(0).max(2).optional(),
})

const Document = z.object({
  document_id: Id,
  creator_id: Id,
  space_id: Id,
  name: z.string(),
  /** Extension. */
  type: z.string(),
  size: z.number(),
  char_count: z.number(),
  slice_count: z.number(),
  hit_count: z.number(),
  format_type: z.number(),
  /** 0 processing, 1 done, 9 failed. */
  status: z.number(),
  status_descript: z.string(),
  source_type: z.number(),
  update_type: z.number(),
  update_interval: z.number(),
  chunk_strategy: ChunkStrategy,
  tos_uri: z.string(),
  create_time: z.number(),
  update_time: z.number(),
})
/** At the top level: a key `data` would be taken for the whole answer by the Python SDK. */
const Documents = z.object({ code: z.number(), msg: z.string(), document_infos: z.array(Document) })
const DocumentList = Documents.extend({ total: z.number() })
const ListQuery = z.object({
  dataset_id: Id,
  page: PageNumber.default(1),
  size: pageSize(100).optional(),
  page_size: pageSize(100).optional(),
  keyword: z.string().max(200).optional(),
})
const ListBody = ListQuery.extend({ document_ids: z.array(Id).max(100).optional() })
const DocumentIds = z.object({ document_ids: z.array(Id).min(1).max(100) })
const SliceQuery = z.object({
  document_id: Id,
  /** 0-based place of the first slice. */
  sequence: z.coerce.number().int().min(0).max(10_000_000).default(0),
  page_size: pageSize(100).default(20),
  keyword: z.string().max(200).optional(),
})
const Slice = z.object({
  slice_id: Id,
  document_id: Id,
  content: z.string(),
  sequence: z.string(),
  char_count: z.string(),
  hit_count: z.string(),
  status: z.number(),
  page: z.number().optional(),
  path: z.array(z.string()).optional(),
})
const SliceList = z.object({
  code: z.number(),
  msg: z.string(),
  slices: z.array(Slice),
  total: z.string(),
  hasmore: z.boolean(),
})

const tags = ['documents']

/** Documents of datasets, and the slices they were cut into. */
export const documentRoutes =
  ({ knowledge }: { knowledge: Knowledge }): Routes =>
  (app) => {
    app.post(
      `${PREFIX}/document/create`,
      {
        config: { carriesFiles: true },
        schema: {
          operationId: 'createDocuments',
          tags,
          summary: 'Add up to ten documents to a dataset: as base64, by file id, or as text',
          body: NewDocuments,
          response: { 200: Documents },
        },
      },
      async (request) => {
        const {
          dataset_id: datasetId,
          document_bases: bases,
          format_type: formatType,
          chunk_strategy: rule,
        } = request.body
        const documents = bases.map(({ name, source_info: info, update_rule: update, caption }, i) => ({
          name,
          source: sourceOf(info, `document_bases[${i}].source_info`),
          updateType: update?.update_type,
          updateInterval: update?.update_interval,
          caption,
        }))
        const rows = await knowledge.createDocuments(actorOf(request), { datasetId, documents, formatType, rule })
        return { ...done, document_infos: rows.map(toDocument) }
      },
    )
    const list = async (actor: ReturnType<typeof actorOf>, query: z.infer<typeof ListBody>) => {
      const {
        dataset_id: datasetId,
        page: number,
        size,
        page_size: pageSize,
        keyword,
        document_ids: documentIds,
      } = query
      const page = { number, size: size ?? pageSize ?? 10 }
      const { rows, total } = await knowledge.listDocuments(actor, datasetId, { keyword, documentIds }, page)
      return { ...done, document_infos: rows.map(toDocument), total }
    }
    app.post(
      `${PREFIX}/document/list`,
      {
        schema: {
          operationId: 'listDocuments',
          tags,
          summary: 'The documents of a dataset, newest first',
          body: ListBody,
          response: { 200: DocumentList },
        },
      },
      async (request) => list(actorOf(request), request.body),
    )
    app.get(
      `${PREFIX}/document/list`,
      {
        schema: {
          operationId: 'listDocumentsByQuery',
          tags,
          summary: 'The documents of a dataset, newest first',
          querystring: ListQuery,
          response: { 200: DocumentList },
        },
      },
      async (request) => list(actorOf(request), request.query),
    )
    app.post(
      `${PREFIX}/document/update`,
      {
        schema: {
          operationId: 'updateDocument',
          tags,
          summary: 'Rename a document',
          body: z.object({
            document_id: Id,
            document_name: DocumentName.optional(),
            update_rule: UpdateRule.optional(),
          }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        const { document_id: id, document_name: name, update_rule: rule } = request.body
        const change = { name, updateType: rule?.update_type, updateInterval: rule?.update_interval }
        await knowledge.updateDocument(actorOf(request), id, change)
        return done
      },
    )
    app.post(
      `${PREFIX}/document/delete`,
      {
        schema: {
          operationId: 'deleteDocuments',
          tags,
          summary: 'Delete documents, all of them or none',
          body: DocumentIds,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await knowledge.deleteDocuments(actorOf(request), request.body.document_ids)
        return done
      },
    )
    app.post(
      `${PREFIX}/document/retry`,
      {
        schema: {
          operationId: 'retryDocuments',
          tags,
          summary: 'Index documents again, such as those that failed (an extension of Snug)',
          body: DocumentIds,
          response: { 200: Documents },
        },
      },
      async (request) => {
        const rows = await knowledge.retryDocuments(actorOf(request), request.body.document_ids)
        return { ...done, document_infos: rows.map(toDocument) }
      },
    )
    app.post(
      `${PREFIX}/slice/list`,
      {
        schema: {
          operationId: 'listSlices',
          tags,
          summary: 'What a document was cut into, in its order (an extension of Snug)',
          body: SliceQuery,
          response: { 200: SliceList },
        },
      },
      async (request) => {
        const { document_id: id, sequence: offset, page_size: limit, keyword } = request.body
        const { rows, total } = await knowledge.listChunks(actorOf(request), id, { offset, limit, keyword })
        return { ...done, slices: rows.map(toSlice), total: String(total), hasmore: offset + rows.length < total }
      },
    )
  }

/** Exactly one source, whatever of the others is sent empty. */
function sourceOf(info: z.infer<typeof SourceInfo>, field: string): DocumentSource {
  const { document_source: kind, file_base64: base64, source_file_id: fileId, custom_content: text } = info
  const refuse = (what: string) => new AppError('invalid_argument', `${field}: ${what}`)
  if (kind === SOURCE.webPage || info.web_url) throw refuse('web pages cannot be read yet; upload the page as a file')
  if (kind !== undefined && kind !== SOURCE.localFile && kind !== SOURCE.customText && kind !== SOURCE.fileId)
    throw refuse(`document_source ${kind} is not available; use 0 (base64), 2 (text) or 5 (file id)`)
  if (fileId !== undefined && (kind === undefined || kind === SOURCE.fileId)) return { kind: 'file', fileId }
  if (text !== undefined && (kind === undefined || kind === SOURCE.customText)) {
    if (text.trim() === '') throw refuse('custom_content is empty')
    return { kind: 'text', text }
  }
  if (base64 === undefined || kind === SOURCE.customText || kind === SOURCE.fileId)
    throw refuse('send one of file_base64 (with file_type), source_file_id, custom_content')
  const bytes = decodeBase64(base64)
  if (bytes === null) throw refuse('file_base64 is not base64')
  return { kind: 'bytes', bytes, type: info.file_type }
}

const toDocument = (row: DocumentRow): z.infer<typeof Document> => ({
  document_id: row.id,
  creator_id: row.creator_id,
  space_id: row.space_id,
  name: row.name,
  type: row.type,
  size: row.size_bytes,
  char_count: row.char_count,
  slice_count: row.chunk_count,
  hit_count: row.hit_count,
  format_type: row.format_type,
  status: row.status,
  status_descript: row.status_reason,
  source_type: row.source_type,
  update_type: row.update_type,
  update_interval: row.update_interval,
  chunk_strategy: row.chunk_strategy_json as ChunkRule,
  tos_uri: row.blob_key,
  create_time: toSeconds(row.created_at_ms),
  update_time: toSeconds(row.updated_at_ms),
})

function toSlice(row: ChunkRow): z.infer<typeof Slice> {
  const { page, path } = row.meta_json as { page?: number; path?: string[] }
  return {
    slice_id: row.id,
    document_id: row.document_id,
    content: row.content,
    sequence: String(row.position),
    char_count: String(row.char_count),
    hit_count: String(row.hit_count),
    status: 1,
    ...(page === undefined ? {} : { page }),
    ...(path === undefined ? {} : { path }),
  }
}
