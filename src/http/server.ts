import { randomBytes } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { fastifyCookie } from '@fastify/cookie'
import { fastifyCors } from '@fastify/cors'
import { fastifyMultipart } from '@fastify/multipart'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { type Authenticator, requireAuthentication } from './auth.ts'
import { acceptBodies, parseQuery } from './body.ts'
import { brokenRequestProblem, isOurFault, notFoundProblem, type Problem, problemOf } from './problem.ts'

/** A group of routes; `routes/<resource>.ts` exports one function that makes it from its services. */
export type Routes = (app: App) => void
export type App = FastifyInstance<
  import('node:http').Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

export type ServerOptions = {
  authenticator: Authenticator
  routes: readonly Routes[]
  /** Bytes of the largest request body: a form, or JSON with files in it. */
  maxBodyBytes: number
  /** Where request failures are logged; none for tests. */
  logger?: FastifyBaseLogger
  /** Called once before routes are added, e.g. to collect their schemas. */
  prepare?(app: App): Promise<void>
}

/** JSON is read as a whole, so that of most calls may not be as large as a file… */
const MAX_JSON_BYTES = 16 * 1024 ** 2
/** … and that of someone unknown must be small. */
const MAX_PUBLIC_BYTES = 64 * 1024
/** How long a client whose request was refused may go on sending it. */
const SEND_REST_MS = 20_000

/** `20261121220000` and 16 random hexadecimal digits: sortable, and short enough to read out on the phone. */
export function newLogId(): string {
  return new Date().toISOString().replace(/\D/g, '').slice(0, 14) + randomBytes(8).toString('hex')
}

/** Builds the HTTP server: parsing, authentication, routes and the one place where errors become answers. */
export async function createServer(options: ServerOptions): Promise<App> {
  const app: App = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newLogId,
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (err, request, reply) => answerError(err, request, reply),
    bodyLimit: options.maxBodyBytes,
    routerOptions: { querystringParser: parseQuery, maxParamLength: 1024, ignoreTrailingSlash: true },
    forceCloseConnections: 'idle',
    // What came over a connection that was open when the stop began is answered, too.
    return503OnClosing: false,
    keepAliveTimeout: 75_000,
    requestTimeout: 0,
  }).withTypeProvider<ZodTypeProvider>()
  app.addHook('onRoute', (route) => {
    const { public: isPublic = false, carriesFiles = false } = route.config ?? {}
    const most = isPublic ? MAX_PUBLIC_BYTES : carriesFiles ? Number.POSITIVE_INFINITY : MAX_JSON_BYTES
    route.bodyLimit = Math.min(options.maxBodyBytes, most)
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...logHeaders(request.id), 'x-content-type-options': 'nosniff' })
  })
  await app.register(fastifyCors, { origin: '*', exposedHeaders: ['x-tt-logid', 'x-log-id'], maxAge: 86_400 })
  await app.register(fastifyCookie)
  // One byte more than may come in: at its own limit the form parser would read on to the end before it says so.
  await app.register(fastifyMultipart, { limits: { fileSize: options.maxBodyBytes + 1, files: 1, fields: 16 } })
  acceptBodies(app)
  requireAuthentication(app, options.authenticator)
  answerErrors(app)
  await options.prepare?.(app)
  for (const routes of options.routes) routes(app)
  return app
}

function answerErrors(app: App): void {
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => {
    return sendProblem(reply, notFoundProblem(request.method, request.url.split('?')[0] ?? '', request.id))
  })
}

function answerError(err: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const problem = problemOf(err, request.id)
  const { method, routeOptions } = request
  if (isOurFault(problem)) request.log.error({ err, method, url: routeOptions.url }, 'failed')
  else
    request.log.debug({ method, url: routeOptions.url, code: problem.body.code, reason: problem.body.msg }, 'refused')
  if (reply.raw.headersSent) return reply.raw.destroy()
  return sendProblem(reply, problem)
}

function sendProblem(reply: FastifyReply, { status, body }: Problem): FastifyReply {
  dropRest(reply)
  return reply
    .code(status)
    .headers(logHeaders(body.detail.logid))
    .type('application/json')
    .serializer(JSON.stringify)
    .send(body)
}

/** Reads on without looking: most clients read no answer before they have sent everything, or lose it on a reset. */
function dropRest(reply: FastifyReply): void {
  const { raw } = reply.request
  if (raw.complete || raw.destroyed) return
  reply.removeHeader('connection')
  raw.unpipe()
  raw.resume()
  const timer = setTimeout(() => raw.destroy(), SEND_REST_MS).unref()
  raw.once('close', () => clearTimeout(timer))
}

/** Answers bytes that are no HTTP request; there is none to hand to a route. */
function refuseBrokenRequest(err: Error & { code?: string }, socket: Socket): void {
  // After an earlier answer on this connection, or within one, another can't be told apart from it.
  if (socket.writable && socket.bytesWritten === 0) {
    const { status, body } = brokenRequestProblem(err.code, newLogId())
    const headers = Object.entries(logHeaders(body.detail.logid)).map(([name, value]) => `${name}: ${value}\r\n`)
    const json = JSON.stringify(body)
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('')}connection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
    )
  }
  socket.destroySoon()
}

const logHeaders = (logId: string) => ({ 'x-tt-logid': logId, 'x-log-id': logId })
