import { createTable } from './ddl.ts'
import type { Migration } from './migration.ts'

/** Changes of users' tables that are still to be done behind their transaction, where changes of the schema commit. */
export const userTableChange: Migration = {
  name: '0006_user_table_change',
  up: (db, dialect) =>
    createTable(db, dialect, 'user_table_change', {
      columns: { table_id: 'id', steps_json: 'json', created_at_ms: 'integer' },
      primaryKey: ['table_id'],
    }),
}
