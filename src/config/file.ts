import { AppError } from '../base/errors.ts'
import type { Setting } from './settings.ts'

/** What a YAML text holds. The parser is loaded only for servers that have a file. Throws `invalid_argument`. */
export async function parseConfigFile(text: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text, { maxAliasCount: 10 })
  } catch (err) {
    throw new AppError('invalid_argument', 'the configuration file is not valid YAML', { cause: err })
  }
}

/**
 * The content of a configuration file as `key → text`. Both `db: { uri: … }` and `db.uri: …` are understood. Unknown
 * keys and values that are neither text, number nor truth value are added to `mistakes`, by name only.
 */
export function flattenFile(root: unknown, settings: readonly Setting[], mistakes: string[]): Record<string, string> {
  const out: Record<string, string> = {}
  const known = new Set(settings.map((setting) => setting.key))
  const visit = (value: unknown, key: string): void => {
    if (value === null || value === undefined) return
    if (known.has(key)) {
      if (typeof value === 'object') mistakes.push(`${key} (file): must be a plain value`)
      else out[key] = typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
    } else if (typeof value === 'object' && !Array.isArray(value) && (key === '' || isGroup(key, known))) {
      for (const [name, child] of Object.entries(value)) visit(child, key === '' ? name : `${key}.${name}`)
    } else
      mistakes.push(key === '' ? 'the configuration file must be a map' : `${key} (file): there is no such setting`)
  }
  visit(root, '')
  return out
}

const isGroup = (key: string, known: ReadonlySet<string>): boolean =>
  [...known].some((name) => name.startsWith(`${key}.`))
