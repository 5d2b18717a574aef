import type { ServiceName } from '../scripts/services/names.ts'
import { isRunning } from '../scripts/services/run.ts'
import { readState, servicesHome } from '../scripts/services/state.ts'

/** A server that runs, or why there is none; `skip` fits the option of a test. */
export type Service = { uri: string; skip: false } | { uri: undefined; skip: string }

/** Parts of a product that Snug never uses. */
const UNUSED: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  elasticsearch: ['painless', 'reindex'],
  elasticsearch8: ['painless', 'reindex'],
  opensearch: ['knn', 'reindex'],
}

/**
 * A real server for a test: the value of Snug's setting, or why there is none. `without` names the parts of the product
 * that the test can do without: a server that was obtained without another one is skipped. Where `SERVICES_REQUIRED` is
 * set, a server that was started and has ended is an error instead.
 */
export function service(
  name: ServiceName,
  { without = UNUSED[name] ?? [] }: { without?: readonly string[] } = {},
): Service {
  const none = (skip: string): Service => ({ uri: undefined, skip })
  const entry = readState(servicesHome()).services[name]
  if (entry === undefined) return none(`${name} is not started; run "make services"`)
  if (entry.skip !== undefined) return none(`${name} is not to be had: ${entry.skip}`)
  const missing = (entry.lacks ?? []).filter((part) => !without.includes(part))
  if (missing.length > 0) return none(`${name} could be had without ${missing.join(', ')} only`)
  if (entry.uri !== undefined && isRunning(entry)) return { uri: entry.uri, skip: false }
  if (process.env.SERVICES_REQUIRED) throw new Error(`${name} was started and does not run any more`)
  return none(`${name} is stopped; run "make services"`)
}
