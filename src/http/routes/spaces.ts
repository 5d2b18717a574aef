import { z } from 'zod'
import type { Spaces } from '../../domain/space/service.ts'
import type { Space } from '../../domain/space/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { envelope, Id, ok, PageNumber, pageSize } from '../wire.ts'

const Workspace = z.object({
  id: Id,
  name: z.string(),
  icon_url: z.string(),
  role_type: z.enum(['owner', 'admin', 'member']),
  workspace_type: z.enum(['personal', 'team']),
  enterprise_id: z.string(),
})
const BotSpace = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  /** 1 personal, 2 team. */
  space_type: z.number(),
  /** 1 owner, 2 admin, 3 member. */
  role_type: z.number(),
})
const BotSpaceList = z.object({
  bot_space_list: z.array(BotSpace),
  recently_used_space_list: z.array(BotSpace),
  has_personal_space: z.boolean(),
  team_space_num: z.number(),
  max_team_space_num: z.number(),
  total: z.number(),
  has_more: z.boolean(),
})
const SPACE_TYPE = { personal: 1, team: 2 } as const
const ROLE_TYPE = { owner: 1, admin: 2, member: 3 } as const
const tags = ['workspaces']

/** The caller's spaces, for the SDKs and for the console. */
export const spaceRoutes =
  ({ spaces }: { spaces: Spaces }): Routes =>
  (app) => {
    app.get(
      '/v1/workspaces',
      {
        schema: {
          operationId: 'listWorkspaces',
          tags,
          summary: 'The workspaces the caller belongs to',
          querystring: z.object({ page_num: PageNumber.default(1), page_size: pageSize(50).default(20) }),
          response: { 200: envelope(z.object({ total_count: z.number(), workspaces: z.array(Workspace) })) },
        },
      },
      async (request) => {
        const { page_num: number, page_size: size } = request.query
        const list = await spaces.list(actorOf(request), { number, size })
        return ok({ total_count: list.total, workspaces: list.spaces.map(toWorkspace) })
      },
    )
    app.post(
      '/api/playground_api/space/list',
      {
        schema: {
          operationId: 'listSpaces',
          tags,
          summary: 'The workspaces the logged-in person belongs to',
          body: z.object({
            search_word: z.string().max(100).optional(),
            page: PageNumber.default(1),
            size: pageSize(100).default(50),
          }),
          response: { 200: envelope(BotSpaceList) },
        },
      },
      async (request) => {
        const { page: number, size, search_word: search } = request.body
        const { spaces: found, total } = await spaces.list(actorOf(request), { number, size, search })
        return ok({
          bot_space_list: found.map(toBotSpace),
          recently_used_space_list: found.map(toBotSpace),
          has_personal_space: true,
          team_space_num: 0,
          max_team_space_num: 0,
          total,
          has_more: number * size < total,
        })
      },
    )
  }

const toWorkspace = (space: Space): z.infer<typeof Workspace> => ({
  id: space.id,
  name: space.name,
  icon_url: '',
  role_type: space.role,
  workspace_type: space.kind,
  enterprise_id: '',
})

const toBotSpace = (space: Space): z.infer<typeof BotSpace> => ({
  id: space.id,
  name: space.name,
  description: space.description,
  icon_url: '',
  space_type: SPACE_TYPE[space.kind],
  role_type: ROLE_TYPE[space.role],
})
