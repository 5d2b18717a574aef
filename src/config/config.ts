import { resolve } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { maskUri } from '../base/uri.ts'
import { flattenFile } from './file.ts'
import { legacyNames, legacyUris } from './legacy.ts'
import { SETTINGS, type Setting, type SettingName } from './settings.ts'

/** Everything the server is told, read once at start. Unset optional settings are absent. */
export type Config = Readonly<{
  [K in SettingName]: (typeof SETTINGS)[K] extends { fallback: string } ? Value<K> : Value<K> | undefined
}> & { readonly home: string }
type Value<K extends SettingName> = z.output<(typeof SETTINGS)[K]['check']>

export type Source = 'flag' | 'env' | 'legacy' | 'file' | 'lite' | 'default'
/** One line of the table that is printed at start; the value has no secrets. */
export type BootRow = { key: string; value: string; source: Source }

export type ConfigInput = {
  env: Readonly<Record<string, string | undefined>>
  /** Values of command-line flags, by setting. */
  flags?: Readonly<Partial<Record<SettingName, string>>>
  /** What the configuration file holds, when there is one. */
  file?: unknown
  cwd: string
}

/**
 * Reads all settings. Per key the first of these that is given counts: flag, environment, older environment names
 * (lite off), configuration file, lite preset (lite on), built-in default. An empty text is unset. Throws one
 * `invalid_argument` that lists every mistake by the name of its setting, never with its value.
 */
export function loadConfig(input: ConfigInput): { config: Config; table: BootRow[]; warnings: string[] } {
  const mistakes: string[] = []
  const warnings: string[] = []
  const file = flattenFile(input.file, Object.values(SETTINGS), mistakes)
  const given = (name: SettingName): [string, Source] | undefined => {
    const setting: Setting = SETTINGS[name]
    const flag = input.flags?.[name]
    if (flag !== undefined) return [flag, 'flag']
    const variable = [setting.env, ...(setting.aliases ?? [])].find((key) => (input.env[key] ?? '') !== '')
    return variable === undefined ? undefined : [input.env[variable] ?? '', 'env']
  }
  const lite = SETTINGS.lite.check.safeParse(given('lite')?.[0] ?? file.lite ?? '0').data ?? false
  const legacy = lite ? { uris: {}, mistakes: [] } : legacyUris(input.env)
  mistakes.push(...legacy.mistakes)
  warnings.push(...warn(input.env, lite))

  const values: Record<string, unknown> = {}
  const table: BootRow[] = []
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting: Setting = SETTINGS[name]
    const choice =
      given(name) ??
      pick((legacy.uris as Record<string, string>)[name], 'legacy') ??
      pick(file[setting.key], 'file') ??
      pick(lite ? setting.lite : undefined, 'lite') ??
      pick(setting.fallback, 'default')
    if (choice === undefined) continue
    const result = setting.check.safeParse(choice[0])
    if (result.success) values[name] = result.data
    else mistakes.push(`${where(setting, choice[1])} ${result.error.issues[0]?.message ?? 'is not valid'}`)
    table.push({ key: setting.key, value: setting.secret ? '***' : maskUri(choice[0]), source: choice[1] })
  }
  if (mistakes.length > 0)
    throw new AppError(
      'invalid_argument',
      `the configuration has ${count(mistakes.length)}:\n  ${mistakes.join('\n  ')}`,
    )
  const home = resolve(input.cwd, String(values.home ?? '.'))
  return { config: Object.freeze({ ...values, home }) as Config, table, warnings }
}

const pick = (text: string | undefined, source: Source): [string, Source] | undefined =>
  text === undefined || text === '' ? undefined : [text, source]

const count = (mistakes: number): string => (mistakes === 1 ? 'a mistake' : `${mistakes} mistakes`)

const where = (setting: Setting, source: Source): string =>
  source === 'env' || source === 'legacy' ? `${setting.env} (${setting.key}):` : `${setting.key} (${source}):`

function warn(env: ConfigInput['env'], lite: boolean): string[] {
  const warnings: string[] = []
  const older = legacyNames(env)
  if (lite && older.length > 0) warnings.push(`lite mode leaves these variables aside: ${older.join(', ')}`)
  if (env.KV_URI && env.CACHE_URI && env.KV_URI !== env.CACHE_URI)
    warnings.push('KV_URI and CACHE_URI differ; KV_URI counts')
  return warnings
}

/** The boot table as text, columns aligned. */
export function formatBootTable(table: readonly BootRow[]): string {
  const width = (pickColumn: (row: BootRow) => string) => Math.max(...table.map((row) => pickColumn(row).length))
  const [keys, values] = [width((row) => row.key), width((row) => row.value)]
  return table.map((row) => `  ${row.key.padEnd(keys)}  ${row.value.padEnd(values)}  ${row.source}`).join('\n')
}
