import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './tmp.ts'

/** What people start, too. */
const SNUG = fileURLToPath(new URL('../snug', import.meta.url))

export type TestServer = AsyncDisposable & {
  /** Where it listens, without a slash at the end. */
  url: string
  pid: number
  /** Its data. */
  home: string
  /** Everything it printed so far. */
  output(): string
  /** Ends the process and resolves with its exit code, or the signal that killed it. Keeps the data. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

export type TestServerOptions = {
  /** An existing data folder; a fresh one, removed at the end, when absent. */
  home?: string
  env?: Readonly<Record<string, string>>
  readyTimeoutMs?: number
}

export type SpawnedServer = Omit<TestServer, 'url'> & {
  /** Resolves with the address once it listens; rejects when it ends before. */
  ready(): Promise<string>
  /** Resolves when the process has ended, with its exit code or the signal that killed it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Starts the real server in lite mode, as a process of its own on a free port of the loopback interface. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = options.home === undefined ? await temporaryFolder() : undefined
  const server = spawnServer({ ...options, home: options.home ?? folder?.path ?? '' })
  const dispose = async () => {
    await server.end('SIGKILL')
    await folder?.remove()
  }
  try {
    return { ...server, url: await server.ready(), [Symbol.asyncDispose]: dispose }
  } catch (err) {
    await dispose()
    throw err
  }
}

/** Starts it on existing data without waiting for it. */
export function spawnServer(options: TestServerOptions & { home: string }): SpawnedServer {
  const { home } = options
  const child = spawn(SNUG, ['serve', '--lite', '--listen', '127.0.0.1:0'], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...options.env, COZE_HOME: home },
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    return ended
  }
  const dispose = async () => void (await end('SIGKILL'))
  const ready = () => readyUrl(child, () => output, options.readyTimeoutMs ?? 30_000)
  return { pid: child.pid ?? 0, home, output: () => output, end, ended, ready, [Symbol.asyncDispose]: dispose }
}

function readyUrl(child: ChildProcess, output: () => string, timeoutMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const look = () => {
    const url = /^Ready on (\S+)/m.exec(output())?.[1]
    if (url !== undefined) resolve(url)
  }
  child.stderr?.on('data', look)
  child.once('exit', () => reject(new Error(`the server ended before it was ready:\n${output()}`)))
  const timer = setTimeout(
    () => reject(new Error(`the server was not ready in ${timeoutMs} ms:\n${output()}`)),
    timeoutMs,
  )
  return promise.finally(() => clearTimeout(timer))
}
