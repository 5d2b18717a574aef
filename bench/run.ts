import { parseArgs } from 'node:util'
import { formatTable, type Row, type Scenario, storeResults } from './report.ts'

const SCENARIOS: Readonly<Record<string, () => Promise<Scenario>>> = {
  start: async () => (await import('./scenarios/start.ts')).start,
  kv: async () => (await import('./scenarios/kv.ts')).kv,
  sql: async () => (await import('./scenarios/sql.ts')).sql,
  search: async () => (await import('./scenarios/search.ts')).search,
  ingest: async () => (await import('./scenarios/ingest.ts')).ingest,
  streams: async () => (await import('./scenarios/streams.ts')).streams,
  sqlparser: async () => (await import('./scenarios/sqlparser.ts')).sqlparser,
}

const HELP = `Usage: node bench/run.ts [SCENARIO …]

Measures and prints one table; the figures also go to bench/results as JSON. Scenarios: ${Object.keys(SCENARIOS).join(', ')}.`

const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true })
const names = positionals.length === 0 ? Object.keys(SCENARIOS) : positionals
const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name))
if (values.help) console.log(HELP)
else if (unknown !== undefined) {
  console.error(`there is no scenario "${unknown}"\n${HELP}`)
  process.exitCode = 2
} else {
  const rows: Row[] = []
  for (const name of names) {
    const scenario = await SCENARIOS[name]?.()
    console.error(`${name} …`)
    rows.push(...((await scenario?.run((text) => console.error(`  ${text}`))) ?? []))
  }
  console.log(`\n${formatTable(rows)}\n\nstored in ${storeResults(rows)}`)
}
