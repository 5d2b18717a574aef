import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceName } from '../scripts/services/names.ts'
import { freePort } from '../scripts/services/place.ts'
import { readState, servicesHome } from '../scripts/services/state.ts'
import { temporaryFolder } from './tmp.ts'

/** A broker for one test alone, which the test may stop, kill and start again on the same port with the same data. */
export type Broker = {
  readonly uri: string
  start(): Promise<void>
  /** Asks it to end, or kills it. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Stops it in its tracks, and lets it go on. */
  freeze(isFrozen: boolean): void
} & AsyncDisposable

/** The programs that `make services` runs for a service. */
const programOf = (service: ServiceName, name: string): string => {
  const programs = readState(servicesHome()).services[service]?.processes.map(({ program }) => program) ?? []
  const found = programs.find((path) => basename(path) === name)
  if (found === undefined) throw new Error(`"make services" has not started ${name}`)
  return found
}

type Command = { program: string; args: string[]; port: number }

async function broker(uri: string, commands: Command[], remove: () => Promise<void>): Promise<Broker> {
  let children: ChildProcess[] = []
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const ended = children.map((child) => {
      const isOver = child.exitCode !== null || child.signalCode !== null
      const end = isOver ? Promise.resolve() : once(child, 'exit')
      child.kill(signal)
      return end
    })
    await Promise.all(ended)
    children = []
  }
  const start = async () => {
    for (const { program, args, port } of commands) {
      children.push(spawn(program, args, { stdio: 'ignore' }))
      await listening(port)
    }
  }
  await start()
  return {
    uri,
    start,
    stop,
    freeze: (isFrozen) => children.forEach((child) => void child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT')),
    [Symbol.asyncDispose]: async () => {
      await stop('SIGKILL')
      await remove()
    },
  }
}

async function listening(port: number): Promise<void> {
  for (const endMs = performance.now() + 20_000; performance.now() < endMs; await sleep(20)) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
  }
  throw new Error(`nothing listens on port ${port}`)
}

/** A NATS server, with JetStream unless told otherwise. `more` goes to its command line. */
export async function startNats({ more = [] as string[], isDurable = true } = {}): Promise<Broker> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const args = ['-a', '127.0.0.1', '-p', `${port}`, ...(isDurable ? ['-js', '-sd', folder.path] : []), ...more]
  const commands = [{ program: programOf('nats', 'nats-server'), args, port }]
  return broker(`nats://127.0.0.1:${port}`, commands, folder.remove)
}
