import { z } from 'zod'
import type { Databases } from '../../domain/database/service.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, Id } from '../wire.ts'
import { environmentOf, FieldList, FilterWire, fieldsWire, TableType, toFilter } from './database-wire.ts'

const RecordWire = z.record(z.string().max(64), z.string().max(100_000))
const Records = z.array(RecordWire).max(100)
const tags = ['databases']

/** The rows of databases. All values are text; whole numbers keep all their digits. */
export const recordRoutes =
  ({ databases }: { databases: Databases }): Routes =>
  (app) => {
    app.post(
      '/api/memory/database/list_records',
      {
        schema: {
          operationId: 'listRecords',
          tags,
          summary: 'Rows of a database; where the access is limited, the own ones unless told otherwise',
          body: z.object({
            database_id: Id,
            table_type: TableType.default(1),
            limit: z.coerce.number().int().min(1).max(100).default(50),
            offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
            not_filter_by_user_id: z.boolean().default(false),
            not_filter_by_connector_id: z.boolean().default(false),
            filter_criterion: FilterWire.optional(),
            order_by_list: z
              .array(z.object({ field: z.string().max(64), direction: z.coerce.number().int().min(1).max(2) }))
              .max(10)
              .optional(),
          }),
          response: {
            200: EmptyEnvelope.extend({
              data: z.array(z.record(z.string(), z.string())),
              HasMore: z.boolean(),
              TotalNum: z.number(),
              field_list: FieldList,
            }),
          },
        },
      },
      async (request) => {
        const { database_id: id, table_type, limit, offset, filter_criterion, order_by_list, ...rest } = request.body
        const { view, records, total } = await databases.listRecords(actorOf(request), id, {
          environment: environmentOf(table_type),
          limit,
          offset,
          filter: toFilter(filter_criterion),
          orderBy: order_by_list?.map(({ field, direction }) => ({ field, descending: direction === 2 })),
          allUsers: rest.not_filter_by_user_id,
          allConnectors: rest.not_filter_by_connector_id,
        })
        const page = { HasMore: offset + records.length < total, TotalNum: total }
        return { ...done, data: records, ...page, field_list: fieldsWire(view, true) }
      },
    )
    app.post(
      '/api/memory/database/update_records',
      {
        schema: {
          operationId: 'updateRecords',
          tags,
          summary: 'Add, change and delete rows, all of it or nothing',
          body: z.object({
            database_id: Id,
            table_type: TableType.default(1),
            record_data_add: Records.default([]),
            record_data_alter: Records.default([]),
            record_data_delete: Records.default([]),
          }),
          response: { 200: EmptyEnvelope.extend({ data: z.array(z.record(z.string(), z.string())) }) },
        },
      },
      async (request) => {
        const { database_id: id, table_type, record_data_add: add, record_data_alter: alter } = request.body
        const deleteIds = request.body.record_data_delete.map(({ bstudio_id }) => bstudio_id ?? '')
        const change = { environment: environmentOf(table_type), add, alter, deleteIds }
        return { ...done, data: await databases.updateRecords(actorOf(request), id, change) }
      },
    )
  }
