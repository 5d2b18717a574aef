import type { ServiceName } from '../scripts/services/names.ts'
import { isRunning } from '../scripts/services/run.ts'
import { readState, servicesHome } from '../scripts/services/state.ts'

/** A server that runs, or why there is none. `lacks` names parts of the product that are not in what was obtained. */
export type Service =
  | { uri: string; skip: false; lacks: readonly string[] }
  | { uri: undefined; skip: string; lacks: readonly string[] }

/**
 * A real server for a test: the value of Snug's setting, or why there is none, which fits the `skip` of a test. Where
 * `SERVICES_REQUIRED` is set, one that was started and has ended is an error instead.
 */
export function service(name: ServiceName): Service {
  const none = (skip: string): Service => ({ uri: undefined, skip, lacks: [] })
  const entry = readState(servicesHome()).services[name]
  if (entry === undefined) return none(`${name} is not started; run "make services"`)
  if (entry.skip !== undefined) return none(`${name} is not to be had: ${entry.skip}`)
  if (entry.uri !== undefined && isRunning(entry)) return { uri: entry.uri, skip: false, lacks: entry.lacks ?? [] }
  if (process.env.SERVICES_REQUIRED) throw new Error(`${name} was started and does not run any more`)
  return none(`${name} is stopped; run "make services"`)
}
