import { z } from 'zod'
import type { Databases } from '../../domain/database/service.ts'
import { type DatabaseImports, FIELD_TYPES, type Field, type SheetPlace } from '../../domain/database/types.ts'
import { actorOf } from '../auth.ts'
import type { Routes } from '../server.ts'
import { done, EmptyEnvelope, Id } from '../wire.ts'
import { environmentOf, TableType } from './database-wire.ts'

const Line = z.coerce.number().int().min(0).max(1_000_000)
/** Which table of the file; lines count from 0. */
const TableSheet = z.object({
  sheet_id: z
    .string()
    .regex(/^(0|[1-9]\d{0,3})$/, 'must be the position of a sheet, from 0')
    .default('0'),
  header_line_idx: Line.default(0),
  start_line_idx: Line.default(1),
})
const DEFAULT_SHEET = { sheet_id: '0', header_line_idx: 0, start_line_idx: 1 }
/** What an upload answered as `uri`, or a file id. */
const FileUri = z.string().min(1).max(512)
const SourceFile = z.object({ tos_uri: FileUri })

const TableMeta = z.object({
  id: z.string(),
  column_name: z.string(),
  is_semantic: z.boolean(),
  sequence: z.string(),
  column_type: z.number(),
  desc: z.string(),
})
const SheetInfo = z.object({ id: z.number(), sheet_name: z.string(), total_row: z.number() })

const placeOf = (sheet: z.infer<typeof TableSheet>): SheetPlace => ({
  sheet: Number(sheet.sheet_id),
  headerLine: sheet.header_line_idx,
  firstLine: sheet.start_line_idx,
})
const metaOf = (name: string, type: (typeof FIELD_TYPES)[number], i: number, desc = '') => ({
  ...{ id: String(i), column_name: name, is_semantic: false, sequence: String(i), desc },
  column_type: FIELD_TYPES.indexOf(type) + 1,
})

const EXAMPLES = { text: 'text', integer: '42', date: '2024-01-31 14:30:00', float: '1.5', boolean: 'true' } as const

/** Names hold nothing that csv would have to quote. */
const templateOf = (fields: readonly Field[]): string =>
  [fields.map(({ name }) => name), fields.map(({ type }) => EXAMPLES[type])]
    .map((row) => `${row.join(',')}\r\n`)
    .join('')

const tags = ['databases']

/** Rows from csv and xlsx files. */
export const databaseImportRoutes =
  ({ databases, imports }: { databases: Databases; imports: DatabaseImports }): Routes =>
  (app) => {
    app.post(
      '/api/memory/table_schema/get',
      {
        schema: {
          operationId: 'getTableSchema',
          tags,
          summary: 'The columns of a csv or xlsx file with its first rows, or the fields of a database',
          body: z
            .object({
              table_sheet: TableSheet.default(DEFAULT_SHEET),
              /** 0 all, 1 columns, 2 first rows. */
              table_data_type: z.coerce.number().int().min(0).max(2).default(0),
              database_id: Id.optional(),
              source_file: SourceFile.optional(),
            })
            .refine((body) => (body.source_file ?? body.database_id) !== undefined, {
              message: 'source_file or database_id is needed',
            }),
          response: {
            200: EmptyEnvelope.extend({
              sheet_list: z.array(SheetInfo),
              table_meta: z.array(TableMeta),
              preview_data: z.array(z.record(z.string(), z.string())),
            }),
          },
        },
      },
      async (request) => {
        const { table_sheet: sheet, table_data_type: which, database_id: id, source_file: file } = request.body
        if (file === undefined) {
          const { fields } = await databases.get(actorOf(request), id ?? '')
          const meta = fields.map(({ name, type, description }, i) => metaOf(name, type, i, description))
          return { ...done, sheet_list: [], table_meta: meta, preview_data: [] }
        }
        const { sheets, columns, preview } = await imports.schema(actorOf(request), file.tos_uri, placeOf(sheet))
        return {
          ...done,
          sheet_list: sheets.map(({ name, rowCount }, i) => ({ id: i, sheet_name: name, total_row: rowCount })),
          table_meta: which === 2 ? [] : columns.map(({ name, type }, i) => metaOf(name, type, i)),
          preview_data: which === 1 ? [] : preview.map((row) => Object.fromEntries(row.entries())),
        }
      },
    )
    app.post(
      '/api/memory/database/get_template',
      {
        schema: {
          operationId: 'getDatabaseTemplate',
          tags,
          summary:
            'A csv file to fill in and import: the names of the fields, with an example of each, as a data: address',
          body: z.object({ database_id: Id, table_type: TableType.default(1) }),
          response: { 200: EmptyEnvelope.extend({ TosUrl: z.string() }) },
        },
      },
      async (request) => {
        const { fields } = await databases.get(actorOf(request), request.body.database_id)
        return { ...done, TosUrl: `data:text/csv;base64,${Buffer.from(templateOf(fields)).toString('base64')}` }
      },
    )
    app.post(
      '/api/memory/table_schema/validate',
      {
        schema: {
          operationId: 'validateTableSchema',
          tags,
          summary: 'Whether a file can be imported into a database, and what is wrong with it by field',
          body: z.object({
            database_id: Id,
            source_file: SourceFile,
            table_sheet: TableSheet.default(DEFAULT_SHEET),
            table_type: TableType.default(1),
          }),
          response: { 200: EmptyEnvelope.extend({ SchemaValidResult: z.record(z.string(), z.string()) }) },
        },
      },
      async (request) => {
        const { database_id: id, source_file: file, table_sheet: sheet, table_type: type } = request.body
        const asked = { environment: environmentOf(type), fileUri: file.tos_uri, place: placeOf(sheet) }
        return { ...done, SchemaValidResult: await imports.validate(actorOf(request), id, asked) }
      },
    )
    app.post(
      '/api/memory/table_file/submit',
      {
        schema: {
          operationId: 'importTableFile',
          tags,
          summary: 'Import the rows of an uploaded csv or xlsx file in the background',
          body: z.object({
            database_id: Id,
            file_uri: FileUri,
            table_type: TableType.default(1),
            table_sheet: TableSheet.default(DEFAULT_SHEET),
          }),
          response: { 200: EmptyEnvelope },
        },
      },
      async (request) => {
        const { database_id: id, file_uri: fileUri, table_sheet: sheet, table_type: type } = request.body
        const asked = { environment: environmentOf(type), fileUri, place: placeOf(sheet) }
        await imports.start(actorOf(request), id, asked)
        return done
      },
    )
    app.post(
      '/api/memory/table_file/get_progress',
      {
        schema: {
          operationId: 'getTableFileProgress',
          tags,
          summary: 'How far the last import into a database is, and why it failed if it did',
          body: z.object({ database_id: Id, table_type: TableType.default(1) }),
          response: {
            200: EmptyEnvelope.extend({
              data: z.object({ FileName: z.string(), Progress: z.number(), StatusDescript: z.string() }),
            }),
          },
        },
      },
      async (request) => {
        const { database_id: id, table_type: type } = request.body
        const { fileName, percent, reason } = await imports.progress(actorOf(request), id, environmentOf(type))
        return { ...done, data: { FileName: fileName, Progress: percent, StatusDescript: reason } }
      },
    )
  }
