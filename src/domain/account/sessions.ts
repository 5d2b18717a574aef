import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../../base/errors.ts'
import type { Tx } from '../../infra/db/db.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Spaces } from '../space/service.ts'
import { deleteExpiredSessions, deleteOtherSessions, deleteSession, findSession, insertSession } from './store.ts'
import type { Session } from './types.ts'

/** The channel of calls with a session cookie: the console. */
const CONSOLE_CONNECTOR_ID = '10000010'
const SESSION_MS = 30 * 86_400_000
const COOKIE = /^[\w-]{43}$/

/** Browsers that are logged in. A cookie is 32 random bytes; only its SHA-256 is kept. */
export class Sessions {
  readonly #context: Context
  readonly #spaces: Spaces

  constructor(deps: { context: Context; spaces: Spaces }) {
    this.#context = deps.context
    this.#spaces = deps.spaces
  }

  /** Starts a session; the one that the browser had, if any, ends. */
  async start(tx: Tx, accountId: string, endCookie: string | undefined): Promise<Session> {
    const nowMs = this.#context.clock()
    const session = { cookie: randomBytes(32).toString('base64url'), expiresAtMs: nowMs + SESSION_MS }
    if (endCookie !== undefined) await deleteSession(tx, hashOf(endCookie))
    await deleteExpiredSessions(tx, accountId, nowMs)
    await insertSession(tx, {
      token_hash: hashOf(session.cookie),
      account_id: accountId,
      created_at_ms: nowMs,
      expires_at_ms: session.expiresAtMs,
    })
    return session
  }

  /** Succeeds when there is no such session. */
  async end(cookie: string): Promise<void> {
    await deleteSession(this.#context.database.db, hashOf(cookie))
  }

  async endOthers(tx: Tx, accountId: string, cookie: string): Promise<void> {
    await deleteOtherSessions(tx, accountId, hashOf(cookie))
  }

  /** Who is logged in. Throws `unauthenticated`. */
  async authenticate(cookie: string): Promise<Actor> {
    const { database, clock } = this.#context
    const session = COOKIE.test(cookie) ? await findSession(database.db, hashOf(cookie)) : undefined
    if (session === undefined || session.expires_at_ms <= clock())
      throw new AppError('unauthenticated', 'the session has ended; log in again')
    const memberships = await this.#spaces.membershipsOf(session.account_id)
    return { accountId: session.account_id, ...memberships, connectorId: CONSOLE_CONNECTOR_ID }
  }
}

const hashOf = (cookie: string): string => createHash('sha256').update(cookie).digest('hex')
