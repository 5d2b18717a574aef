import { parse } from 'node:querystring'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../base/errors.ts'

const ID_FIELD = /^(id|.+_ids?)$/

type Source = { source?: string }

/** Deeper nesting means nothing to any call and would exhaust the stack. */
const MAX_DEPTH = 200
/** An integer with more digits than a double keeps; may also stand in a text, which only costs time. */
const LONG_INTEGER = /[[:,\s-]\d{16}/

/**
 * Reads a JSON body as the SDKs mean it: `null` is absent, integers too large for a double keep their digits as a
 * string, and ids may be numbers or strings. Throws `invalid_argument`.
 */
export function parseJson(text: string): unknown {
  return clean(LONG_INTEGER.test(text) ? parseExact(text) : parsePlain(text), 0)
}

function parsePlain(text: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (err) {
    throw new AppError('invalid_argument', 'the request body is not valid JSON', { cause: err })
  }
}

/** Many times slower than without a reviver, which is why it is only for texts that need it. */
const parseExact = (text: string): unknown =>
  parsePlain(text, function keepDigits(_key: string, value: unknown, context?: Source) {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? String(value)) : value
  })

/** Drops absent values, and makes ids strings, in place. */
function clean(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw new AppError('invalid_argument', 'the request body is JSON that is nested too deeply')
  if (Array.isArray(value)) {
    for (const item of value) clean(item, depth + 1)
    return value
  }
  const fields = value as Record<string, unknown>
  for (const key of Object.keys(fields)) {
    const field = fields[key]
    if (field === null || key === '__proto__') delete fields[key]
    else clean(field, depth + 1)
    if (ID_FIELD.test(key) && key in fields) fields[key] = Array.isArray(field) ? field.map(idText) : idText(field)
  }
  return value
}

const idText = (id: unknown): unknown => (Number.isSafeInteger(id) ? String(id) : id)

/** A query where an empty value is absent and a repeated one counts once, the last. */
export function parseQuery(text: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(parse(text))) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined && last !== '') out[name] = last
  }
  return out
}

/**
 * Installs the body parsers. The official SDKs post some calls with no body and a form content type, so an empty body
 * of any type is `{}`; every other body that is neither a form nor multipart is read as JSON.
 */
export function acceptBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    const { 'content-encoding': encoding = 'identity' } = request.headers
    if (encoding !== 'identity')
      throw new AppError('invalid_argument', 'compressed request bodies are not accepted; send it as it is')
    if (text.trim() === '') return {}
    const type = request.headers['content-type'] ?? ''
    // `curl -d '{…}'` calls its JSON a form
    if (type.startsWith('application/x-www-form-urlencoded') && !text.trimStart().startsWith('{'))
      return parseQuery(text)
    const body = parseJson(text)
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new AppError('invalid_argument', 'the request body must be a JSON object')
    return body
  })
  app.addHook('preValidation', async (request) => {
    if (request.isMultipart() && !request.routeOptions.schema?.consumes?.includes('multipart/form-data'))
      throw new AppError('invalid_argument', 'this call takes JSON, not a form with files')
    if (request.body === undefined && request.method !== 'GET') request.body = {}
  })
}
