import { addColumn, createIndex, createTable } from './ddl.ts'
import type { Migration } from './migration.ts'

/** What several processes on one database tell each other: who publishes, who works on what, which chats are alive. */
export const replicas: Migration = {
  name: '0005_replicas',
  up: async (db, dialect) => {
    await addColumn(db, dialect, 'outbox', { name: 'claimed_until_ms', kind: 'integer', initial: 0 })
    await createIndex(db, dialect, 'outbox', ['claimed_until_ms'])
    await addColumn(db, dialect, 'chat', { name: 'alive_at_ms', kind: 'integer', initial: 0 })
    await createTable(db, dialect, 'lease', {
      columns: { name: 'varchar', holder_id: 'id', expires_at_ms: 'integer' },
      primaryKey: ['name'],
    })
  },
}
