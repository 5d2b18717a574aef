import { init } from './0001-init.ts'
import { pendingBlob } from './0002-pending-blob.ts'
import { userTable } from './0003-user-table.ts'
import { userDatabases } from './0004-user-databases.ts'
import { replicas } from './0005-replicas.ts'
import { userTableChange } from './0006-user-table-change.ts'
import type { Migration } from './migration.ts'

/** Every migration there is, oldest first. Append only. */
export const MIGRATIONS: readonly Migration[] = [init, pendingBlob, userTable, userDatabases, replicas, userTableChange]
