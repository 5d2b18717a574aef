import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of data that several projects share; it is no part of this repository. */
const folder = resolve(process.env.SNUG_SHARED_DATA ?? join(import.meta.dirname, '..', '..', 'shared', 'data'))

/** A shared file as parsed JSON, or why there is none here: fits the `skip` of a test. */
export function sharedData<T>(name: string): { data: T; missing: false } | { data: undefined; missing: string } {
  const path = join(folder, name)
  if (!existsSync(path)) return { data: undefined, missing: `${name} is not here; set SNUG_SHARED_DATA to its folder` }
  return { data: JSON.parse(readFileSync(path, 'utf8')) as T, missing: false }
}
