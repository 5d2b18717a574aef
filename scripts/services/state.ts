import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceName } from './names.ts'

/** A process of ours: its number alone could be another's by now. */
export type OwnedProcess = { pid: number; started: string; program: string }

/** What is known of one service. `processes` is empty while it is stopped; `skip` says why it cannot be had. */
export type ServiceState = {
  uri?: string
  version?: string
  skip?: string
  lacks?: string[]
  data?: string
  ports?: Record<string, number>
  processes: OwnedProcess[]
}

export type State = { services: Partial<Record<ServiceName, ServiceState>> }

/** The folder of the running set: `SERVICES_HOME`, or `.services` in the checkout. */
export const servicesHome = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(env.SERVICES_HOME || new URL('../../.services', import.meta.url).pathname)

/** What was written last; nothing when no service was ever started there. */
export function readState(home: string): State {
  let text: string
  try {
    text = readFileSync(join(home, 'state.json'), 'utf8')
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return { services: {} }
    throw err
  }
  return JSON.parse(text) as State
}

/** Changes the entry of one service; readers see the old file or the new one. */
export function writeState(home: string, name: ServiceName, entry: ServiceState): void {
  const state = readState(home)
  state.services[name] = entry
  const file = join(home, 'state.json')
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${file}.${process.pid}`, file)
}

/**
 * Owns a folder until disposed. Another owner is waited for; the operating system lets go when the process ends, so
 * nothing is stale afterwards.
 */
export async function own(folder: string, onWait: () => void): Promise<Disposable> {
  mkdirSync(folder, { recursive: true })
  const db = new DatabaseSync(join(folder, 'owner.lock'))
  for (let attempt = 0; ; attempt += 1) {
    try {
      db.exec('BEGIN EXCLUSIVE')
      return { [Symbol.dispose]: () => db.close() }
    } catch (err) {
      if (!/locked|busy/.test(String(err))) throw err
      if (attempt === 0) onWait()
      await sleep(250)
    }
  }
}
