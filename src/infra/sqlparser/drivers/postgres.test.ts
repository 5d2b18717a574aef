import { runConformance } from '../../../../test-kit/conformance.ts'
import { testPostgres } from '../../../../test-kit/pglite.ts'
import { sqlParserCases } from '../conformance.ts'
import { openSqlParser } from '../open.ts'

const engine = await testPostgres()

runConformance('postgres', sqlParserCases, {
  features: new Set(engine === undefined ? [] : ['engine']),
  open: async () => {
    const parser = await openSqlParser('postgres')
    const harness = { parser, quote: '"', ...(engine && { engine }) }
    return { harness, close: () => parser.close() }
  },
})
