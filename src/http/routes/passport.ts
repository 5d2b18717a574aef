import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import type { Accounts } from '../../domain/account/service.ts'
import { MAX_AVATAR_BYTES, Password, type Profile, ProfileUpdate, type SignedIn } from '../../domain/account/types.ts'
import { actorOf, refuseForeignPages, SESSION_COOKIE } from '../auth.ts'
import { singleFile } from '../multipart.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, envelope, Id, ok } from '../wire.ts'

const User = z.object({
  user_id_str: Id,
  name: z.string(),
  user_unique_name: z.string(),
  email: z.string(),
  description: z.string(),
  avatar_url: z.string(),
  screen_name: z.string(),
  app_user_info: z.object({ user_unique_name: z.string() }),
  locale: z.string(),
  user_create_time: z.number(),
})
const Email = z.string().min(1).max(320)
const NewCredentials = z.object({ email: Email, password: Password })
const OldCredentials = z.object({ email: Email, password: z.string().min(1).max(256) })
const ProfileChange = z.object({
  name: ProfileUpdate.shape.name,
  user_unique_name: ProfileUpdate.shape.uniqueName,
  description: ProfileUpdate.shape.description,
  locale: ProfileUpdate.shape.locale,
})
const tags = ['account']

/** Registration, login and the own account: the console's calls, which also start a set-up without a browser. */
export const passportRoutes =
  ({ accounts }: { accounts: Accounts }): Routes =>
  (app) => {
    app.post(
      '/api/passport/web/email/register/v2/',
      {
        config: { public: true },
        onRequest: refuseForeignPages,
        schema: {
          operationId: 'register',
          tags,
          summary: 'Make an account and log in; the first one is the owner',
          body: NewCredentials,
          response: { 200: envelope(User) },
        },
      },
      async (request, reply) => {
        const locale = request.headers['accept-language']?.split(/[,;]/)[0]?.trim()
        return logIn(request, reply, await accounts.register({ ...request.body, locale }, cookieOf(request)))
      },
    )
    app.post(
      '/api/passport/web/email/login/',
      {
        config: { public: true },
        onRequest: refuseForeignPages,
        schema: {
          operationId: 'login',
          tags,
          summary: 'Log in; the answer sets the session cookie',
          body: OldCredentials,
          response: { 200: envelope(User) },
        },
      },
      async (request, reply) => logIn(request, reply, await accounts.login(request.body, cookieOf(request))),
    )
    for (const [method, operationId] of [
      ['GET', 'logout'],
      ['POST', 'logoutByPost'],
    ] as const) {
      app.route({
        method,
        url: '/api/passport/web/logout/',
        schema: {
          operationId,
          tags,
          summary: 'End the session',
          response: { 200: EmptyEnvelope.extend({ redirect_url: z.string() }) },
        },
        handler: async (request, reply) => {
          await accounts.logout(cookieOf(request) ?? '')
          reply.clearCookie(SESSION_COOKIE, cookieOptions(request))
          return { ...done, redirect_url: '' }
        },
      })
    }
    app.get(
      '/api/passport/web/email/password/reset/',
      {
        schema: {
          operationId: 'resetPassword',
          tags,
          summary: 'Set the own password; better by POST, because addresses end up in logs',
          querystring: NewCredentials,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await accounts.changePassword(actorOf(request), request.query, cookieOf(request) ?? '')
        return done
      },
    )
    app.post(
      '/api/passport/web/email/password/reset/',
      {
        schema: {
          operationId: 'resetPasswordByPost',
          tags,
          summary: 'Set the own password and end the other sessions',
          body: NewCredentials,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await accounts.changePassword(actorOf(request), request.body, cookieOf(request) ?? '')
        return done
      },
    )
    app.post(
      '/api/passport/account/info/v2/',
      {
        schema: {
          operationId: 'getAccountInfo',
          tags,
          summary: 'The own account',
          response: { 200: envelope(User) },
        },
      },
      async (request) => ok(toUser(await accounts.profile(actorOf(request)))),
    )
    app.post(
      '/api/user/update_profile',
      {
        schema: {
          operationId: 'updateProfile',
          tags,
          summary: 'Change name, unique name, description or locale',
          body: ProfileChange,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        const { user_unique_name: uniqueName, ...rest } = request.body
        await accounts.updateProfile(actorOf(request), { ...rest, uniqueName })
        return done
      },
    )
    app.post(
      '/api/web/user/update/upload_avatar/',
      {
        schema: {
          operationId: 'uploadAvatar',
          tags,
          summary: 'Set the own picture: a form with one file "avatar", PNG, JPEG, GIF or WebP, 2 MiB at most',
          consumes: ['multipart/form-data'],
          response: { 200: envelope(z.object({ web_uri: z.string() })) },
        },
      },
      async (request) => {
        const { body } = await singleFile(request, 'avatar', MAX_AVATAR_BYTES)
        return ok({ web_uri: await accounts.setAvatar(actorOf(request), body) })
      },
    )
  }

const cookieOf = (request: FastifyRequest): string | undefined => request.cookies[SESSION_COOKIE]

/** Host-only, out of reach of scripts, and over TLS only where there is TLS, be it at a proxy. */
const cookieOptions = (request: FastifyRequest) =>
  ({
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https',
  }) as const

function logIn(request: FastifyRequest, reply: FastifyReply, { profile, session }: SignedIn) {
  reply.setCookie(SESSION_COOKIE, session.cookie, { ...cookieOptions(request), expires: new Date(session.expiresAtMs) })
  return ok(toUser(profile))
}

const toUser = (profile: Profile): z.infer<typeof User> => ({
  user_id_str: profile.id,
  name: profile.name,
  user_unique_name: profile.uniqueName,
  email: profile.email,
  description: profile.description,
  avatar_url: profile.avatarUrl,
  screen_name: profile.name,
  app_user_info: { user_unique_name: profile.uniqueName },
  locale: profile.locale,
  user_create_time: toSeconds(profile.createdAtMs),
})
