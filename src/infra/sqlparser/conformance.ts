import type { Case } from '../../base/conformance.ts'
import { editingCases } from './conformance/editing.ts'
import type { SqlParserHarness } from './conformance/harness.ts'
import { ownerCases } from './conformance/owners.ts'
import { readingCases } from './conformance/reading.ts'
import { renamingCases } from './conformance/renaming.ts'

export type { SqlEngine, SqlParserHarness } from './conformance/harness.ts'

/** Every statement about the SQL parser that a dialect has to keep. */
export const sqlParserCases: readonly Case<SqlParserHarness>[] = [
  ...readingCases,
  ...renamingCases,
  ...editingCases,
  ...ownerCases,
]
