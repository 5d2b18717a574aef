import { z } from 'zod'
import type { Databases } from '../../domain/database/service.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, Id } from '../wire.ts'
import { DatabaseBody, DatabaseWire, environmentOf, TableType, toDatabase, toFields } from './database-wire.ts'

const DatabaseAnswer = EmptyEnvelope.extend({ database_info: DatabaseWire })
const Binding = z.object({ database_id: Id, bot_id: Id })
const tags = ['databases']

/** Tables that people define, and which agents may use them. */
export const databaseRoutes =
  ({ databases }: { databases: Databases }): Routes =>
  (app) => {
    app.post(
      '/api/memory/database/add',
      {
        schema: {
          operationId: 'createDatabase',
          tags,
          summary: 'Create a database: a table with the fields that are given, for drafts and online',
          body: DatabaseBody.extend({ space_id: Id }),
          response: { 200: DatabaseAnswer },
        },
      },
      async (request) => {
        const { space_id: spaceId, icon_uri: icon, ...body } = request.body
        const fields = { ...toFields(body), spaceId, iconFileId: icon }
        return { ...done, database_info: toDatabase(await databases.create(actorOf(request), fields)) }
      },
    )
    app.post(
      '/api/memory/database/list',
      {
        schema: {
          operationId: 'listDatabases',
          tags,
          summary: 'The databases of a space; with an agent also which of them it uses',
          body: z.object({
            space_id: Id.optional(),
            creator_id: Id.optional(),
            bot_id: Id.optional(),
            table_name: z.string().max(100).optional(),
            table_type: TableType,
            offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
            limit: z.coerce.number().int().min(1).max(100).default(50),
            order_by: z
              .array(z.object({ field: z.string().max(64), direction: z.coerce.number().int().min(1).max(2) }))
              .max(5)
              .optional(),
          }),
          response: {
            200: EmptyEnvelope.extend({
              database_info_list: z.array(DatabaseWire),
              has_more: z.boolean(),
              total_count: z.number(),
            }),
          },
        },
      },
      async (request) => {
        const { space_id: spaceId, creator_id: creatorId, bot_id: agentId, table_name: name, ...rest } = request.body
        const { offset, limit, order_by: order } = rest
        const page = { offset, limit, newestFirst: order?.[0]?.direction !== 1 }
        const filter = { spaceId, creatorId, agentId, name, environment: environmentOf(rest.table_type), ...page }
        const { views, total } = await databases.list(actorOf(request), filter)
        const list = views.map((view) => toDatabase(view))
        return { ...done, database_info_list: list, has_more: offset + list.length < total, total_count: total }
      },
    )
    app.post(
      '/api/memory/database/get_by_id',
      {
        schema: {
          operationId: 'getDatabase',
          tags,
          summary: 'One database, by the id of its draft or of its online half',
          body: z.object({ id: Id, is_draft: z.boolean().optional(), need_sys_fields: z.boolean().default(false) }),
          response: { 200: DatabaseAnswer },
        },
      },
      async (request) => {
        const { id, need_sys_fields: withSystem } = request.body
        return { ...done, database_info: toDatabase(await databases.get(actorOf(request), id), withSystem) }
      },
    )
    app.post(
      '/api/memory/database/update',
      {
        schema: {
          operationId: 'updateDatabase',
          tags,
          summary:
            'Change a database; fields with an id are kept or renamed, those that are left out go with their values',
          body: DatabaseBody.extend({ id: Id }),
          response: { 200: DatabaseAnswer },
        },
      },
      async (request) => {
        const { id, icon_uri: iconFileId, ...body } = request.body
        const view = await databases.update(actorOf(request), id, { ...toFields(body), iconFileId })
        return { ...done, database_info: toDatabase(view) }
      },
    )
    app.post(
      '/api/memory/database/delete',
      {
        schema: {
          operationId: 'deleteDatabase',
          tags,
          summary: 'Delete a database with its rows, and take it from its agents',
          body: z.object({ id: Id }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await databases.delete(actorOf(request), request.body.id)
        return done
      },
    )
    app.post(
      '/api/memory/database/bind_to_bot',
      {
        schema: {
          operationId: 'bindDatabase',
          tags,
          summary: 'Let an agent use a database of its space, from its next chat on',
          body: Binding,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await databases.bind(actorOf(request), request.body.bot_id, request.body.database_id)
        return done
      },
    )
    app.post(
      '/api/memory/database/unbind_to_bot',
      {
        schema: {
          operationId: 'unbindDatabase',
          tags,
          summary: 'Take a database from an agent',
          body: Binding,
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        await databases.unbind(actorOf(request), request.body.bot_id, request.body.database_id)
        return done
      },
    )
    app.post(
      '/api/memory/database/get_online_database_id',
      {
        schema: {
          operationId: 'getOnlineDatabaseId',
          tags,
          summary: 'The id of the online half of a draft',
          body: z.object({ id: Id }),
          response: { 200: EmptyEnvelope.extend({ id: Id }) },
        },
      },
      async (request) => {
        const { onlineId } = await databases.get(actorOf(request), request.body.id)
        return { ...done, id: onlineId }
      },
    )
  }
