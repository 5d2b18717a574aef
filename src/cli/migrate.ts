import { parseArgs } from 'node:util'
import { LITE_HINT } from '../app/capabilities.ts'
import { AppError, codeOf, messageOf } from '../base/errors.ts'
import type { Config } from '../config/config.ts'
import type { Database } from '../infra/db/db.ts'
import { migrate as applyMigrations, migrationStatus } from '../infra/db/migrate.ts'
import { openDatabase } from '../infra/db/open.ts'
import type { Command } from './command.ts'
import { CONFIG_FLAGS, CONFIG_HELP, readSettings } from './settings.ts'

/** `snug migrate`: brings the database up to date without starting the server. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'bring the database schema up to date, or show where it stands',
  help: `
Usage: snug migrate [up|status] [--lite] [--config FILE]

  up        apply what is missing (default); the server does the same when it starts
  status    list what is applied and what is missing

${CONFIG_HELP}`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({ args, options: CONFIG_FLAGS, strict: true, allowPositionals: true })
    const [action = 'up', ...rest] = positionals
    if ((action !== 'up' && action !== 'status') || rest.length > 0)
      throw new AppError('invalid_argument', 'say "snug migrate up" or "snug migrate status"')
    const { config } = await readSettings(values, io)
    const database = await open(config)
    try {
      if (action === 'status') {
        const { applied, pending } = await migrationStatus(database)
        io.stdout.write(
          `${[...applied.map((n) => `applied  ${n}`), ...pending.map((n) => `missing  ${n}`)].join('\n')}\n`,
        )
        return 0
      }
      const { applied } = await applyMigrations(database)
      io.stdout.write(applied.length === 0 ? 'up to date\n' : `${applied.map((n) => `applied  ${n}`).join('\n')}\n`)
      return 0
    } finally {
      await database.close()
    }
  },
}

async function open({ db, home, lite }: Config): Promise<Database> {
  try {
    return await openDatabase(db, { home })
  } catch (err) {
    if (lite) throw err
    throw new AppError(codeOf(err), `${messageOf(err)}\n  ${LITE_HINT}`, { cause: err })
  }
}
