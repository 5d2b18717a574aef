import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '../server.ts'
import { temporaryFolder } from '../tmp.ts'
import { Log } from './log.ts'
import { Person } from './person.ts'
import { ENTRIES, FIRST, SECOND } from './script.ts'
import type { Step, World } from './world.ts'

/** A script that could not be played to its end, with what was seen until then. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly log: Log

  constructor(log: Log, output: string, cause: unknown) {
    const last = log.entries.at(-1)
    super(`step "${last?.step}" broke off after ${last?.call}: ${last?.lines.join('\n')}\n${output}`, { cause })
    this.log = log
  }
}

/** Plays the whole script on a server with these settings, on fresh data, and gives what was seen. Throws `Broken`. */
export async function play(env: Readonly<Record<string, string>>): Promise<Log> {
  await using folder = await temporaryFolder()
  const script = join(folder.path, 'script.json')
  await writeFile(script, JSON.stringify(ENTRIES))
  const log = new Log()
  let url = ''
  const person = () => new Person(log, () => url)
  const world: World = { log, anna: person(), bob: person(), guest: person(), ids: {} }
  const act = async (model: string, steps: readonly Step[]) => {
    const settings = { ALLOW_REGISTRATION: '1', ...env, MODEL_URI: model }
    await using server = await startServer({ home: folder.path, env: settings })
    url = server.url
    log.names.addServer(url)
    try {
      for (const step of steps) {
        log.begin(step.name, step.hidden)
        await step.run(world)
      }
      const code = await server.end()
      if (code !== 0) throw new Error(`the server ended with ${code}`)
    } catch (err) {
      throw new Broken(log, server.output(), err)
    }
  }
  await act(`scripted:?file=${encodeURIComponent(script)}`, FIRST)
  await act('extractive:', SECOND)
  return log
}
