import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Routes } from '../server.ts'

/** Where the generated description of the API lies, committed with the sources. */
const OPENAPI_FILE = new URL('../../../openapi.json', import.meta.url)

/** The files of the page, and where each comes from; nothing is loaded from another host. */
const ASSETS: Readonly<Record<string, readonly [specifier: string, type: string]>> = {
  'swagger-ui.css': ['swagger-ui-dist/swagger-ui.css', 'text/css; charset=utf-8'],
  'swagger-ui-bundle.js': ['swagger-ui-dist/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
}

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, persistAuthorization: true })`

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Snug API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
const hidden = { hide: true } as const

/** The API's description at `/openapi.json`, and a page that shows it at `/docs`, offline. */
export const docsRoutes = (): Routes => (app) => {
  const open = { config: { public: true }, schema: hidden }
  app.get('/openapi.json', open, async (_request, reply) =>
    reply.type('application/json').send(await readFile(OPENAPI_FILE)),
  )
  app.get('/docs', open, async (_request, reply) => {
    return reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE)
  })
  app.get('/docs/start.js', open, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START))
  const Asset = z.object({ asset: z.enum(Object.keys(ASSETS) as [string, ...string[]]) })
  app.get('/docs/:asset', { config: open.config, schema: { ...hidden, params: Asset } }, async (request, reply) => {
    const [specifier, type] = ASSETS[request.params.asset] ?? ['', '']
    const body = await readFile(new URL(import.meta.resolve(specifier)))
    return reply.type(type).header('cache-control', 'max-age=3600').send(body)
  })
}
