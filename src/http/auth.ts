import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../base/errors.ts'
import type { Actor } from '../domain/actor.ts'

/** How a caller is recognised; implemented by the accounts service. Both throw `unauthenticated`. */
export type Authenticator = {
  byToken(token: string): Promise<Actor>
  bySession(cookie: string): Promise<Actor>
}

export const SESSION_COOKIE = 'session_key'

/** Open API paths take a bearer token only, console paths the session cookie only. */
export const BEARER_PATHS = /^\/(v1|v3|open_api)\//

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that is not public. Read it through `actorOf`. */
    actor: Actor | null
  }
  interface FastifyContextConfig {
    /** No authentication: login, health, documentation, signed files. */
    public?: boolean
    /** The JSON has whole files in it, as base64. */
    carriesFiles?: boolean
  }
}

/** The caller of an authenticated route. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new AppError('unauthenticated', 'this call needs authentication')
  return request.actor
}

function bearerToken(header: string | undefined): string {
  const match = /^bearer\s+(\S+)$/i.exec(header ?? '')
  if (match?.[1] === undefined)
    throw new AppError('unauthenticated', 'send a personal access token as "Authorization: Bearer pat_…"')
  return match[1]
}

/**
 * Refuses what the page of another site sends with this browser's cookies, or in its place. A cookie comes along
 * with a click on a foreign link, so for a call that no page makes by itself, being opened as one is foreign too.
 * Clients that are no browsers pass: they have no cookies of other people. Throws `permission_denied`.
 */
export async function refuseForeignPages(request: FastifyRequest): Promise<void> {
  const { origin, host, accept, 'sec-fetch-site': site } = request.headers
  if (site === 'same-origin' || site === 'none') return
  const isForeign =
    site !== undefined ||
    (origin === undefined ? (accept ?? '').includes('text/html') : URL.parse(origin)?.host !== host?.toLowerCase())
  if (isForeign) throw new AppError('permission_denied', 'this call was made by the page of another site')
}

/** Authenticates every request that is not marked public, before its body is read. */
export function requireAuthentication(app: FastifyInstance, authenticator: Authenticator): void {
  app.decorateRequest('actor', null)
  app.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.public) return
    if (BEARER_PATHS.test(request.routeOptions.url ?? '')) {
      request.actor = await authenticator.byToken(bearerToken(request.headers.authorization))
      return
    }
    await refuseForeignPages(request)
    const cookie = request.cookies[SESSION_COOKIE]
    if (cookie === undefined) throw new AppError('unauthenticated', 'log in first: there is no session cookie')
    request.actor = await authenticator.bySession(cookie)
  })
}
