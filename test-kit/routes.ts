import { z } from 'zod'
import { apiRoutes } from '../src/app/routes.ts'
import type { Services } from '../src/app/services.ts'
import { createServer } from '../src/http/server.ts'

/** A field of a request, such as "query.file_id" or "body.document_bases[].name". */
export type RouteField = { path: string; kind: 'id' | 'text' | 'number' | 'other' }

/** One route of the server, as its own declaration says it. */
export type RouteInfo = {
  /** "POST /v3/chat". */
  name: string
  method: string
  url: string
  isPublic: boolean
  fields: RouteField[]
}

type Node = {
  type?: string
  enum?: unknown[]
  properties?: Record<string, Node>
  items?: Node
  anyOf?: Node[]
  additionalProperties?: unknown
}

const ID_NAME = /(^|\.)(id|\w+_ids?(\[\])?)$/
const refuse = () => Promise.reject(new Error('this server answers nothing'))
/** Routes take their services apart when they are made, and use them only when they are called. */
const none = new Proxy({}, { get: () => ({}) }) as Services

function fieldsOf(node: Node, path: string): RouteField[] {
  if (node.properties !== undefined)
    return Object.entries(node.properties).flatMap(([name, child]) => fieldsOf(child, `${path}.${name}`))
  if (node.items?.type !== undefined || node.items?.properties !== undefined) return fieldsOf(node.items, `${path}[]`)
  if (node.anyOf !== undefined && !node.anyOf.every((one) => one.type === 'string'))
    return node.anyOf.flatMap((one) => fieldsOf(one, path)).filter(({ kind }) => kind !== 'other')
  if (node.type === 'boolean') return [{ path, kind: 'other' }]
  if (ID_NAME.test(path)) return [{ path, kind: 'id' }]
  if (node.type === 'number' || node.type === 'integer') return [{ path, kind: 'number' }]
  return [{ path, kind: node.type === 'string' && node.enum === undefined ? 'text' : 'other' }]
}

function schemaFields(schema: unknown, path: string): RouteField[] {
  if (!(schema instanceof z.ZodType)) return []
  return fieldsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node, path)
}

/** Every route that the server has, in the order in which they are declared. */
export async function allRoutes(): Promise<RouteInfo[]> {
  const routes: RouteInfo[] = []
  const app = await createServer({
    authenticator: { byToken: refuse, bySession: refuse },
    routes: apiRoutes(none, refuse),
    maxBodyBytes: 1024,
    prepare: async (server) => {
      server.addHook('onRoute', ({ method, url, config, schema = {} }) => {
        const { params, querystring, body, consumes = [] } = schema
        const isForm = consumes.includes('multipart/form-data')
        const fields = [
          ...schemaFields(params, 'params'),
          ...schemaFields(querystring, 'query'),
          ...(isForm ? [] : schemaFields(body, 'body')),
        ]
        for (const one of [method].flat())
          routes.push({ name: `${one} ${url}`, method: one, url, isPublic: config?.public === true, fields })
      })
    },
  })
  await app.ready()
  await app.close()
  return routes
}
