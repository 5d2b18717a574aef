import type { Case } from '../../base/conformance.ts'
import { guardedCases } from './conformance/guarded.ts'
import type { DbHarness } from './conformance/harness.ts'
import { migrationCases } from './conformance/migrations.ts'
import { queryCases } from './conformance/queries.ts'
import { transactionCases } from './conformance/transactions.ts'
import { valueCases } from './conformance/values.ts'

/** Every statement about the database that a provider has to keep. */
export const dbCases: readonly Case<DbHarness>[] = [
  ...valueCases,
  ...queryCases,
  ...transactionCases,
  ...migrationCases,
  ...guardedCases,
]

// Left out, because our interface makes them meaningless:
// DB-11 JSON null and SQL NULL are both null in JavaScript, and the schema has no column that tells them apart
// DB-13, DB-14 lengths are checked by the domain before a row is built
// DB-15 no table has fractional columns
// DB-16 times are integers
// DB-19 Kysely fills missing columns of ragged rows with their defaults
// DB-23 the table does not exist; the upsert by a named target is DB-22
// DB-35, DB-36 folded keys are columns of their own (`email_key`), written by the services
// DB-42 rows are deleted, not hidden
// DB-54 belongs to the servers; a file has no connection to lose
// DB-55 DDL is written in migrations only
