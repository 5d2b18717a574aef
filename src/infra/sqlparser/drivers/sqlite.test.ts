import { DatabaseSync } from 'node:sqlite'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { sqlParserCases } from '../conformance.ts'
import { openSqlParser } from '../open.ts'

runConformance('sqlite', sqlParserCases, {
  features: new Set(['engine']),
  open: async () => {
    const parser = await openSqlParser('sqlite')
    const rows = async (statements: readonly string[]) => {
      const db = new DatabaseSync(':memory:')
      let last: Record<string, unknown>[] = []
      for (const sql of statements) last = db.prepare(sql).all()
      db.close()
      return last
    }
    return { harness: { parser, quote: '"', engine: { rows } }, close: () => parser.close() }
  },
})
