import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { messageOf } from '../../src/base/errors.ts'
import { deploy, type External, withoutServers } from '../../test-kit/external.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'
import { storeResults } from '../report.ts'
import { app } from './app.ts'
import { blob } from './blob.ts'
import { type Contest, EMBEDDED, type Figure } from './contest.ts'
import { kv } from './kv.ts'
import { queue } from './queue.ts'
import { search } from './search.ts'
import { sql } from './sql.ts'
import { type Comparison, compare, formatComparisons } from './table.ts'

const CONTESTS: readonly Contest[] = [kv, sql, queue, blob, search, app]
const HELP = `Usage: node bench/providers/run.ts [CAPABILITY …]

Measures the embedded providers against the servers that "make services" started, in one run, and prints one table.
Capabilities: ${CONTESTS.map(({ name }) => name).join(', ')}.`

const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true })
const unknown = positionals.find((name) => !CONTESTS.some((contest) => contest.name === name))

/** A server that takes longer for one capability is left out, so that the table comes to its end. */
const LIMIT_MS = 180_000

async function measure(contest: Contest, env: Readonly<Record<string, string>>): Promise<Figure[]> {
  await using folder = await temporaryFolder()
  const late = new AbortController()
  const timeUp = sleep(LIMIT_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not done within ${LIMIT_MS / 1_000} s`)
  })
  const measuring = contest.measure({ ...EMBEDDED, ...env }, folder.path)
  measuring.catch(() => undefined)
  try {
    return await Promise.race([measuring, timeUp])
  } finally {
    late.abort()
    timeUp.catch(() => undefined)
  }
}

const labelOf = (rival: External): string => Object.values(rival).join(' + ')

/** The rows of one capability: every figure against every server that is here, and why others are not. */
async function run(contest: Contest): Promise<Comparison[]> {
  const rows: Comparison[] = []
  const leaveOut = (rival: string, why: string) => rows.push({ name: contest.name, rival, skipped: why })
  const fail = (rival: string, err: unknown) => {
    process.exitCode = 1
    leaveOut(rival, `failed: ${messageOf(err)}`)
  }
  const embedded = await measure(contest, {}).catch((err: unknown) => fail('the embedded provider itself', err))
  for (const rival of embedded === undefined ? [] : contest.rivals) {
    const label = labelOf(rival)
    const skip = withoutServers(rival)
    if (skip !== false) {
      leaveOut(label, skip)
      continue
    }
    console.error(`  ${contest.name} against ${label} …`)
    try {
      await using deployment = await deploy(rival)
      rows.push(...compare(label, embedded ?? [], await measure(contest, deployment.env)))
    } catch (err) {
      fail(label, err)
    }
  }
  return rows
}

if (values.help) console.log(HELP)
else if (unknown !== undefined) {
  console.error(`there is no capability "${unknown}"\n${HELP}`)
  process.exitCode = 2
} else {
  const rows: Comparison[] = []
  for (const contest of CONTESTS) {
    if (positionals.length > 0 && !positionals.includes(contest.name)) continue
    console.error(`${contest.name} …`)
    rows.push(...(await run(contest)))
  }
  const measured = rows.flatMap((row) =>
    'skipped' in row
      ? []
      : [{ name: row.name, value: row.embedded, unit: row.unit, against: { name: row.rival, value: row.external } }],
  )
  console.log(`\n${formatComparisons(rows)}\n\nstored in ${storeResults(measured)}`)
  // what was left out may still be at work
  process.exit()
}
