import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Files } from '../../domain/file/service.ts'
import type { ByteRange, SignedFile } from '../../domain/file/types.ts'
import type { Routes } from '../server.ts'

/** Stored files by signed address. The signature is the permission, so anyone who holds the address may read. */
export const blobRoutes =
  ({ files }: { files: Files }): Routes =>
  (app) => {
    app.get(
      '/api/blob/*',
      {
        config: { public: true },
        schema: {
          operationId: 'readBlob',
          tags: ['files'],
          summary: 'A stored file, by the signed address that another call gave',
          params: z.object({ '*': z.string() }),
          querystring: z.record(z.string(), z.string()),
        },
      },
      async (request, reply) => {
        const range = rangeOf(request)
        const file = await files.openSigned(request.params['*'], request.query, range ? { range } : {})
        return send(request, reply, file)
      },
    )
  }

function send(request: FastifyRequest, reply: FastifyReply, file: SignedFile): FastifyReply {
  const etag = `"${file.etag}"`
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=3600',
    'content-disposition': file.disposition,
    'content-type': file.mediaType,
    // Whatever is in the file, it runs nothing in the name of this server. Viewers of PDFs need more room.
    ...(file.mediaType === 'application/pdf' ? {} : { 'content-security-policy': "default-src 'none'; sandbox" }),
  })
  if (isKnown(request.headers['if-none-match'], etag)) {
    file.body.destroy()
    return reply.code(304).send()
  }
  const { start, end } = file.range ?? { start: 0, end: file.sizeBytes - 1 }
  reply.header('content-length', end - start + 1)
  if (file.range) reply.code(206).header('content-range', `bytes ${start}-${end}/${file.sizeBytes}`)
  if (request.method !== 'HEAD') return reply.send(file.body)
  file.body.destroy()
  return reply.send(Readable.from([])) // a stream, for the length given above to stay
}

/**
 * The one range that is asked for. Several at once, or one that depends on a version (If-Range), are answered with
 * the whole file, as HTTP allows.
 */
function rangeOf({ headers }: FastifyRequest): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (headers['if-range'] !== undefined || (first === '' && last === '')) return undefined
  if (first === '') return { start: -Number(last) }
  const [start, end] = [Number(first), last === '' ? undefined : Number(last)]
  if (!Number.isSafeInteger(start) || (end !== undefined && (end < start || !Number.isSafeInteger(end))))
    return undefined
  return { start, ...(end === undefined ? {} : { end }) }
}

const isKnown = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
