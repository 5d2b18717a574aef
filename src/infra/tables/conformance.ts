import type { Case } from '../../base/conformance.ts'
import { alterationCases } from './conformance/alterations.ts'
import { definitionCases } from './conformance/definitions.ts'
import type { TablesHarness } from './conformance/harness.ts'
import { queryCases } from './conformance/queries.ts'
import { rowCases } from './conformance/rows.ts'
import { statementCases } from './conformance/statements.ts'
import { upsertCases } from './conformance/upserts.ts'

/** Every statement about user-defined tables, for every database that has them. */
export const tablesCases: readonly Case<TablesHarness>[] = [
  ...definitionCases,
  ...alterationCases,
  ...rowCases,
  ...queryCases,
  ...upsertCases,
  ...statementCases,
]

// Left out, because our interface makes them meaningless:
// RDB-58 there is no mode in which parameters are ignored: too many of them are an error (RDB-49)
