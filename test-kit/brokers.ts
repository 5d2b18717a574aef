import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceName } from '../scripts/services/names.ts'
import { freePort, isFree } from '../scripts/services/place.ts'
import { readState, servicesHome } from '../scripts/services/state.ts'
import { halt } from './halt.ts'
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
    freeze: (isFrozen) => {
      for (const child of children) {
        if (!isFrozen) child.kill('SIGCONT')
        else if (child.pid !== undefined) halt(child.pid)
      }
    },
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

/** A NATS server, with JetStream unless told otherwise. `more` goes to its command line, `config` into a file. */
export async function startNats({ more = [] as string[], config = '', isDurable = true } = {}): Promise<Broker> {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'nats.conf')
  await writeFile(file, config)
  const port = await freePort()
  const args = [
    '-c',
    file,
    '-a',
    '127.0.0.1',
    '-p',
    `${port}`,
    ...(isDurable ? ['-js', '-sd', folder.path] : []),
    ...more,
  ]
  const commands = [{ program: programOf('nats', 'nats-server'), args, port }]
  return broker(`nats://127.0.0.1:${port}`, commands, folder.remove)
}

/** nsqd tells nsqlookupd about itself a little later; until then nobody can know where its HTTP API is. */
async function registered(lookupUri: string, httpPort: number): Promise<void> {
  for (const endMs = performance.now() + 20_000; performance.now() < endMs; await sleep(20)) {
    const { producers } = (await (await fetch(`${lookupUri}/nodes`)).json()) as { producers: { http_port: number }[] }
    if (producers.some(({ http_port: port }) => port === httpPort)) return
  }
  throw new Error('nsqlookupd never heard of nsqd')
}

/** Two free ports, one above the other. */
async function neighbours(): Promise<[number, number]> {
  for (let tries = 0; tries < 50; tries++) {
    const port = await freePort()
    if (await isFree(port + 1)) return [port, port + 1]
  }
  throw new Error('there are no two free ports side by side')
}

/** nsqd; `lookup` is the nsqlookupd that it has told about itself, which listens to nsqds on `lookupPort`. */
export type Nsq = Broker & { readonly lookup: Broker | undefined; readonly lookupPort: number }

/**
 * nsqd with an nsqlookupd of its own, with that of another nsqd (`joins`), or with none (`isAlone`): then the HTTP API is one
 * port above the other, as nsqd has it by itself. `more` goes to the command line of nsqd.
 */
export async function startNsq({
  more = [],
  joins,
  isAlone = false,
}: {
  more?: string[]
  joins?: Nsq
  isAlone?: boolean
} = {}): Promise<Nsq> {
  const folder = await temporaryFolder()
  const [tcp, http] = isAlone ? await neighbours() : [await freePort(), await freePort()]
  const at = (port: number) => `127.0.0.1:${port}`
  const lookupPort = joins?.lookupPort ?? (await freePort())
  const own = isAlone || joins !== undefined ? undefined : await startLookup(lookupPort)
  const lookup = joins?.lookup ?? own
  const known = [`-lookupd-tcp-address=${at(lookupPort)}`, '-broadcast-address=127.0.0.1']
  const places = [`-tcp-address=${at(tcp)}`, `-http-address=${at(http)}`, `-data-path=${folder.path}`]
  const args = [...places, ...(isAlone ? [] : known), ...more]
  const uri = `nsq://${at(tcp)}${lookup === undefined ? '' : `?lookupd=${lookup.uri}`}`
  const nsqd = await broker(uri, [{ program: programOf('nsq', 'nsqd'), args, port: http }], folder.remove)
  const dispose = async () => {
    await nsqd[Symbol.asyncDispose]()
    await own?.[Symbol.asyncDispose]()
  }
  if (lookup !== undefined) await registered(lookup.uri, http)
  return { ...nsqd, lookup, lookupPort, [Symbol.asyncDispose]: dispose }
}

async function startLookup(tcp: number): Promise<Broker> {
  const http = await freePort()
  const args = [`-tcp-address=127.0.0.1:${tcp}`, `-http-address=127.0.0.1:${http}`, '-broadcast-address=127.0.0.1']
  return broker(
    `http://127.0.0.1:${http}`,
    [{ program: programOf('nsq', 'nsqlookupd'), args, port: http }],
    async () => {},
  )
}
