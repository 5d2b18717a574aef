import { runConformance } from '../../../../test-kit/conformance.ts'
import { sqlParserCases } from '../conformance.ts'
import { openSqlParser } from '../open.ts'

runConformance('mysql', sqlParserCases, {
  features: new Set(),
  open: async () => {
    const parser = await openSqlParser('mysql')
    return { harness: { parser, quote: '`' }, close: () => parser.close() }
  },
})
