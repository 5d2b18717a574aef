import { createTable, type TableSpec } from './ddl.ts'
import type { Migration } from './migration.ts'

const times = { created_at_ms: 'integer', updated_at_ms: 'integer' } as const

const TABLES: Readonly<Record<string, TableSpec>> = {
  user_database: {
    columns: {
      id: 'id',
      online_id: 'id',
      space_id: 'id',
      creator_id: 'id',
      name: 'text',
      name_key: 'varchar',
      description: 'text',
      icon_file_id: 'id?',
      access: 'varchar',
      is_prompt_disabled: 'boolean',
      ...times,
    },
    primaryKey: ['id'],
    unique: [['online_id'], ['space_id', 'name_key']],
  },
  agent_database: {
    columns: { agent_id: 'id', database_id: 'id', created_at_ms: 'integer' },
    primaryKey: ['agent_id', 'database_id'],
    indexes: [['database_id']],
  },
  user_database_import: {
    columns: {
      database_id: 'id',
      environment: 'varchar',
      creator_id: 'id',
      file_id: 'id',
      import_id: 'id',
      file_name: 'text',
      options_json: 'json',
      status: 'varchar',
      reason: 'text',
      total_rows: 'integer',
      done_rows: 'integer',
      ...times,
    },
    primaryKey: ['database_id', 'environment'],
  },
}

/** Tables that people define, what is in them, which agents may use them, and how far an import is. */
export const userDatabases: Migration = {
  name: '0004_user_databases',
  up: async (db, dialect) => {
    for (const [name, spec] of Object.entries(TABLES)) await createTable(db, dialect, name, spec)
  },
}
