import type { FastifyError } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppError, codeOf, type ErrorCode } from '../base/errors.ts'

/** What a failed call answers: the Coze envelope and its HTTP status. Both SDKs pick their error class from these. */
export type Problem = {
  status: number
  body: {
    code: number
    msg: string
    detail: { logid: string }
    error: { detail: string; help_doc: string; logid: string }
  }
}

/** Our code → HTTP status and Coze code. */
const BY_CODE: Readonly<Record<ErrorCode, readonly [status: number, code: number]>> = {
  not_found: [404, 4200],
  already_exists: [400, 4000],
  invalid_argument: [400, 4000],
  out_of_range: [400, 4000],
  wrong_type: [400, 4000],
  failed_precondition: [400, 4000],
  conflict: [400, 4000],
  unauthenticated: [401, 4100],
  permission_denied: [403, 4101],
  rate_limited: [429, 4013],
  resource_exhausted: [507, 5000],
  unimplemented: [400, 4000],
  unavailable: [503, 5000],
  deadline_exceeded: [504, 5000],
  canceled: [499, 5000],
  busy: [503, 5000],
  corrupt: [500, 5000],
  closed: [503, 5000],
  internal: [500, 5000],
  unknown: [500, 5000],
}

/** Finer Coze codes, asked for by `details.reason`; the list is closed. */
const BY_REASON: Readonly<Record<string, readonly [status: number, code: number]>> = {
  chat_in_progress: [400, 4016],
  chat_not_cancelable: [400, 4104],
  database_bound: [400, 100000011],
  too_large: [413, 4000],
  range_not_satisfiable: [416, 4000],
  email_taken: [400, 700000001],
  bad_credentials: [401, 700000003],
  bad_email: [400, 700000006],
  registration_closed: [403, 700000008],
}

const INTERNAL = 'internal error; the log has more under the log id'

/** Framework errors that are the caller's doing. */
const BY_FRAMEWORK: Readonly<Record<string, readonly [status: number, text: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'the request body is larger than the server accepts'],
  FST_REQ_FILE_TOO_LARGE: [413, 'the file is larger than the server accepts'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'this content type is not supported here'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'the request body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'the request body is shorter or longer than its Content-Length'],
  FST_INVALID_MULTIPART_CONTENT_TYPE: [400, 'the request must be multipart/form-data'],
  FST_FILES_LIMIT: [400, 'exactly one file is accepted'],
  FST_PARTS_LIMIT: [400, 'the form has too many parts'],
  FST_FIELDS_LIMIT: [400, 'the form has too many fields'],
}

function frameworkProblem(err: unknown): readonly [number, number, string] | undefined {
  if (!(err instanceof Error)) return undefined
  if (hasZodFastifySchemaValidationErrors(err)) {
    const issue = err.validation[0]
    const field = `${issue?.instancePath ?? ''}`.replace(/^\//, '').replaceAll('/', '.')
    const what = issue?.message?.replace(/^Invalid input: (expected .+), received undefined$/, 'is missing: $1')
    return [400, 4000, `${field === '' ? (err.validationContext ?? 'request') : field}: ${what ?? 'invalid'}`]
  }
  const known = BY_FRAMEWORK[(err as FastifyError).code]
  if (known) return [known[0], 4000, known[1]]
  const status = (err as FastifyError).statusCode
  return status !== undefined && status >= 400 && status < 500 ? [status, 4000, err.message] : undefined
}

/** The one translation of errors to answers. Unknown errors say nothing of their inside. */
export function problemOf(err: unknown, logId: string): Problem {
  return problem(...(frameworkProblem(err) ?? applicationProblem(err)), logId)
}

const problem = (status: number, code: number, msg: string, logId: string): Problem => ({
  status,
  body: { code, msg, detail: { logid: logId }, error: { detail: msg, help_doc: '', logid: logId } },
})

function applicationProblem(err: unknown): readonly [number, number, string] {
  const [status, code] = BY_REASON[reasonOf(err)] ?? BY_CODE[codeOf(err)]
  return [status, code, err instanceof AppError && err.code !== 'internal' ? err.message : INTERNAL]
}

function reasonOf(err: unknown): string {
  const reason = err instanceof AppError ? err.details.reason : undefined
  return typeof reason === 'string' ? reason : ''
}

/** Whether a failed request belongs in the log as an error: our fault, not the caller's. */
export const isOurFault = (problem: Problem): boolean => problem.status >= 500

export const notFoundProblem = (method: string, path: string, logId: string): Problem =>
  problem(404, 4200, `there is no ${method} ${path.slice(0, 200)}`, logId)

/** What came is no HTTP request; `code` is that of the HTTP parser. */
export function brokenRequestProblem(code: string | undefined, logId: string): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return problem(431, 4000, 'the headers are larger than the server accepts', logId)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem(408, 4000, 'the request took too long to arrive', logId)
  return problem(400, 4000, 'this is not a well-formed HTTP request', logId)
}
