import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Knowledge } from '../../domain/knowledge/service.ts'
import type { ChunkRule, DatasetView, DocumentProgress } from '../../domain/knowledge/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, envelope, Id, ok, PageNumber, pageSize } from '../wire.ts'

const FormatType = z.coerce.number().int().min(0).max(2)
const DatasetName = z.string().min(1).max(100)
const Description = z.string().max(2_000)
const Params = z.object({ dataset_id: Id })

export const ChunkStrategy = z.object({
  chunk_type: z.number().optional(),
  separator: z.string().optional(),
  max_tokens: z.number().optional(),
  remove_extra_spaces: z.boolean().optional(),
  remove_urls_emails: z.boolean().optional(),
  caption_type: z.number().optional(),
  overlap: z.number().optional(),
  max_level: z.number().optional(),
  save_title: z.boolean().optional(),
})

const Dataset = z.object({
  dataset_id: Id,
  space_id: Id,
  creator_id: Id,
  name: z.string(),
  description: z.string(),
  icon_uri: z.string(),
  icon_url: z.string(),
  avatar_url: z.string(),
  creator_name: z.string(),
  status: z.number(),
  format_type: z.number(),
  can_edit: z.boolean(),
  doc_count: z.number(),
  slice_count: z.number(),
  hit_count: z.number(),
  bot_used_count: z.number(),
  all_file_size: z.number(),
  file_list: z.array(z.string()),
  failed_file_list: z.array(z.string()),
  processing_file_list: z.array(z.string()),
  processing_file_id_list: z.array(z.string()),
  chunk_strategy: ChunkStrategy.nullable(),
  create_time: z.number(),
  update_time: z.number(),
})

const Progress = z.object({
  document_id: Id,
  document_name: z.string(),
  url: z.string(),
  size: z.number(),
  type: z.string(),
  /** 0 processing, 1 done, 9 failed. */
  status: z.number(),
  /** Percent. */
  progress: z.number(),
  update_type: z.number(),
  update_interval: z.number(),
  /** Seconds. */
  remaining_time: z.number(),
  status_descript: z.string(),
})

const tags = ['datasets']

/** Datasets and the progress of their documents. */
export const datasetRoutes =
  ({ knowledge }: { knowledge: Knowledge }): Routes =>
  (app) => {
    app.post(
      '/v1/datasets',
      {
        schema: {
          operationId: 'createDataset',
          tags,
          summary: 'Create a dataset of texts (0), tables (1) or images (2)',
          body: z.object({
            name: DatasetName,
            space_id: Id,
            format_type: FormatType.default(0),
            description: Description.optional(),
            file_id: Id.optional(),
          }),
          response: { 200: envelope(z.object({ dataset_id: Id })) },
        },
      },
      async (request) => {
        const { name, space_id: spaceId, format_type: formatType, description, file_id: iconFileId } = request.body
        const input = { name, spaceId, formatType, description, iconFileId }
        return ok({ dataset_id: await knowledge.createDataset(actorOf(request), input) })
      },
    )
    app.get(
      '/v1/datasets',
      {
        schema: {
          operationId: 'listDatasets',
          tags,
          summary: 'The datasets of a space, latest change first',
          querystring: z.object({
            space_id: Id,
            name: z.string().max(200).optional(),
            format_type: FormatType.optional(),
            page_num: PageNumber.default(1),
            page_size: pageSize(300).default(10),
          }),
          response: { 200: envelope(z.object({ total_count: z.number(), dataset_list: z.array(Dataset) })) },
        },
      },
      async (request) => {
        const { space_id: spaceId, name, format_type: formatType, page_num: number, page_size: size } = request.query
        const filter = { spaceId, name, formatType }
        const { datasets, total } = await knowledge.listDatasets(actorOf(request), filter, { number, size })
        return ok({ total_count: total, dataset_list: datasets.map(toDataset) })
      },
    )
    app.put(
      '/v1/datasets/:dataset_id',
      {
        schema: {
          operationId: 'updateDataset',
          tags,
          summary: 'Replace name, description and icon of a dataset',
          params: Params,
          body: z.object({ name: DatasetName, description: Description.optional(), file_id: Id.optional() }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        const { name, description, file_id: iconFileId } = request.body
        const change = { name, description, iconFileId }
        await knowledge.updateDataset(actorOf(request), request.params.dataset_id, change)
        return done
      },
    )
    app.delete(
      '/v1/datasets/:dataset_id',
      {
        schema: {
          operationId: 'deleteDataset',
          tags,
          summary: 'Delete a dataset with its documents',
          params: Params,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await knowledge.deleteDataset(actorOf(request), request.params.dataset_id)
        return done
      },
    )
    app.post(
      '/v1/datasets/:dataset_id/process',
      {
        schema: {
          operationId: 'getDocumentProgress',
          tags,
          summary: 'How far the indexing of documents is',
          params: Params,
          body: z.object({ document_ids: z.array(Id).min(1).max(100) }),
          response: { 200: envelope(z.object({ data: z.array(Progress) })) },
        },
      },
      async (request) => {
        const { document_ids: ids } = request.body
        const list = await knowledge.progress(actorOf(request), request.params.dataset_id, ids)
        return ok({ data: list.map(toProgress) })
      },
    )
  }

const toDataset = (view: DatasetView): z.infer<typeof Dataset> => ({
  dataset_id: view.id,
  space_id: view.space_id,
  creator_id: view.creator_id,
  name: view.name,
  description: view.description,
  icon_uri: view.icon_file_id ?? '',
  icon_url: view.iconUrl,
  avatar_url: '',
  creator_name: '',
  status: view.status,
  format_type: view.format_type,
  can_edit: true,
  doc_count: view.documentCount,
  slice_count: view.chunkCount,
  hit_count: view.hitCount,
  bot_used_count: 0,
  all_file_size: view.sizeBytes,
  file_list: view.documentNames,
  failed_file_list: view.failedNames,
  processing_file_list: view.processing.map(({ name }) => name),
  processing_file_id_list: view.processing.map(({ id }) => id),
  chunk_strategy: view.chunk_strategy_json as ChunkRule | null,
  create_time: toSeconds(view.created_at_ms),
  update_time: toSeconds(view.updated_at_ms),
})

const toProgress = ({ document, url, percent, remainingS }: DocumentProgress): z.infer<typeof Progress> => ({
  document_id: document.id,
  document_name: document.name,
  url,
  size: document.size_bytes,
  type: document.type,
  status: document.status,
  progress: percent,
  update_type: document.update_type,
  update_interval: document.update_interval,
  remaining_time: remainingS,
  status_descript: document.status_reason,
})
