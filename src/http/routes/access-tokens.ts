import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Accounts } from '../../domain/account/service.ts'
import { type AccessToken, TokenLifetime, TokenName } from '../../domain/account/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, envelope, Id, ok, PageNumber, pageSize } from '../wire.ts'

const Pat = z.object({
  id: Id,
  name: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  /** -1: never. */
  last_used_at: z.number(),
  /** -1: never. */
  expire_at: z.number(),
})
const ListedPat = Pat.extend({
  creator_name: z.string(),
  creator_unique_name: z.string(),
  creator_avatar_url: z.string(),
  creator_icon_url: z.string(),
  locked: z.boolean(),
  creator_status: z.string(),
})
const NewPat = z.object({
  name: TokenName,
  duration_day: TokenLifetime,
  expire_at: z.number().int().optional(),
})
const BASE = '/api/permission_api/pat'
const tags = ['access tokens']

/** Personal access tokens, managed with the session cookie; a token cannot make another. */
export const accessTokenRoutes =
  ({ accounts }: { accounts: Accounts }): Routes =>
  (app) => {
    app.post(
      `${BASE}/create_personal_access_token_and_permission`,
      {
        schema: {
          operationId: 'createAccessToken',
          tags,
          summary: 'Make a token; only this answer shows it',
          body: NewPat,
          response: { 200: envelope(z.object({ personal_access_token: Pat, token: z.string() })) },
        },
      },
      async (request) => {
        const { name, duration_day: lifetime, expire_at } = request.body
        const expiresAtMs = expire_at === undefined ? undefined : expire_at * 1000
        const made = await accounts.tokens.create(actorOf(request), { name, lifetime, expiresAtMs })
        return ok({ personal_access_token: toPat(made.accessToken), token: made.token })
      },
    )
    app.get(
      `${BASE}/list_personal_access_tokens`,
      {
        schema: {
          operationId: 'listAccessTokens',
          tags,
          summary: 'The own tokens, newest first',
          querystring: z.object({ page: PageNumber.default(1), size: pageSize(100).default(10) }),
          response: { 200: envelope(z.object({ personal_access_tokens: z.array(ListedPat), has_more: z.boolean() })) },
        },
      },
      async (request) => {
        const { page: number, size } = request.query
        const actor = actorOf(request)
        const [{ items, hasMore }, profile] = await Promise.all([
          accounts.tokens.list(actor, { number, size }),
          accounts.profile(actor),
        ])
        const creator = {
          creator_name: profile.name,
          creator_unique_name: profile.uniqueName,
          creator_avatar_url: profile.avatarUrl,
          creator_icon_url: profile.avatarUrl,
          locked: false,
          creator_status: 'active',
        }
        return ok({ personal_access_tokens: items.map((t) => ({ ...toPat(t), ...creator })), has_more: hasMore })
      },
    )
    app.get(
      `${BASE}/get_personal_access_token_and_permission`,
      {
        schema: {
          operationId: 'getAccessToken',
          tags,
          summary: 'One of the own tokens, without its secret',
          querystring: z.object({ id: Id }),
          response: { 200: envelope(z.object({ personal_access_token: Pat })) },
        },
      },
      async (request) => {
        const token = await accounts.tokens.get(actorOf(request), request.query.id)
        return ok({ personal_access_token: toPat(token) })
      },
    )
    app.post(
      `${BASE}/update_personal_access_token_and_permission`,
      {
        schema: {
          operationId: 'updateAccessToken',
          tags,
          summary: 'Rename one of the own tokens',
          body: z.object({ id: Id, name: TokenName }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await accounts.tokens.rename(actorOf(request), request.body.id, request.body.name)
        return done
      },
    )
    app.post(
      `${BASE}/delete_personal_access_token_and_permission`,
      {
        schema: {
          operationId: 'deleteAccessToken',
          tags,
          summary: 'Delete one of the own tokens; it stops at once',
          body: z.object({ id: Id }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await accounts.tokens.delete(actorOf(request), request.body.id)
        return done
      },
    )
  }

const secondsOr = (ms: number | null): number => (ms === null ? -1 : toSeconds(ms))

const toPat = (token: AccessToken): z.infer<typeof Pat> => ({
  id: token.id,
  name: token.name,
  created_at: toSeconds(token.createdAtMs),
  updated_at: toSeconds(token.updatedAtMs),
  last_used_at: secondsOr(token.lastUsedAtMs),
  expire_at: secondsOr(token.expiresAtMs),
})
