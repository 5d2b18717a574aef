import { createTable } from './ddl.ts'
import type { Migration } from './migration.ts'

/** The catalogue of the tables that users define. */
export const userTable: Migration = {
  name: '0003_user_table',
  up: async (db, dialect) => {
    await createTable(db, dialect, 'user_table', {
      columns: {
        id: 'id',
        name: 'text',
        description: 'text',
        version: 'integer',
        indexes_json: 'json',
        created_at_ms: 'integer',
        updated_at_ms: 'integer',
      },
      primaryKey: ['id'],
    })
    await createTable(db, dialect, 'user_column', {
      columns: {
        id: 'serial',
        table_id: 'id',
        position: 'integer',
        name: 'text',
        type: 'varchar',
        length: 'integer?',
        is_required: 'boolean',
        is_auto_increment: 'boolean',
        default_json: 'json?',
        description: 'text',
      },
      indexes: [['table_id', 'position']],
    })
  },
}
