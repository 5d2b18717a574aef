import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AppError, codeOf, messageOf } from '../base/errors.ts'
import type { Config } from '../config/config.ts'
import { healthRoutes, type Readiness } from '../http/health.ts'
import { type App, createServer } from '../http/server.ts'
import { healthOf } from './capabilities.ts'
import { type Engine, startEngine } from './engine.ts'
import { apiRoutes } from './routes.ts'

/** What is written goes out in less. */
const LAST_BYTES_MS = 500
const LOOK_EVERY_MS = 25

export type RunningApp = {
  /** Where it listens, without a slash at the end. */
  url: string
  hasOwner(): Promise<boolean>
  /** Is not ready for a while, if it was told to; takes no new connections, lets running requests, chats and jobs finish within the grace period, then closes everything. */
  close(): Promise<void>
}

/** The whole server, from configuration to listening. Throws one error that names everything that is in its way. */
export async function startApp(
  config: Config,
  { log, signal }: { log: Logger; signal?: AbortSignal },
): Promise<RunningApp> {
  let url = config.publicUrl ?? `http://${config.listen.host}:${config.listen.port}`
  const engine = await startEngine(config, log, {
    publicUrl: () => url,
    warn: (text) => log.warn(text),
    ...(signal && { signal }),
  })
  try {
    let isStopping = false
    const readiness = async () => {
      const { ready, providers } = await readinessOf(engine)
      return { ready: ready && !isStopping, providers }
    }
    const server = await createServer({
      authenticator: engine.services.accounts,
      routes: config.role === 'worker' ? [healthRoutes(readiness)] : apiRoutes(engine.services, readiness),
      maxBodyBytes: config.maxRequestBodyBytes,
      logger: log,
    })
    const listening = await listen(server, config)
    if (config.publicUrl === undefined) url = listening
    return {
      url: listening,
      hasOwner: () => engine.services.accounts.hasOwner(),
      close: async () => {
        isStopping = true
        await sleep(config.shutdownDelayMs)
        const endsAtMs = performance.now() + config.shutdownGraceMs
        const closed = server.close()
        // A connection that is kept alive after its answer would keep the server open.
        const looking = setInterval(() => server.server.closeIdleConnections(), LOOK_EVERY_MS)
        await engine.drain(config.shutdownGraceMs, closed)
        await Promise.race([
          closed,
          sleep(Math.max(LAST_BYTES_MS, endsAtMs - performance.now()), undefined, { ref: false }),
        ])
        clearInterval(looking)
        server.server.closeAllConnections() // those who send or take nothing
        await closed
        await engine.close(0)
      },
    }
  } catch (err) {
    await engine.close(0)
    throw err
  }
}

async function listen(server: App, { listen: { host, port } }: Config): Promise<string> {
  try {
    await server.listen({ host, port })
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? err.code : ''
    if (code === 'EADDRINUSE')
      throw new AppError('busy', `port ${port} of ${host} is taken; choose another with LISTEN_ADDR or --listen`, {
        cause: err,
      })
    throw new AppError(codeOf(err), `cannot listen on ${host}:${port}: ${messageOf(err)}`, { cause: err })
  }
  const address = server.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${bound}`
}

async function readinessOf(engine: Engine): Promise<Readiness> {
  const providers = await healthOf(engine.capabilities)
  // an answer without model, embedding or vectors is still an answer; without the others there is none
  const { model: _model, embedding: _embedding, vector: _vector, ...required } = providers
  return { ready: Object.values(required).every(({ status }) => status !== 'down'), providers }
}
