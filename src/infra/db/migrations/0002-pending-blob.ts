import { createTable } from './ddl.ts'
import type { Migration } from './migration.ts'

/** The blobs that are being written, so that none is left without a row. */
export const pendingBlob: Migration = {
  name: '0002_pending_blob',
  up: (db, dialect) =>
    createTable(db, dialect, 'pending_blob', {
      columns: { blob_key: 'varchar', created_at_ms: 'integer' },
      primaryKey: ['blob_key'],
    }),
}
