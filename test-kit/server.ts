import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './tmp.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

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

/** Starts the real server in lite mode, as a process of its own on a free port of the loopback interface. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = options.home === undefined ? await temporaryFolder() : undefined
  const home = options.home ?? folder?.path ?? ''
  const child = spawn(process.execPath, [MAIN, 'serve', '--lite', '--listen', '127.0.0.1:0'], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...options.env, COZE_HOME: home },
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    return exited
  }
  try {
    const url = await readyUrl(child, () => output, options.readyTimeoutMs ?? 30_000)
    const dispose = async () => {
      await end('SIGKILL')
      await folder?.remove()
    }
    return { url, pid: child.pid ?? 0, home, output: () => output, end, [Symbol.asyncDispose]: dispose }
  } catch (err) {
    await end('SIGKILL')
    await folder?.remove()
    throw err
  }
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
