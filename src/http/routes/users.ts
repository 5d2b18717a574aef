import { z } from 'zod'
import type { Accounts } from '../../domain/account/service.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { envelope, Id, ok } from '../wire.ts'

const Me = z.object({ user_id: Id, user_name: z.string(), nick_name: z.string(), avatar_url: z.string() })

/** Who the token belongs to. */
export const userRoutes =
  ({ accounts }: { accounts: Accounts }): Routes =>
  (app) => {
    app.get(
      '/v1/users/me',
      {
        schema: {
          operationId: 'getMe',
          tags: ['users'],
          summary: 'The account that the token belongs to',
          response: { 200: envelope(Me) },
        },
      },
      async (request) => {
        const { id, uniqueName, name, avatarUrl } = await accounts.profile(actorOf(request))
        return ok({ user_id: id, user_name: uniqueName, nick_name: name, avatar_url: avatarUrl })
      },
    )
  }
