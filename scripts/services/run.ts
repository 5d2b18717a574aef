import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SERVICE_NAMES, type ServiceName } from './names.ts'
import { accountOf, dataFolder, freePort } from './place.ts'
import { end, launch, runs } from './process.ts'
import { NotToBeHad, type Place, type Progress, type Server } from './server.ts'
import { SERVERS } from './servers/index.ts'
import { type OwnedProcess, own, readState, type ServiceState, servicesHome, writeState } from './state.ts'

const PROBE_EVERY_MS = 150

/** Whether every process of a service runs. */
export const isRunning = (entry: ServiceState | undefined): boolean =>
  entry !== undefined && entry.processes.length > 0 && entry.processes.every(runs)

/**
 * Starts one service, with the port and the data that it had before; one that runs is left alone. What cannot be had
 * on this machine gives an entry with `skip`. Throws when a server that is there does not start.
 */
export async function startService(
  name: ServiceName,
  progress: Progress = () => {},
  home = servicesHome(),
): Promise<ServiceState> {
  const server = SERVERS[name]
  using _owner = await own(join(home, name), () => progress(`waits for another start of ${name}`))
  const before = readState(home).services[name]
  if (before !== undefined && isRunning(before)) return before
  for (const left of before?.processes ?? []) await end(left, 'SIGTERM')
  let entry: ServiceState
  try {
    const programs = await server.obtain(progress)
    const account = accountOf(server.runAs)
    const ports = { ...before?.ports }
    for (const port of server.ports) ports[port] ??= await freePort()
    const place = { data: dataFolder(home, name, account), ports, programs, ...(account && { account }) }
    entry = await startAt(server, place, home, progress)
  } catch (err) {
    if (!(err instanceof NotToBeHad)) throw err
    entry = { skip: err.message, processes: [] }
  }
  await write(home, name, entry)
  return entry
}

async function startAt(server: Server, place: Place, home: string, progress: Progress): Promise<ServiceState> {
  const folder = join(home, server.name)
  const log = join(folder, 'log.txt')
  mkdirSync(folder, { recursive: true })
  await server.prepare?.(place)
  progress('starts')
  const processes: OwnedProcess[] = []
  try {
    for (const command of server.commands(place))
      processes.push(await launch(command, log, place.account === undefined ? folder : place.data, place.account))
    const version = await answer(server, place, processes, log)
    const lacks = [...(server.lacks ?? [])]
    return { uri: server.uri(place), version, lacks, data: place.data, ports: { ...place.ports }, processes }
  } catch (err) {
    for (const owned of processes.reverse()) await end(owned, 'SIGTERM', 2_000)
    throw err
  }
}

async function answer(server: Server, place: Place, processes: OwnedProcess[], log: string): Promise<string> {
  const until = Date.now() + (server.startWithinMs ?? 60_000)
  for (;;) {
    try {
      return await server.probe(place)
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err)
      if (!processes.every(runs)) throw new Error(`${server.name} ended while it started; see ${log}`)
      if (Date.now() > until) throw new Error(`${server.name} does not answer (${reason}); see ${log}`)
      await sleep(PROBE_EVERY_MS)
    }
  }
}

/** Ends the processes of one service, exactly those; data and port stay. Nothing happens when it does not run. */
export async function stopService(name: ServiceName, home = servicesHome()): Promise<boolean> {
  if (readState(home).services[name] === undefined) return false
  using _owner = await own(join(home, name), () => {})
  const entry = readState(home).services[name]
  if (entry === undefined || entry.processes.length === 0) return false
  const signal = SERVERS[name].stopSignal ?? 'SIGTERM'
  for (const owned of [...entry.processes].reverse()) await end(owned, signal)
  await write(home, name, { ...entry, processes: [] })
  return true
}

/** The state file is one for all, so its changes are one after the other. */
async function write(home: string, name: ServiceName, entry: ServiceState): Promise<void> {
  using _owner = await own(join(home, 'state'), () => {})
  writeState(home, name, entry)
}

/** Starts several, one after the other; `progress` gets the name before each line. */
export async function startServices(
  names: readonly ServiceName[],
  progress: (name: ServiceName, text: string) => void,
  home = servicesHome(),
): Promise<Map<ServiceName, ServiceState | Error>> {
  const result = new Map<ServiceName, ServiceState | Error>()
  for (const name of SERVICE_NAMES.filter((known) => names.includes(known)))
    try {
      result.set(name, await startService(name, (text) => progress(name, text), home))
    } catch (err) {
      result.set(name, err instanceof Error ? err : new Error(String(err)))
    }
  return result
}
