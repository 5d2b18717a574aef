import { z } from 'zod'
import type { Agents } from '../../domain/agent/service.ts'
import { PUBLISH_STATUSES } from '../../domain/agent/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, envelope, Id, isTrue, ok, PageNumber, pageSize, QueryBoolean } from '../wire.ts'
import {
  AgentWire,
  agentFieldsOf,
  agentWire,
  CreateAgent,
  ListItem,
  listItem,
  PublishedItem,
  publishedItem,
  UpdateAgent,
} from './agent-wire.ts'

const tags = ['agents']
const AgentPath = z.object({ bot_id: Id })
/** Where an agent can be published: the API and the web SDK. Either puts it online for both. */
const Connector = z.enum(['1024', '999'], 'only 1024 (API) and 999 (web SDK) are available')

/** Agents, which the API calls bots. */
export const agentRoutes =
  (services: { agents: Agents }): Routes =>
  (app) => {
    const { agents } = services
    const answer = { 200: envelope(AgentWire) }

    app.post(
      '/v1/bot/create',
      {
        schema: {
          operationId: 'createAgent',
          tags,
          summary: 'Create an agent as a draft',
          body: CreateAgent,
          response: { 200: envelope(z.object({ bot_id: Id })) },
        },
      },
      async (request) => {
        const { space_id, ...fields } = request.body
        return ok({ bot_id: await agents.create(actorOf(request), { spaceId: space_id, ...agentFieldsOf(fields) }) })
      },
    )

    app.post(
      '/v1/bot/update',
      {
        schema: {
          operationId: 'updateAgent',
          tags,
          summary: 'Change the draft of an agent; what is absent stays',
          body: UpdateAgent,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        const { bot_id, ...fields } = request.body
        await agents.update(actorOf(request), bot_id, agentFieldsOf(fields))
        return done
      },
    )

    app.post(
      '/v1/bot/publish',
      {
        schema: {
          operationId: 'publishAgent',
          tags,
          summary: 'Put the draft online as a new version',
          body: AgentPath.extend({ connector_ids: z.array(Connector).min(1).max(8).optional() }),
          response: { 200: envelope(z.object({ bot_id: Id, version: Id })) },
        },
      },
      async (request) => {
        const { bot_id } = request.body
        return ok({ bot_id, version: await agents.publish(actorOf(request), bot_id) })
      },
    )

    app.post(
      '/v1/bots/:bot_id/unpublish',
      {
        schema: {
          operationId: 'unpublishAgent',
          tags,
          summary: 'Take an agent offline',
          params: AgentPath,
          body: z.object({ connector_id: Connector.optional(), unpublish_reason: z.string().max(1024).optional() }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await agents.unpublish(actorOf(request), request.params.bot_id)
        return done
      },
    )

    app.delete(
      '/v1/bots/:bot_id',
      {
        schema: {
          operationId: 'deleteAgent',
          tags,
          summary: 'Delete an agent with its versions; its conversations stay',
          params: AgentPath,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await agents.delete(actorOf(request), request.params.bot_id)
        return done
      },
    )

    app.get(
      '/v1/bots/:bot_id',
      {
        schema: {
          operationId: 'getAgent',
          tags,
          summary: 'An agent as it is online, or its draft',
          params: AgentPath,
          querystring: z.object({ is_published: QueryBoolean.optional() }),
          response: answer,
        },
      },
      async (request) => {
        const which = isTrue(request.query.is_published ?? 'true') ? 'published' : 'draft'
        return ok(agentWire(await agents.detail(actorOf(request), request.params.bot_id, which)))
      },
    )

    app.get(
      '/v1/bot/get_online_info',
      {
        schema: {
          operationId: 'getOnlineAgent',
          tags,
          summary: 'An agent as it is online',
          querystring: AgentPath,
          response: answer,
        },
      },
      async (request) => ok(agentWire(await agents.detail(actorOf(request), request.query.bot_id, 'published'))),
    )

    app.get(
      '/v1/bots',
      {
        schema: {
          operationId: 'listAgents',
          tags,
          summary: 'The agents of a space, or of all your spaces',
          querystring: z.object({
            workspace_id: Id.optional(),
            publish_status: z.enum(PUBLISH_STATUSES).default('published_online'),
            page_num: PageNumber.optional(),
            page_index: PageNumber.optional(),
            page_size: pageSize(100).default(20),
          }),
          response: { 200: envelope(z.object({ total: z.number(), items: z.array(ListItem) })) },
        },
      },
      async (request) => {
        const { workspace_id, publish_status, page_num, page_index, page_size } = request.query
        const pageNumber = page_num ?? page_index ?? 1
        const page = { spaceId: workspace_id, status: publish_status, pageNumber, pageSize: page_size }
        const { total, items } = await agents.list(actorOf(request), page)
        return ok({ total, items: items.map(listItem) })
      },
    )

    app.get(
      '/v1/space/published_bots_list',
      {
        schema: {
          operationId: 'listPublishedAgents',
          tags,
          summary: 'The agents of a space that are online, the latest publication first',
          querystring: z.object({
            space_id: Id,
            page_index: PageNumber.default(1),
            page_size: pageSize(100).default(20),
          }),
          response: { 200: envelope(z.object({ total: z.number(), space_bots: z.array(PublishedItem) })) },
        },
      },
      async (request) => {
        const { space_id, page_index, page_size } = request.query
        const page = { spaceId: space_id, pageNumber: page_index, pageSize: page_size }
        const { total, items } = await agents.list(actorOf(request), { ...page, status: 'published_online' })
        return ok({ total, space_bots: items.map(publishedItem) })
      },
    )
  }
