import { parseArgs } from 'node:util'
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
    const { config } = readSettings(values, io)
    const database = await openDatabase(config.db, { home: config.home })
    try {
      if (positionals[0] === 'status') {
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
