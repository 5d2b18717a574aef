import { AppError, messageOf } from '../../base/errors.ts'
import type { DocumentParser } from '../../infra/document/document.ts'
import type { Tables } from '../../infra/tables/tables.ts'
import { type Actor, found, spaceIds } from '../actor.ts'
import type { Context } from '../context.ts'
import { fileIdOf } from '../file/service.ts'
import { addEvent } from '../outbox.ts'
import { fieldsOf } from './fields.ts'
import { readRows, readSheets, sheetAt, sheetType, typeOf } from './sheets.ts'
import * as store from './store.ts'
import {
  type DatabaseFiles,
  type DatabaseImports,
  type Environment,
  type FileSchema,
  type ImportKey,
  type ImportProgress,
  type ImportRequest,
  type SheetPlace,
  SYSTEM_COLUMNS,
} from './types.ts'
import type { Value } from './values.ts'

export type ImportsDeps = {
  context: Context
  tables: Tables
  files: DatabaseFiles
  parser: Pick<DocumentParser, 'parse'>
}

const MAX_FILE_BYTES = 20 * 1024 ** 2
const ROWS_PER_STEP = 500
const PREVIEW_ROWS = 20
const MAX_REASON_CHARS = 1_000

type Options = SheetPlace & { spaceId: string; connectorId: string }

/** Imports of csv and xlsx files into databases, in the background, a step at a time: each row comes once. */
export class Imports implements DatabaseImports {
  readonly #deps: ImportsDeps

  constructor(deps: ImportsDeps) {
    this.#deps = deps
  }

  async schema(actor: Actor, fileUri: string, place: SheetPlace): Promise<FileSchema> {
    const sheets = await this.#read(actor, fileUri, place)
    const sheet = sheetAt(sheets, place.sheet)
    return {
      sheets: sheets.map(({ name, rows }) => ({ name, rowCount: rows.length })),
      columns: sheet.names.map((name, i) => ({ name, type: typeOf(sheet, i) })),
      preview: sheet.rows.slice(0, PREVIEW_ROWS),
    }
  }

