import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { Files } from '../../domain/file/service.ts'
import type { FileRow } from '../../domain/file/types.ts'
import { actorOf } from '../auth.ts'
import { decodeBase64 } from '../base64.ts'
import { singleFile } from '../multipart.ts'
import type { Routes } from '../server.ts'
import { envelope, Id, ok } from '../wire.ts'

const FileAnswer = z.object({
  id: Id,
  bytes: z.number(),
  created_at: z.number(),
  file_name: z.string(),
  uri: z.string(),
  url: z.string(),
})
/** For the description only: the form itself is read as a stream. */
const UploadForm = z.object({
  file: z.string().meta({ format: 'binary', description: 'The file, required' }).optional(),
})
const tags = ['files']

/** Uploading files and asking for them. */
export const fileRoutes =
  ({ files }: { files: Files }): Routes =>
  (app) => {
    const answer = async (file: FileRow) => ({
      id: file.id,
      bytes: file.size_bytes,
      created_at: toSeconds(file.created_at_ms),
      file_name: file.name,
      uri: file.blob_key,
      url: await files.url(file),
    })
    app.post(
      '/v1/files/upload',
      {
        schema: {
          operationId: 'uploadFile',
          tags,
          summary: 'Upload a file, as the part "file" of a multipart form',
          consumes: ['multipart/form-data'],
          body: UploadForm,
          response: { 200: envelope(FileAnswer) },
        },
      },
      async (request) => {
        const file = await singleFile(request, 'file', files.maxFileBytes)
        return ok(await answer(await files.upload(actorOf(request), file)))
      },
    )
    app.get(
      '/v1/files/retrieve',
      {
        schema: {
          operationId: 'retrieveFile',
          tags,
          summary: 'An uploaded file',
          querystring: z.object({ file_id: Id }),
          response: { 200: envelope(FileAnswer) },
        },
      },
      async (request) => ok(await answer(await files.get(actorOf(request), request.query.file_id))),
    )
    app.post(
      '/api/bot/upload_file',
      {
        config: { carriesFiles: true },
        schema: {
          operationId: 'uploadIcon',
          tags,
          summary: 'Upload a small file from the console, as base64',
          body: z.object({
            file_head: z.object({
              file_type: z.string().regex(/^\.?[A-Za-z0-9]{1,10}$/),
              biz_type: z.number().optional(),
            }),
            data: z.string(),
          }),
          response: { 200: envelope(z.object({ upload_url: z.string(), upload_uri: z.string() })) },
        },
      },
      async (request) => {
        const { data, file_head: head } = request.body
        const bytes = decodeBase64(data)
        if (bytes === null) throw new AppError('invalid_argument', 'data: must be base64')
        const name = `upload.${head.file_type.replace('.', '').toLowerCase()}`
        const file = await files.upload(actorOf(request), { name, body: once(bytes) })
        return ok({ upload_url: await files.url(file), upload_uri: file.blob_key })
      },
    )
  }

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
