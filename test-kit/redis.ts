import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../scripts/services/place.ts'
import { halt } from './halt.ts'
import { temporaryFolder } from './tmp.ts'

const program = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin']
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => existsSync(path))

/** Why no server can be started here; `false` when one can. Fits the `skip` of a test. */
export const withoutRedis: string | false = program === undefined ? 'redis-server is not installed' : false

/** A server that a test may hurt. */
export type RedisServer = {
  port: number
  /** Stops without answering, connections stay; `resume` lets it go on. */
  freeze(): void
  resume(): void
  /** `SIGKILL`, and gone when it resolves. */
  kill(): Promise<void>
  /** Starts it again on the same port with the data that it kept. */
  start(): Promise<void>
  remove(): Promise<void>
} & AsyncDisposable

/** Starts a server of its own on a free loopback port, with every write on disk; only where `withoutRedis` is false. */
export async function startRedis(...args: string[]): Promise<RedisServer> {
  const folder = await temporaryFolder()
  const port = await freePort()
  let child: ChildProcess | undefined
  const start = async () => {
    if (program === undefined) throw new Error('redis-server is not installed')
    const own = ['--dir', folder.path, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes']
    const at = args.includes('--tls-port') ? ['--port', '0'] : ['--port', String(port)]
    child = spawn(program, [...own, ...at, ...args.map((arg) => arg.replace('{port}', String(port)))], {
      stdio: 'ignore',
    })
    await isReady(child, port)
  }
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const remove = async () => {
    await kill()
    await folder.remove()
  }
  await start()
  return {
    port,
    freeze: () => child?.pid !== undefined && halt(child.pid),
    resume: () => child?.kill('SIGCONT'),
    kill,
    start,
    remove,
    [Symbol.asyncDispose]: remove,
  }
}

async function isReady(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await sleep(50)
    } finally {
      socket.destroy()
    }
  }
  throw new Error('redis-server does not answer')
}