  async validate(actor: Actor, id: string, { environment, fileUri, place }: ImportRequest) {
    const { tableId } = await this.#find(actor, id, environment)
    const table = found(await this.#deps.tables.describe(tableId), 'database', 'database_id')
    const sheet = sheetAt(await this.#read(actor, fileUri, place), place.sheet)
    return readRows(sheet, fieldsOf(table)).problems
  }

  async start(actor: Actor, id: string, { environment, fileUri, place }: ImportRequest): Promise<void> {
    const { context, files } = this.#deps
    const { database, clock, newId, nudge } = context
    const { row } = await this.#find(actor, id, environment)
    const file = await files.get(actor, fileIdOf(fileUri) ?? fileUri)
    sheetType(file.name)
    const options: Options = { ...place, spaceId: file.space_id, connectorId: actor.connectorId }
    const nowMs = clock()
    await database.transaction(async (tx) => {
      found((await store.lockDatabase(tx, row.id)) || undefined, 'database', 'database_id')
      const before = await store.findImport(tx, row.id, environment)
      if (before?.status === 'running') throw new AppError('failed_precondition', 'another import into it is running')
      const importId = newId()
      await store.replaceImport(tx, {
        ...{ database_id: row.id, environment, creator_id: actor.accountId, file_id: file.id, import_id: importId },
        ...{ file_name: file.name, options_json: options, status: 'running', reason: '', total_rows: 0, done_rows: 0 },
        ...{ created_at_ms: nowMs, updated_at_ms: nowMs },
      })
      const event = { database_id: row.id, environment, import_id: importId }
      await addEvent(tx, 'database.import_rows', row.id, event, nowMs)
    })
    nudge()
  }

  async progress(actor: Actor, id: string, environment: Environment): Promise<ImportProgress> {
    const { row } = await this.#find(actor, id, environment)
    const last = found(
      await store.findImport(this.#deps.context.database.db, row.id, environment),
      'import',
      'database_id',
    )
    const part = last.total_rows === 0 ? 0 : last.done_rows / last.total_rows
    const percent = last.status === 'done' ? 100 : Math.floor(part * 99)
    return { fileName: last.file_name, status: last.status, percent, reason: last.reason }
  }

  async run(key: ImportKey, { signal }: { signal: AbortSignal }): Promise<void> {
    const { db } = this.#deps.context.database
    const job = await store.findImport(db, key.databaseId, key.environment)
    if (job === undefined || job.import_id !== key.importId || job.status !== 'running') return
    try {
      const row = found(await store.findById(db, key.databaseId), 'database', 'database_id')
      const tableId = key.environment === 'draft' ? row.id : row.online_id
      const table = found(await this.#deps.tables.describe(tableId), 'database', 'database_id')
      const options = job.options_json as unknown as Options
      const sheets = await this.#read(actorOf(job.creator_id, options), job.file_id, options, signal)
      const { values, problems } = readRows(sheetAt(sheets, options.sheet), fieldsOf(table))
      const [problem] = Object.entries(problems)
      if (problem !== undefined) throw new AppError('invalid_argument', `${problem[0]}: ${problem[1]}`)
      const owner = { [SYSTEM_COLUMNS.owner]: job.creator_id, [SYSTEM_COLUMNS.connector]: options.connectorId }
      const rows = values.map((value) => ({ ...owner, ...value }))
      for (let done: number | undefined = job.done_rows; done !== undefined; ) {
        signal.throwIfAborted()
        done = await this.#step(key, tableId, rows, done)
      }
    } catch (err) {
      if (signal.aborted || !(err instanceof AppError) || err.retryable || err.code === 'canceled') throw err
      await this.fail(key, messageOf(err))
    }
  }

  async fail({ databaseId, environment, importId }: ImportKey, reason: string): Promise<void> {
    const { database, clock } = this.#deps.context
    const set = { status: 'failed', reason: reason.slice(0, MAX_REASON_CHARS), updated_at_ms: clock() } as const
    await store.updateImport(database.db, { databaseId, environment, importId }, set)
  }

  /** Writes the next rows and how far it is in one transaction; undefined when that was all, or nobody wants it. */
  #step(key: ImportKey, tableId: string, rows: readonly Record<string, Value>[], done: number) {
    const { context, tables } = this.#deps
    return context.database.transaction(async (tx): Promise<number | undefined> => {
      const next = rows.slice(done, done + ROWS_PER_STEP)
      const now = done + next.length
      const status = now === rows.length ? 'done' : 'running'
      const set = { total_rows: rows.length, done_rows: now, status, updated_at_ms: context.clock() } as const
      if (!(await store.updateImport(tx, key, set, { doneRows: done }))) return undefined
      if (next.length > 0) await tables.insert(tableId, next, { tx })
      return status === 'done' ? undefined : now
    })
  }

  async #find(actor: Actor, id: string, environment: Environment) {
    const { db } = this.#deps.context.database
    const row = found(await store.findDatabase(db, spaceIds(actor), id), 'database', 'database_id')
    return { row, tableId: environment === 'draft' ? row.id : row.online_id }
  }

  async #read(actor: Actor, fileUri: string, place: SheetPlace, signal?: AbortSignal) {
    const { files, parser } = this.#deps
    const file = await files.get(actor, fileIdOf(fileUri) ?? fileUri)
    sheetType(file.name)
    const bytes = await files.read(actor, file.id, MAX_FILE_BYTES, signal === undefined ? {} : { signal })
    const { headerLine, firstLine } = place
    return readSheets(parser, { name: file.name, bytes }, { headerLine, firstLine }, signal ? { signal } : {})
  }
}

/** Who asked for the import, as far as its file goes. */
const actorOf = (accountId: string, { spaceId, connectorId }: Options): Actor => ({
  accountId,
  personalSpaceId: spaceId,
  spaces: new Map([[spaceId, 'member']]),
  connectorId,
})
