import { z } from 'zod'
import { apiRoutes } from '../src/app/routes.ts'
import type { Services } from '../src/app/services.ts'
import { createServer } from '../src/http/server.ts'

/** One route of the server, as its own declaration says it. */
export type RouteInfo = {
  /** "POST /v3/chat". */
  name: string
  method: string
  url: string
  isPublic: boolean
  /** Where a request names things: "params.bot_id", "body.knowledge.dataset_ids". */
  idFields: string[]
}

type Node = { properties?: Record<string, Node>; items?: Node; anyOf?: Node[]; allOf?: Node[] }

const ID_NAME = /^(id|\w+_ids?)$/
const refuse = () => Promise.reject(new Error('this server answers nothing'))
/** Routes take their services apart when they are made, and use them only when they are called. */
const none = new Proxy({}, { get: () => ({}) }) as Services

function idFields(node: Node, path: string): string[] {
  const inside = [...(node.anyOf ?? []), ...(node.allOf ?? []), ...(node.items ? [node.items] : [])]
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    ...(ID_NAME.test(name) ? [`${path}.${name}`] : []),
    ...idFields(child, `${path}.${name}`),
  ])
  return [...own, ...inside.flatMap((child) => idFields(child, path))]
}

function idFieldsOf(schema: unknown, path: string): string[] {
  if (!(schema instanceof z.ZodType)) return []
  return idFields(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node, path)
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
        const { params, querystring, body } = schema
        const fields = [
          ...idFieldsOf(params, 'params'),
          ...idFieldsOf(querystring, 'query'),
          ...idFieldsOf(body, 'body'),
        ]
        for (const one of [method].flat()) {
          const isPublic = config?.public === true
          routes.push({ name: `${one} ${url}`, method: one, url, isPublic, idFields: [...new Set(fields)] })
        }
      })
    },
  })
  await app.ready()
  await app.close()
  return routes
}
