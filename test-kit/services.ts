import type { ServiceName } from '../scripts/services/names.ts'
import { isRunning } from '../scripts/services/run.ts'
import { readState, servicesHome } from '../scripts/services/state.ts'

/**
 * A real server for a test: the value of Snug's setting, or why there is none, which fits the `skip` of a test. Where
 * `SERVICES_REQUIRED` is set, one that was started and has ended is an error instead.
 */
export function service(name: ServiceName): { uri: string; skip: false } | { uri: undefined; skip: string } {
  const entry = readState(servicesHome()).services[name]
  if (entry === undefined) return { uri: undefined, skip: `${name} is not started; run "make services"` }
  if (entry.skip !== undefined) return { uri: undefined, skip: `${name} is not to be had: ${entry.skip}` }
  if (entry.uri !== undefined && isRunning(entry)) return { uri: entry.uri, skip: false }
  if (process.env.SERVICES_REQUIRED) throw new Error(`${name} was started and does not run any more`)
  return { uri: undefined, skip: `${name} is stopped; run "make services"` }
}
