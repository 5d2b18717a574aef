import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startEngine } from '../app/engine.ts'
import { messageOf } from '../base/errors.ts'
import type { Command } from './command.ts'
import { CONFIG_FLAGS, CONFIG_HELP, readSettings } from './settings.ts'

/** `snug reindex`: fills the search index again after another embedding was set. */
export const reindex: Command = {
  name: 'reindex',
  summary: 'index documents again, after another embedding was set',
  help: `
Usage: snug reindex [--all] [--lite] [--config FILE]

Indexes again every dataset that was indexed with another embedding than the one that is set now. Stop the server first:
its data has one owner at a time. When this command is interrupted, the server goes on with what is left.

  --all             index every document again, also those whose embedding has not changed
${CONFIG_HELP}`,
  run: async (args, io) => {
    const options = { ...CONFIG_FLAGS, all: { type: 'boolean' } } as const
    const { values } = parseArgs({ args, options, strict: true })
    const { config } = await readSettings(values, io)
    const say = (text: string) => io.stderr.write(`${text}\n`)
    const log = {
      info: say,
      warn: say,
      error: ({ err }: { err: unknown }, text: string) => say(`${text}: ${messageOf(err)}`),
    }
    const engine = await startEngine(config, log, { publicUrl: () => 'http://localhost', warn: say })
    try {
      const { datasets, documents } = await engine.services.knowledge.reindex({ all: values.all ?? false })
      say(documents === 0 ? 'nothing to do' : `${documents} documents in ${datasets} datasets`)
      for (let left = documents; left > 0 && !io.signal.aborted; ) {
        await sleep(200)
        const { waiting } = await engine.outbox.count()
        if (waiting < left && io.stderr.isTTY) io.stderr.write(`\r${documents - waiting} of ${documents} done\u001b[K`)
        left = waiting
      }
      if (io.stderr.isTTY && documents > 0) say('')
      return io.signal.aborted ? 130 : 0
    } finally {
      await engine.close(config.shutdownGraceMs)
    }
  },
}
