import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError, codeOf, messageOf } from '../base/errors.ts'
import { type BootRow, type Config, loadConfig } from '../config/config.ts'
import { parseConfigFile } from '../config/file.ts'
import type { CommandIo } from './command.ts'

/** The flags that every command takes which opens the server's data. */
export const CONFIG_FLAGS = {
  lite: { type: 'boolean' },
  config: { type: 'string' },
} as const

export const CONFIG_HELP = `  --lite            use the embedded providers for everything that is not set
  --config FILE     read settings from FILE (default: snug.yaml here, when there is one)`

export type ConfigFlags = {
  lite?: boolean | undefined
  config?: string | undefined
  listen?: string | undefined
  role?: string | undefined
}

/** Loads the configuration for a command from its flags, the environment and the file. */
export async function readSettings(
  flags: ConfigFlags,
  io: Pick<CommandIo, 'env' | 'cwd'>,
): Promise<{ config: Config; table: BootRow[]; warnings: string[] }> {
  const text = readFile(flags.config, io.cwd)
  return loadConfig({
    env: io.env,
    cwd: io.cwd,
    flags: {
      ...(flags.lite ? { lite: '1' } : {}),
      ...(flags.listen === undefined ? {} : { listen: flags.listen }),
      ...(flags.role === undefined ? {} : { role: flags.role }),
    },
    ...(text === undefined ? {} : { file: await parseConfigFile(text) }),
  })
}

function readFile(name: string | undefined, cwd: string): string | undefined {
  try {
    return readFileSync(resolve(cwd, name ?? 'snug.yaml'), 'utf8')
  } catch (err) {
    if (name === undefined && codeOf(err) === 'not_found') return undefined
    throw new AppError(codeOf(err), `the configuration file ${name ?? 'snug.yaml'} cannot be read: ${messageOf(err)}`, {
      cause: err,
    })
  }
}
