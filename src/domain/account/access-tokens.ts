import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../../base/errors.ts'
import type { AccessTokenTable } from '../../infra/db/schema.ts'
import { type Actor, found } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Spaces } from '../space/service.ts'
import {
  countTokens,
  deleteToken,
  findToken,
  findTokenByHash,
  insertToken,
  listTokens,
  renameToken,
  touchToken,
} from './store.ts'
import type { AccessToken, NewAccessToken } from './types.ts'

/** The channel of calls with a token. */
const API_CONNECTOR_ID = '1024'
const TOKEN = /^pat_[0-9a-f]{64}$/
const MAX_TOKENS = 200
const DAY_MS = 86_400_000
/** The year 2100: what lies further ahead is a mistake of units. */
const LATEST_EXPIRY_MS = Date.UTC(2100)
const LAST_USED_EXACT_TO_MS = 60_000
/** How long an answer is taken from memory; only another process's deletion is noticed so late. */
const CACHE_MS = 2_000
const MAX_CACHED = 10_000

type Known = { actor: Actor; tokenId: string; expiresAtMs: number | null; lastUsedAtMs: number | null }
type Entry = { known: Promise<Known>; untilMs: number }

/** Personal access tokens: `pat_` and 64 hexadecimal digits; only their SHA-256 is kept. */
export class AccessTokens {
  readonly #context: Context
  readonly #spaces: Spaces
  /** By token hash. Holds the query itself, so that a thousand calls at once ask the database once. */
  readonly #cache = new Map<string, Entry>()

  constructor(deps: { context: Context; spaces: Spaces }) {
    this.#context = deps.context
    this.#spaces = deps.spaces
  }

  /** Makes a token; its secret is in this answer and nowhere else. Throws `invalid_argument` for a bad expiry. */
  async create(actor: Actor, input: NewAccessToken): Promise<{ accessToken: AccessToken; token: string }> {
    const { database, clock, newId } = this.#context
    const nowMs = clock()
    const expires_at_ms = expiryOf(input, nowMs)
    if ((await countTokens(database.db, actor.accountId)) >= MAX_TOKENS)
      throw new AppError('failed_precondition', `an account has at most ${MAX_TOKENS} tokens; delete one first`)
    const token = `pat_${randomBytes(32).toString('hex')}`
    const row = {
      id: newId(),
      account_id: actor.accountId,
      name: input.name,
      token_hash: hashOf(token),
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
      last_used_at_ms: null,
      expires_at_ms,
    }
    await insertToken(database.db, row)
    return { accessToken: toAccessToken(row), token }
  }

  /** One page of the actor's tokens, newest first; pages count from 1. */
  async list(
    actor: Actor,
    page: { number: number; size: number },
  ): Promise<{ items: AccessToken[]; hasMore: boolean }> {
    const offset = (page.number - 1) * page.size
    const rows = await listTokens(this.#context.database.db, actor.accountId, offset, page.size + 1)
    return { items: rows.slice(0, page.size).map(toAccessToken), hasMore: rows.length > page.size }
  }

  /** Throws `not_found`, also for the token of another account. */
  async get(actor: Actor, id: string): Promise<AccessToken> {
    return toAccessToken(await this.#find(actor, id))
  }

  /** Throws `not_found`. */
  async rename(actor: Actor, id: string, name: string): Promise<void> {
    const row = await this.#find(actor, id)
    await renameToken(this.#context.database.db, row.id, name, this.#context.clock())
  }

  /** From now on this process refuses the token, others after two seconds at most. Throws `not_found`. */
  async delete(actor: Actor, id: string): Promise<void> {
    const row = await this.#find(actor, id)
    await deleteToken(this.#context.database.db, row.id)
    this.#cache.delete(row.token_hash)
  }

  /** Who holds a token. Throws `unauthenticated` when it is unknown, deleted or expired. */
  async authenticate(token: string): Promise<Actor> {
    if (!TOKEN.test(token)) throw refused()
    const hash = hashOf(token)
    const nowMs = this.#context.clock()
    const known = await this.#entry(hash, nowMs).known
    if (known.expiresAtMs !== null && known.expiresAtMs <= nowMs) throw refused('the access token has expired')
    this.#noteUse(known, nowMs)
    return known.actor
  }

  #entry(hash: string, nowMs: number): Entry {
    const cached = this.#cache.get(hash)
    if (cached !== undefined && cached.untilMs > nowMs && cached.untilMs - nowMs <= CACHE_MS) return cached
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear()
    const entry = { known: this.#load(hash), untilMs: nowMs + CACHE_MS }
    this.#cache.set(hash, entry)
    entry.known.catch(() => {
      if (this.#cache.get(hash) === entry) this.#cache.delete(hash)
    })
    return entry
  }

  async #load(hash: string): Promise<Known> {
    const row = await findTokenByHash(this.#context.database.db, hash)
    if (row === undefined) throw refused()
    const memberships = await this.#spaces.membershipsOf(row.account_id)
    const actor = { accountId: row.account_id, ...memberships, connectorId: API_CONNECTOR_ID }
    return { actor, tokenId: row.id, expiresAtMs: row.expires_at_ms, lastUsedAtMs: row.last_used_at_ms }
  }

  /** Written beside the call, which has no reason to wait for it nor to fail with it. */
  #noteUse(known: Known, nowMs: number): void {
    const olderThanMs = nowMs - LAST_USED_EXACT_TO_MS
    if (known.lastUsedAtMs !== null && known.lastUsedAtMs > olderThanMs) return
    known.lastUsedAtMs = nowMs
    touchToken(this.#context.database.db, known.tokenId, nowMs, olderThanMs).catch(() => undefined)
  }

  async #find(actor: Actor, id: string): Promise<AccessTokenTable> {
    return found(await findToken(this.#context.database.db, actor.accountId, id), 'access token', 'id')
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
const refused = (text = 'the access token is not valid'): AppError => new AppError('unauthenticated', text)

function expiryOf({ lifetime, expiresAtMs }: NewAccessToken, nowMs: number): number | null {
  if (lifetime === 'permanent') return null
  if (lifetime !== 'customize') return nowMs + Number(lifetime) * DAY_MS
  if (expiresAtMs !== undefined && expiresAtMs > nowMs && expiresAtMs < LATEST_EXPIRY_MS) return expiresAtMs
  throw new AppError('invalid_argument', 'expire_at: with "customize", give a time in the future, in Unix seconds', {
    details: { field: 'expire_at' },
  })
}

const toAccessToken = (row: AccessTokenTable): AccessToken => ({
  id: row.id,
  name: row.name,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
  lastUsedAtMs: row.last_used_at_ms,
  expiresAtMs: row.expires_at_ms,
})
