import type { Generated } from 'kysely'

/**
 * Every table of the application, as Kysely types. Rules that hold for all of them: columns named `id` or ending in
 * `_id` are BIGINT and come back as decimal strings; `*_at_ms` are epoch milliseconds; `is_*` are booleans; `*_json`
 * hold JSON and come back parsed. Tenant data carries `space_id`.
 */
export type Schema = {
  account: AccountTable
  session: SessionTable
  access_token: AccessTokenTable
  space: SpaceTable
  space_member: SpaceMemberTable
  agent: AgentTable
  agent_version: AgentVersionTable
  file: FileTable
  dataset: DatasetTable
  document: DocumentTable
  chunk: ChunkTable
  conversation: ConversationTable
  message: MessageTable
  chat: ChatTable
  outbox: OutboxTable
  lease: LeaseTable
  pending_blob: PendingBlobTable
  setting: SettingTable
  user_table: UserTableTable
  user_column: UserColumnTable
  user_table_change: UserTableChangeTable
  user_database: UserDatabaseTable
  user_database_import: UserDatabaseImportTable
  agent_database: AgentDatabaseTable
}

export type Json = Record<string, unknown> | readonly unknown[]

export type AccountTable = {
  id: string
  email: string
  /** The address folded for comparison; unique. */
  email_key: string
  name: string
  unique_name: string
  description: string
  locale: string
  avatar_key: string | null
  password_hash: string
  /** The first account; it may do what an operator may. */
  is_owner: boolean
  created_at_ms: number
  updated_at_ms: number
}

export type SessionTable = {
  /** SHA-256 of the cookie value, hexadecimal. */
  token_hash: string
  account_id: string
  created_at_ms: number
  expires_at_ms: number
}

export type AccessTokenTable = {
  id: string
  account_id: string
  name: string
  /** SHA-256 of the token, hexadecimal. */
  token_hash: string
  created_at_ms: number
  updated_at_ms: number
  last_used_at_ms: number | null
  expires_at_ms: number | null
}

export type SpaceTable = {
  id: string
  name: string
  description: string
  kind: 'personal' | 'team'
  owner_id: string
  created_at_ms: number
  updated_at_ms: number
}

export type SpaceMemberTable = {
  space_id: string
  account_id: string
  role: 'owner' | 'admin' | 'member'
  created_at_ms: number
}

export type AgentTable = {
  id: string
  space_id: string
  creator_id: string
  name: string
  description: string
  icon_file_id: string | null
  /** The draft: prompt, onboarding, model parameters, knowledge binding … */
  config_json: Json
  /** The version that a chat uses; null while unpublished. */
  published_version_id: string | null
  created_at_ms: number
  updated_at_ms: number
}

export type AgentVersionTable = {
  id: string
  space_id: string
  agent_id: string
  /** A frozen copy of name, description, icon and config. */
  snapshot_json: Json
  published_at_ms: number
}

export type FileTable = {
  id: string
  space_id: string
  creator_id: string
  name: string
  size_bytes: number
  media_type: string
  blob_key: string
  created_at_ms: number
}

export type DatasetTable = {
  id: string
  space_id: string
  creator_id: string
  name: string
  description: string
  icon_file_id: string | null
  /** 0 text, 1 table, 2 image. */
  format_type: number
  /** 1 enabled, 3 disabled. */
  status: number
  /** Which embedding filled the index, and its dimensions; another one asks for a re-index. */
  embedding_name: string
  embedding_dims: number
  chunk_strategy_json: Json | null
  created_at_ms: number
  updated_at_ms: number
}

export type DocumentTable = {
  id: string
  space_id: string
  dataset_id: string
  creator_id: string
  name: string
  /** File type without a dot: "pdf". */
  type: string
  size_bytes: number
  char_count: number
  chunk_count: number
  hit_count: number
  format_type: number
  /** 0 processing, 1 done, 9 failed. */
  status: number
  /** Why it failed, in words for a person; empty otherwise. */
  status_reason: string
  /** 0…100. */
  progress: number
  /** When the current run of indexing began; the remaining time is estimated from it. */
  started_at_ms: number
  /** 0 local file, 2 custom text, 5 file id. */
  source_type: number
  blob_key: string
  chunk_strategy_json: Json
  update_type: number
  update_interval: number
  created_at_ms: number
  updated_at_ms: number
}

