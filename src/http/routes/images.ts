import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Knowledge } from '../../domain/knowledge/service.ts'
import type { ImageView } from '../../domain/knowledge/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, envelope, Id, isTrue, ok, PageNumber, pageSize, QueryBoolean } from '../wire.ts'

const Photo = z.object({
  document_id: Id,
  creator_id: Id,
  url: z.string(),
  name: z.string(),
  type: z.string(),
  caption: z.string(),
  size: z.number(),
  /** 0 processing, 1 done, 9 failed. */
  status: z.number(),
  source_type: z.number(),
  create_time: z.number(),
  update_time: z.number(),
})
const tags = ['images']

/** Images of datasets and their captions. */
export const imageRoutes =
  ({ knowledge }: { knowledge: Knowledge }): Routes =>
  (app) => {
    app.get(
      '/v1/datasets/:dataset_id/images',
      {
        schema: {
          operationId: 'listImages',
          tags,
          summary: 'The images of a dataset, newest first',
          params: z.object({ dataset_id: Id }),
          querystring: z.object({
            keyword: z.string().max(200).optional(),
            has_caption: QueryBoolean.optional(),
            page_num: PageNumber.default(1),
            page_size: pageSize(299).default(10),
          }),
          response: { 200: envelope(z.object({ photo_infos: z.array(Photo), total_count: z.number() })) },
        },
      },
      async (request) => {
        const { keyword, has_caption: wanted, page_num: number, page_size: size } = request.query
        const filter = { keyword, hasCaption: wanted === undefined ? undefined : isTrue(wanted) }
        const { dataset_id: id } = request.params
        const { images, total } = await knowledge.listImages(actorOf(request), id, filter, { number, size })
        return ok({ photo_infos: images.map(toPhoto), total_count: total })
      },
    )
    app.put(
      '/v1/datasets/:dataset_id/images/:document_id',
      {
        schema: {
          operationId: 'updateImage',
          tags,
          summary: 'Describe an image: it is found by this text',
          params: z.object({ dataset_id: Id, document_id: Id }),
          body: z.object({ caption: z.string().max(2_000) }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        const { dataset_id: datasetId, document_id: id } = request.params
        await knowledge.captionImage(actorOf(request), datasetId, id, request.body.caption)
        return done
      },
    )
  }

const toPhoto = ({ document, caption, url }: ImageView): z.infer<typeof Photo> => ({
  document_id: document.id,
  creator_id: document.creator_id,
  url,
  name: document.name,
  type: document.type,
  caption,
  size: document.size_bytes,
  status: document.status,
  source_type: document.source_type,
  create_time: toSeconds(document.created_at_ms),
  update_time: toSeconds(document.updated_at_ms),
})
