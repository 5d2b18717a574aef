import type { FileTable } from '../../infra/db/schema.ts'
import type { Actor } from '../actor.ts'

export const FIELD_TYPES = ['text', 'integer', 'date', 'float', 'boolean'] as const
export type FieldType = (typeof FIELD_TYPES)[number]

/**
 * What the end users of an agent may do: `limited`: read and change the rows that are theirs; `read_only`: read all
 * rows; `full`: read and change all rows.
 */
export type Access = 'limited' | 'read_only' | 'full'

/** Each database has its rows twice: the draft for trying things out, online for what agents do. */
export type Environment = 'draft' | 'online'

/** A column that a person defined. */
export type Field = {
  /** Counts up within a database and is never given twice; it stays when the field is renamed. */
  number: number
  name: string
  description: string
  type: FieldType
  isRequired: boolean
}
/** A field as it is asked for: with its number when it is there already. */
export type NewField = Omit<Field, 'number'> & { number?: number | undefined }

/** A table that the people of a space defined. */
export type UserDatabase = {
  /** Of the draft. */
  id: string
  onlineId: string
  spaceId: string
  creatorId: string
  name: string
  description: string
  iconFileId: string | null
  access: Access
  /** Whether agents are told nothing about it. */
  isPromptDisabled: boolean
  fields: readonly Field[]
  createdAtMs: number
  updatedAtMs: number
}

/** A database as a caller named it: by the id of its draft or of its online half. */
export type DatabaseView = UserDatabase & {
  environment: Environment
  iconUrl: string
  /** Whether the agent that the list was asked for uses it. */
  isBound: boolean
}

export type DatabaseFields = {
  name: string
  description: string
  /** A file id; empty: no icon. */
  iconFileId?: string | undefined
  access: Access
  isPromptDisabled: boolean
  fields: readonly NewField[]
}

export type DatabaseFilter = {
  spaceId?: string | undefined
  creatorId?: string | undefined
  agentId?: string | undefined
  /** A part of the name. */
  name?: string | undefined
  environment: Environment
  offset: number
  limit: number
  newestFirst: boolean
}

/** Whose a row is: the agent's end user, by the caller's own name for them, and the channel they came through. */
export type RowOwner = { userRef: string; connectorId: string }

/** The columns that every table has besides its fields. */
export const SYSTEM_COLUMNS = {
  id: 'bstudio_id',
  owner: 'bstudio_connector_uid',
  connector: 'bstudio_connector_id',
  createdAt: 'bstudio_create_time',
} as const

/** A row as text, by the names of fields and system columns. What is absent in the table is empty. */
export type DatabaseRecord = Record<string, string>

export const CONDITIONS = [
  '=',
  '!=',
  '>',
  '<',
  '>=',
  '<=',
  'IN',
  'NOT IN',
  'IS NULL',
  'IS NOT NULL',
  'LIKE',
  'NOT LIKE',
] as const
export type Condition = { field: string; operator: (typeof CONDITIONS)[number]; value: string }
export type RecordFilter = {
  any: boolean
  conditions: readonly Condition[]
}

export type RecordQuery = {
  environment: Environment
  limit: number
  offset: number
  filter?: RecordFilter | undefined
  orderBy?: readonly { field: string; descending: boolean }[] | undefined
  /** Also the rows of others, where the access is limited. */
  allUsers: boolean
  allConnectors: boolean
}

export type RecordChange = {
  environment: Environment
  add: readonly DatabaseRecord[]
  /** Each with its `bstudio_id`; fields that are absent stay. */
  alter: readonly DatabaseRecord[]
  deleteIds: readonly string[]
}

/** What of the file service databases need. */
export type DatabaseFiles = {
  get(actor: Actor, fileId: string): Promise<FileTable>
  iconUrl(actor: Actor, fileId: string | null): Promise<string>
  read(actor: Actor, fileId: string, maxBytes: number, options?: { signal?: AbortSignal }): Promise<Uint8Array>
}

/** Which table of a file, and where it begins; lines count from 0. */
export type SheetPlace = {
  /** 0-based position of the sheet. */
  sheet: number
  headerLine: number
  firstLine: number
}

/** What a file holds: its sheets, and of one of them the columns with the types that their values have. */
export type FileSchema = {
  sheets: { name: string; rowCount: number }[]
  columns: { name: string; type: FieldType }[]
  preview: string[][]
}

export type ImportRequest = { environment: Environment; fileUri: string; place: SheetPlace }
export type ImportProgress = {
  fileName: string
  status: 'running' | 'done' | 'failed'
  /** 0…100. */
  percent: number
  /** Why it failed; empty otherwise. */
  reason: string
}
export type ImportKey = { databaseId: string; environment: Environment; importId: string }

/** Rows from csv and xlsx files. */
export type DatabaseImports = {
  /** Throws `not_found` for a foreign file, `invalid_argument` for another type of file, and what reading throws. */
  schema(actor: Actor, fileUri: string, place: SheetPlace): Promise<FileSchema>
  /** What is wrong with a file for a database, by field; empty when it can be imported. */
  validate(actor: Actor, id: string, request: ImportRequest): Promise<Record<string, string>>
  /** Takes a file for import in the background. Throws `failed_precondition` while another import runs. */
  start(actor: Actor, id: string, request: ImportRequest): Promise<void>
  /** Of the last import. Throws `not_found` when there was none. */
  progress(actor: Actor, id: string, environment: Environment): Promise<ImportProgress>
  /** The work of an import; it goes on where it was. Throws what is worth another try. */
  run(key: ImportKey, options: { signal: AbortSignal }): Promise<void>
  /** Ends an import that cannot be done. */
  fail(key: ImportKey, reason: string): Promise<void>
}