export type ChunkTable = {
  id: string
  space_id: string
  dataset_id: string
  document_id: string
  /** 0-based place in its document. */
  position: number
  content: string
  /** Page, heading trail. */
  meta_json: Json
  char_count: number
  hit_count: number
  created_at_ms: number
}

export type ConversationTable = {
  id: string
  space_id: string
  creator_id: string
  agent_id: string | null
  connector_id: string
  /** The caller's own name for its end user; any text. */
  user_ref: string
  name: string
  /** The current context section; clearing starts a new one. */
  section_id: string
  meta_json: Json
  created_at_ms: number
  updated_at_ms: number
}

export type MessageTable = {
  id: string
  space_id: string
  conversation_id: string
  section_id: string
  agent_id: string | null
  chat_id: string | null
  role: 'user' | 'assistant'
  /** question, answer, function_call, tool_output, tool_response, follow_up, verbose */
  type: string
  content: string
  content_type: string
  reasoning_content: string
  meta_json: Json
  created_at_ms: number
  updated_at_ms: number
}

export type ChatTable = {
  id: string
  space_id: string
  conversation_id: string
  /** Equals `conversation_id` while the chat runs, null afterwards; unique, so one chat runs per conversation. */
  running_in_conversation_id: string | null
  section_id: string
  agent_id: string
  creator_id: string
  user_ref: string
  status: 'created' | 'in_progress' | 'completed' | 'failed' | 'requires_action' | 'canceled'
  error_code: number
  error_message: string
  input_tokens: number
  output_tokens: number
  meta_json: Json
  created_at_ms: number
  /** When the process that runs it last said so. */
  alive_at_ms: number
  completed_at_ms: number | null
  failed_at_ms: number | null
}

export type OutboxTable = {
  /** Ascending in the order of commits' inserts; given by the database. */
  id: Generated<string>
  topic: string
  /** Messages of one key are handled in order. */
  message_key: string
  body_json: Json
  /** Set when every attempt failed; such a row waits for an operator. */
  dead_reason: string | null
  /** Until then the process that took it looks after it; afterwards any other may. */
  claimed_until_ms: Generated<number>
  created_at_ms: number
}

/** Work that one process at a time may do. */
export type LeaseTable = {
  name: string
  holder_id: string
  /** A holder that has not renewed it by then is taken for dead. */
  expires_at_ms: number
}

export type PendingBlobTable = {
  /** The key of a blob that is being written and that no row names yet. */
  blob_key: string
  created_at_ms: number
}

export type SettingTable = {
  name: string
  value_json: Json
  updated_at_ms: number
}

/** A table that a user defined; its rows are in `user_table_<id>`. */
export type UserTableTable = {
  id: string
  /** What its owner calls it. */
  name: string
  description: string
  /** Grows with every change of the definition. */
  version: number
  indexes_json: Json
  created_at_ms: number
  updated_at_ms: number
}

/** A change of such a table that is still to be done, where changes of the schema are no part of a transaction. */
export type UserTableChangeTable = {
  table_id: string
  /** Statements, each with the rows of the catalogue that say what was before. */
  steps_json: Json
  created_at_ms: number
}

/** A column of such a table; its values are in the column `f_<id>`. */
export type UserColumnTable = {
  /** Given by the database; never used again, in no table. */
  id: Generated<string>
  table_id: string
  position: number
  name: string
  type: string
  /** The most characters; for `varchar`. */
  length: number | null
  is_required: boolean
  is_auto_increment: boolean
  default_json: Json | null
  description: string
}

export type UserDatabaseTable = {
  /** Of the draft half; both halves are user tables of these ids. */
  id: string
  online_id: string
  space_id: string
  creator_id: string
  name: string
  /** The name folded for comparison; unique in the space. */
  name_key: string
  description: string
  icon_file_id: string | null
  access: 'limited' | 'read_only' | 'full'
  is_prompt_disabled: boolean
  created_at_ms: number
  updated_at_ms: number
}

export type AgentDatabaseTable = {
  agent_id: string
  database_id: string
  created_at_ms: number
}

/** The last import into each half of a database. */
export type UserDatabaseImportTable = {
  database_id: string
  environment: 'draft' | 'online'
  creator_id: string
  file_id: string
  import_id: string
  file_name: string
  /** Which sheet, and where its rows begin. */
  options_json: Json
  status: 'running' | 'done' | 'failed'
  /** Why it failed, in words for a person; empty otherwise. */
  reason: string
  /** 0 until the file has been read. */
  total_rows: number
  done_rows: number
  created_at_ms: number
  updated_at_ms: number
}
