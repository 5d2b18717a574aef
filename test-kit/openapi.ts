import fastifySwagger from '@fastify/swagger'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { apiRoutes } from '../src/app/routes.ts'
import type { Services } from '../src/app/services.ts'
import { readVersion } from '../src/cli/version.ts'
import { BEARER_PATHS } from '../src/http/auth.ts'
import { createServer } from '../src/http/server.ts'

const refuse = async (): Promise<never> => {
  throw new Error('this server only describes itself')
}

/** Routes take their services apart when they are made, and use them only when they are called. */
const none = new Proxy({}, { get: () => ({}) }) as Services

const securityOf = (url: string, isPublic: boolean) => {
  if (isPublic) return []
  return BEARER_PATHS.test(url) ? [{ token: [] }] : [{ session: [] }]
}

/** The text of `openapi.json`: every route with the schemas that validate it. */
export async function openApiText(): Promise<string> {
  const app = await createServer({
    authenticator: { byToken: refuse, bySession: refuse },
    routes: apiRoutes(none, refuse),
    maxBodyBytes: 1024,
    prepare: async (server) => {
      await server.register(fastifySwagger, {
        transform: (route) => {
          const { schema, url } = jsonSchemaTransform(route)
          return { schema: { ...schema, security: securityOf(url, route.route.config?.public === true) }, url }
        },
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'Snug',
            version: readVersion(),
            description: 'The Coze open API as Snug speaks it, and the console calls that sign people in.',
            license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
          },
          components: {
            securitySchemes: {
              token: { type: 'http', scheme: 'bearer', description: 'A personal access token, pat_…' },
              session: { type: 'apiKey', in: 'cookie', name: 'session_key' },
            },
          },
        },
      })
    },
  })
  await app.ready()
  const document = app.swagger()
  await app.close()
  return `${JSON.stringify(document, null, 2)}\n`
}
