import { parse } from 'node:querystring'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../base/errors.ts'

const ID_FIELD = /^(id|.+_ids?)$/

type Source = { source?: string }

/**
 * Reads a JSON body as the SDKs mean it: `null` is absent, integers too large for a double keep their digits as a
 * string, and ids may be numbers or strings. Throws `invalid_argument`.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, function (this: unknown, key: string, value: unknown, context?: Source) {
      if (key === '__proto__') return undefined
      if (value === null && !Array.isArray(this) && key !== '') return undefined
      if (typeof value === 'number' && (!Number.isSafeInteger(value) || ID_FIELD.test(key)))
        return Number.isInteger(value) ? (context?.source ?? String(value)) : value
      if (Array.isArray(value) && ID_FIELD.test(key))
        return value.map((item: unknown) => (typeof item === 'number' ? String(item) : item))
      return value
    })
  } catch (err) {
    throw new AppError('invalid_argument', 'the request body is not valid JSON', { cause: err })
  }
}

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
    if (request.body === undefined && request.method !== 'GET') request.body = {}
  })
}
