import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import {
  connect,
  errors,
  jwtAuthenticator,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node'
import { AppError, type ErrorCode, messageOf } from '../../../../base/errors.ts'
import type { NatsSettings } from './params.ts'

/** No room for the account or on the disk, too many messages. Waiting helps, so the sender keeps what it has. */
const NO_ROOM: ReadonlySet<number> = new Set([10002, 10023, 10028, 10047, 10077, 10118])

const down = (why: string, cause?: unknown): AppError => new AppError('unavailable', `nats: ${why}`, { cause })

/** The one connection to NATS. It comes back by itself, for ever; calls wait for it as long as `timeout` says. */
export class NatsLink {
  readonly nc: NatsConnection
  readonly jsm: JetStreamManager
  readonly timeoutMs: number
  #isUp = true
  readonly #listeners = new Set<() => void>()

  private constructor(nc: NatsConnection, jsm: JetStreamManager, timeoutMs: number) {
    this.nc = nc
    this.jsm = jsm
    this.timeoutMs = timeoutMs
    void this.#watch()
  }

  /** Throws `unavailable`, `unauthenticated`, or `failed_precondition` without JetStream. */
  static async open(settings: NatsSettings): Promise<NatsLink> {
    const nc = await connect(optionsOf(settings)).catch((err: unknown) => {
      const code = codeOfNats(err)
      if (code === 'unauthenticated')
        throw new AppError(code, 'nats: the server refuses these credentials', { cause: err })
      throw down(`no NATS server answers at ${settings.servers.join(', ')}; start it, or correct MQ_URI`, err)
    })
    try {
      const jsm = await jetstreamManager(nc, { timeout: settings.timeout, checkAPI: false })
      const link = new NatsLink(nc, jsm, settings.timeout)
      await link.checkJetStream()
      return link
    } catch (err) {
      await nc.close()
      throw err
    }
  }

  get isUp(): boolean {
    return this.#isUp && !this.nc.isClosed()
  }

  /** Throws `failed_precondition` when the server runs without JetStream. */
  async checkJetStream(): Promise<void> {
    try {
      await this.jsm.getAccountInfo()
    } catch (err) {
      const off = err instanceof JetStreamApiError ? err.status === 503 : /not enabled/.test(messageOf(err))
      if (!off) throw err
      const why = 'nats: JetStream is off; start nats-server with -js (nothing would be kept without it)'
      throw new AppError('failed_precondition', why, { cause: err })
    }
  }

  /** Calls back after every reconnection. */
  onReconnect(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves once there is a connection; throws `unavailable` when there is none in time. */
  async ready(signal?: AbortSignal): Promise<void> {
    if (this.isUp) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = this.onReconnect(resolve)
    const timer = setTimeout(() => reject(down('there is no connection to a server')), this.timeoutMs)
    const cancel = () => reject(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      await promise
    } finally {
      stop()
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    }
  }

  request(subject: string, body: Uint8Array | string, headers?: MsgHdrs): Promise<Msg> {
    return this.nc.request(subject, body, { timeout: this.timeoutMs, ...(headers === undefined ? {} : { headers }) })
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await this.nc.close()
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.nc.status()) {
      if (type === 'disconnect') this.#isUp = false
      if (type !== 'reconnect') continue
      this.#isUp = true
      for (const listener of [...this.#listeners]) listener()
    }
  }
}

function optionsOf(settings: NatsSettings): NodeConnectionOptions {
  const { servers, user, password, token, jwt, nkey_seed: seed, tls, timeout } = settings
  const seedBytes = Buffer.from(seed ?? '')
  return {
    servers,
    name: 'snug',
    timeout,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    reconnectJitter: 250,
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(user === '' ? {} : { user, pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(jwt !== undefined ? { authenticator: jwtAuthenticator(jwt, seedBytes) } : {}),
    ...(jwt === undefined && seed !== undefined ? { authenticator: nkeyAuthenticator(seedBytes) } : {}),
    ...(tls === '1' ? { tls: {} } : {}),
  }
}

/** Our code for an error of the NATS client. */
export function codeOfNats(err: unknown): ErrorCode {
  if (err instanceof errors.AuthorizationError || err instanceof errors.UserAuthenticationExpiredError)
    return 'unauthenticated'
  if (err instanceof errors.PermissionViolationError) return 'permission_denied'
  if (err instanceof errors.InvalidArgumentError && /max_payload/.test(err.message)) return 'resource_exhausted'
  if (err instanceof errors.InvalidArgumentError || err instanceof errors.InvalidSubjectError) return 'invalid_argument'
  if (err instanceof JetStreamApiError) {
    if (err.status >= 500 || NO_ROOM.has(err.code)) return 'unavailable'
    return err.status === 404 ? 'failed_precondition' : 'internal'
  }
  const isAway = [
    errors.ConnectionError,
    errors.ClosedConnectionError,
    errors.DrainingConnectionError,
    errors.TimeoutError,
    errors.RequestError,
    errors.NoRespondersError,
  ].some((kind) => err instanceof kind)
  return isAway || (err instanceof Error && err.name.startsWith('JetStream')) ? 'unavailable' : 'unknown'
}

/** Whether nobody listens on a subject: JetStream is not ready yet, or the stream is gone. */
export const isNobodyThere = (err: unknown): boolean =>
  err instanceof errors.NoRespondersError || (err instanceof errors.RequestError && err.isNoResponders())
