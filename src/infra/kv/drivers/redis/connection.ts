import { Redis, type RedisOptions } from 'ioredis'
import { AppError, codeOf as baseCodeOf, messageOf } from '../../../../base/errors.ts'
import { codeOf } from './errors.ts'

/** A command as it goes over the wire. Names are in capitals: ioredis rewrites the replies of those in lower case. */
export type Wire = readonly [name: string, ...args: (string | Buffer)[]]

export type ConnectionOptions = {
  host: string
  port: number
  user: string
  password: string
  db: number
  /** How long the first connection may take, tries again included. */
  dialMs: number
  /** How long a command may go without an answer, and wait for a connection. */
  timeoutMs: number
  tls: { ca?: string; verify: boolean } | undefined
}

type Waiting = { send: () => void; fail: (err: Error) => void; untilMs: number }

const MAX_WAITING = 10_000
const MAX_PAUSE_MS = 1_000

/**
 * One connection for everyone: commands go out in the order of the calls, those of one turn of the event loop in one
 * write. Nothing is sent twice. While it is down, commands wait for `timeoutMs` at most, and not at all once it has been
 * down for so long.
 */
export class Connection {
  readonly #redis: Redis
  readonly #timeoutMs: number
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #downSinceMs: number | undefined = performance.now()
  #trouble = 'not connected yet'
  #corked = false
  readonly #running = new Set<Promise<unknown>>()

  private constructor(options: ConnectionOptions) {
    this.#timeoutMs = options.timeoutMs
    this.#redis = new Redis(toRedisOptions(options))
    this.#redis.on('error', (err: Error & { command?: { name?: string } }) => {
      this.#trouble = messageOf(err)
      // ioredis would go on in database 0
      if (err.command?.name === 'select') this.#redis.disconnect(true)
    })
    this.#redis.on('close', () => {
      this.#downSinceMs ??= performance.now()
    })
    this.#redis.on('ready', () => this.#flush())
  }

  /**
   * Connects. Throws `unavailable` when nobody answers within `dialMs`, at once `unauthenticated` for a wrong password and
   * `invalid_argument` for a database that the server doesn't have.
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options)
    const redis = connection.#redis
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = () =>
      reject(new AppError('unavailable', `${options.host}:${options.port} does not answer: ${connection.#trouble}`))
    const timer = setTimeout(giveUp, options.dialMs)
    const onError = (err: Error & { command?: { name?: string } }) => {
      const code = codeOf(err)
      if (err.command?.name === 'select')
        reject(new AppError('invalid_argument', `the server has no database ${options.db}`))
      else if (code === 'unauthenticated' || code === 'permission_denied')
        reject(new AppError(code, `the server refuses user or password: ${messageOf(err)}`))
      else if (baseCodeOf(err) === 'unknown' && /certificate|self-signed|altname/i.test(messageOf(err)))
        reject(new AppError('unavailable', `the server's certificate is not trusted: ${messageOf(err)}`))
    }
    redis.on('error', onError)
    redis.once('ready', resolve)
    redis.connect().catch(() => undefined) // it tries again, and tells `error`
    try {
      await promise
      return connection
    } catch (err) {
      redis.disconnect()
      throw err
    } finally {
      clearTimeout(timer)
      redis.off('error', onError)
      redis.off('ready', resolve)
    }
  }

  /** How many commands wait for a connection. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Why there is no connection now. */
  get trouble(): string | undefined {
    return this.#isReady() ? undefined : this.#trouble
  }

  /** Sends one command. Strings come as buffers, integers as decimal texts. */
  send(wire: Wire): Promise<unknown> {
    if (this.#isReady()) {
      this.#flush()
      return this.#write(wire)
    }
    const nowMs = performance.now()
    const downMs = nowMs - (this.#downSinceMs ?? nowMs)
    if (downMs > this.#timeoutMs || this.#waiting.length >= MAX_WAITING) return Promise.reject(this.#down())
    return new Promise((resolve, reject) => {
      const send = () => this.#write(wire).then(resolve, reject)
      this.#waiting.push({ send, fail: reject, untilMs: nowMs + this.#timeoutMs })
      this.#timer ??= setTimeout(() => this.#expire(), this.#timeoutMs)
    })
  }

  /** Waits for what was sent, then disconnects. */
  async close(): Promise<void> {
    while (this.#running.size > 0 || this.#waiting.length > 0) {
      await Promise.allSettled(this.#running)
      if (this.#waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    clearTimeout(this.#timer)
    this.#redis.disconnect()
  }

  /** A socket that has ended counts as down before ioredis hears of it. */
  #isReady(): boolean {
    return this.#redis.status === 'ready' && this.#redis.stream.writable
  }

  #write([name, ...args]: Wire): Promise<unknown> {
    this.#cork()
    const answer = this.#redis.callBuffer(name, args) as Promise<unknown>
    const tracked = answer.catch(withoutArguments).finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
    return tracked
  }

  /** Collects what is written until the end of this turn. */
  #cork(): void {
    if (this.#corked) return
    const { stream } = this.#redis
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  #flush(): void {
    this.#downSinceMs = undefined
    if (this.#waiting.length === 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const { send } of this.#waiting.splice(0)) send()
  }

  #expire(): void {
    const nowMs = performance.now()
    const still = this.#waiting.findIndex(({ untilMs }) => untilMs > nowMs)
    const expired = this.#waiting.splice(0, still < 0 ? this.#waiting.length : still)
    for (const { fail } of expired) fail(this.#down())
    const next = this.#waiting[0]
    this.#timer = next && setTimeout(() => this.#expire(), next.untilMs - nowMs)
  }

  #down(): Error {
    return new Error(`not connected: ${this.#trouble}`)
  }
}

/** ioredis attaches the arguments, values and passwords among them, to what it throws. */
function withoutArguments(err: unknown): never {
  if (err instanceof Error && 'command' in err) delete err.command
  throw err
}

function toRedisOptions({
  host,
  port,
  user,
  password,
  db,
  timeoutMs,
  tls,
}: ConnectionOptions): RedisOptions & { replyMapping: 'legacy' } {
  return {
    host,
    port,
    db,
    family: 0,
    ...(user === '' ? {} : { username: user }),
    ...(password === '' ? {} : { password }),
    ...(tls === undefined ? {} : { tls: tlsOf(host, tls) }),
    connectionName: 'snug',
    lazyConnect: true,
    protocol: 2,
    replyMapping: 'legacy',
    stringNumbers: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // commands without an answer fail with their connection; whether they took effect is unknown
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    retryStrategy: (attempt) => Math.min(MAX_PAUSE_MS, 25 * 2 ** attempt),
    // after a failover the address may lead to the new primary
    reconnectOnError: (err) => err.message.startsWith('READONLY'),
  }
}

const tlsOf = (host: string, { ca, verify }: { ca?: string; verify: boolean }) => ({
  servername: /^[\d.]+$|:/.test(host) ? '' : host,
  rejectUnauthorized: verify,
  ...(ca === undefined ? {} : { ca }),
})
