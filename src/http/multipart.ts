import type { FastifyRequest } from 'fastify'
import { AppError, codeOf } from '../base/errors.ts'
import { formatBytes } from '../base/units.ts'
import { problemOf } from './problem.ts'

/** The file of a form, as it comes in. */
export type FormFile = { name: string; mediaType: string; body: AsyncIterable<Uint8Array> }

type Parts = ReturnType<FastifyRequest['parts']>
type FilePart = NonNullable<Awaited<ReturnType<FastifyRequest['file']>>>

const refuse = (text: string): AppError => new AppError('invalid_argument', text)
const tooLarge = (text: string): AppError =>
  new AppError('invalid_argument', text, { details: { reason: 'too_large' } })

/** What a form adds to its file: boundaries, headers, small fields. */
const FORM_BYTES = 64 * 1024

/**
 * The one file of a multipart form; other fields are passed over. `body` ends only when the whole form has been read
 * and was well-formed, and fails when the client hangs up, sends a second file or goes over the server's limit: who
 * stores it stores nothing by halves. Throws `invalid_argument` when there is no such file, or at once when the request
 * announces that it is too large. A route that uses it has `onError: readToEnd`.
 */
export async function singleFile(request: FastifyRequest, field: string, maxBytes: number): Promise<FormFile> {
  if (!request.isMultipart()) throw refuse('the request must be multipart/form-data')
  if (Number(request.headers['content-length']) > maxBytes + FORM_BYTES)
    throw tooLarge(`the file is larger than ${formatBytes(maxBytes)}`)
  const parts = request.parts()
  const file = await nextFile(parts).catch((err: unknown) => {
    throw explain(request, err)
  })
  if (file === undefined) throw refuse(`${field}: the form has no file of this name`)
  if (file.fieldname !== field) throw refuse(`the file must be in the field "${field}"`)
  return { name: file.filename, mediaType: file.mimetype, body: bodyOf(request, file, parts) }
}

async function nextFile(parts: Parts): Promise<FilePart | undefined> {
  for (let next = await parts.next(); !next.done; next = await parts.next())
    if (next.value.type === 'file') return next.value
  return undefined
}

async function* bodyOf(
  request: FastifyRequest,
  file: FilePart,
  parts: Parts,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* file.file
    if (file.file.truncated) throw tooLarge('the file is larger than the server accepts')
    if ((await nextFile(parts)) !== undefined) throw refuse('exactly one file is accepted')
  } catch (err) {
    throw explain(request, err)
  }
}

/** The form parser's own errors, in our words; a connection that breaks off is `canceled`. */
function explain(request: FastifyRequest, err: unknown): AppError {
  if (err instanceof AppError) return err
  if (request.raw.destroyed && !request.raw.complete)
    return new AppError('canceled', 'the client left during the upload', { cause: err })
  const { status, body } = problemOf(err, '')
  if (status === 413) return tooLarge(body.msg)
  if (status < 500) return refuse(body.msg)
  const code = codeOf(err)
  return code === 'unknown' ? refuse('the form is malformed') : new AppError(code, body.msg, { cause: err })
}
