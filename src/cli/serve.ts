import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { startApp } from '../app/app.ts'
import { formatBootTable } from '../config/config.ts'
import type { Command } from './command.ts'
import { CONFIG_FLAGS, CONFIG_HELP, readSettings } from './settings.ts'
import { readVersion } from './version.ts'

/** `snug serve`: runs until SIGINT or SIGTERM, then drains and ends with 0. A second signal ends it at once, with 1. */
export const serve: Command = {
  name: 'serve',
  summary: 'start the server',
  help: `
Usage: snug serve [--lite] [--listen HOST:PORT] [--role ROLE] [--config FILE]

Starts the server and runs until it is told to stop (Ctrl-C or SIGTERM).

${CONFIG_HELP}
  --listen ADDR     listen on ADDR, as in 127.0.0.1:8888; port 0 takes a free one
  --role ROLE       api answers requests, worker does the work behind them, all (default) does both

Settings also come from the environment (DB_URI, LISTEN_ADDR, MODEL_URI, …); docs/config.md lists them all.`,
  run: async (args, io) => {
    const options = { ...CONFIG_FLAGS, listen: { type: 'string' }, role: { type: 'string' } } as const
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false })
    const { config, table, warnings } = await readSettings(values, io)
    io.stderr.write(`Snug ${readVersion()}\n${formatBootTable(table)}\n`)
    const log = pino({
      level: config.logLevel,
      base: null,
      redact: ['req.headers.authorization', 'req.headers.cookie'],
    })
    for (const warning of warnings) log.warn(warning)
    const app = await startApp(config, { log, signal: io.signal }).catch((err: unknown) => {
      if (io.signal.aborted) return undefined
      throw err
    })
    if (app === undefined) return 0
    io.stderr.write(`\nReady on ${app.url}  (API page: ${app.url}/docs)\n`)
    if (!(await app.hasOwner()))
      io.stderr.write(
        `No account yet. Make one and a token: ./snug token create --server ${app.url} --email you@example.com\n`,
      )
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve()
      io.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    io.stderr.write('Stopping: finishing what is running … (another signal ends it at once)\n')
    await app.close()
    io.stderr.write('Stopped.\n')
    return 0
  },
}
