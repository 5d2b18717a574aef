import { readNames, type ServiceName } from './names.ts'
import { isRunning, startServices, stopService } from './run.ts'
import { readState, type ServiceState, servicesHome } from './state.ts'

/** `start`, `stop` or `status`, then the names (`redis,nats`); none means all. */
const [command = 'start', list = ''] = process.argv.slice(2)
const names = readNames(list)
const home = servicesHome()

type Row = [name: string, version: string, what: string]

function print(rows: readonly Row[]): void {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  for (const [name, version, what] of rows)
    console.log(`${name.padEnd(widths[0] ?? 0)}  ${version.padEnd(widths[1] ?? 0)}  ${what}`.trimEnd())
}

const lackOf = (entry: ServiceState | undefined): string =>
  entry?.lacks?.length ? ` (lacks ${entry.lacks.join(', ')})` : ''

function rowOf(name: ServiceName, entry: ServiceState | Error | undefined): Row {
  if (entry instanceof Error) return [name, '-', `failed: ${entry.message}`]
  if (entry?.skip !== undefined) return [name, '-', `skipped: ${entry.skip}`]
  if (isRunning(entry)) return [name, entry?.version ?? '', `${entry?.uri}${lackOf(entry)}`]
  return [name, entry?.version ?? '-', 'stopped']
}

async function start(): Promise<void> {
  const began = Date.now()
  const seconds = () => `${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s`
  const entries = await startServices(names, (name, text) => console.log(`${seconds()}  ${name}: ${text}`), home)
  print([...entries].map(([name, entry]) => rowOf(name, entry)))
  const all = [...entries.values()]
  const failed = all.filter((entry) => entry instanceof Error).length
  const skipped = all.filter((entry) => !(entry instanceof Error) && entry.skip !== undefined).length
  const running = all.length - failed - skipped
  console.log(`services: ${running} running, ${failed} failed, ${skipped} skipped (${seconds().trim()})`)
  if (failed > 0) process.exitCode = 1
}

async function stop(): Promise<void> {
  let stopped = 0
  for (const name of [...names].reverse()) if (await stopService(name, home)) stopped += 1
  console.log(`services: ${stopped} stopped`)
}

function status(): void {
  const { services } = readState(home)
  print(names.map((name) => rowOf(name, services[name])))
  console.log(`services: ${names.filter((name) => isRunning(services[name])).length} running`)
}

if (command === 'start') await start()
else if (command === 'stop') await stop()
else if (command === 'status') status()
else throw new Error(`there is no command "${command}"; known: start, stop, status`)
// Clients that asked a server may leave timers behind.
process.exit()
