import { connect, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { NsqError, refusal } from './error.ts'
import type { Address } from './params.ts'

const HEARTBEAT_MS = 5_000
const RESPONSE = 0
const ERROR = 1
const MESSAGE = 2
/** Answers to commands that have none when all is well; they belong to no call. */
const STRAY = /^E_(FIN|REQ|TOUCH)_FAILED/

/** One message as nsqd hands it out. */
export type NsqMessage = { id: string; attempts: number; timestampNs: bigint; body: Buffer }

export type ConnectionOptions = {
  address: Address
  timeoutMs: number
  authSecret?: string | undefined
  /** How long nsqd waits for a message before it hands it out again; its own default when absent. */
  msgTimeoutMs?: number
  onMessage?: (message: NsqMessage) => void
  /** Once, however it ended. */
  onClose?: () => void
}

type Call = { resolve(text: string): void; reject(err: Error): void; timer: NodeJS.Timeout }
type Identity = { version: string; max_rdy_count: number; max_msg_timeout: number; auth_required: boolean }

/**
 * A connection to nsqd: its protocol V2, without compression. nsqd answers some commands and in their order; those go by
 * `call`, the others by `send`.
 */
export class NsqConnection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #calls: Call[] = []
  readonly #closed = Promise.withResolvers<void>()
  #buffer: Buffer = Buffer.alloc(0)
  #isOpen = true
  identity: Identity = { version: '', max_rdy_count: 2_500, max_msg_timeout: 900_000, auth_required: false }

  private constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    // Two missed heartbeats: the other side is gone, whatever TCP thinks.
    socket.setNoDelay(true).setTimeout(HEARTBEAT_MS * 2.5, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#end())
  }

  /** Connects and introduces itself. Throws `unavailable`, `unauthenticated`. */
  static async open(options: ConnectionOptions): Promise<NsqConnection> {
    const { address, timeoutMs, msgTimeoutMs, authSecret } = options
    const connection = new NsqConnection(await dial(address, timeoutMs), options)
    try {
      connection.#socket.write('  V2')
      const answer = await connection.call(
        'IDENTIFY',
        Buffer.from(
          JSON.stringify({
            client_id: 'snug',
            hostname: hostname(),
            user_agent: 'snug',
            feature_negotiation: true,
            heartbeat_interval: HEARTBEAT_MS,
            // Every message at once; nsqd would collect them for a quarter of a second.
            output_buffer_size: -1,
            ...(msgTimeoutMs === undefined ? {} : { msg_timeout: msgTimeoutMs }),
          }),
        ),
      )
      if (answer.startsWith('{')) connection.identity = JSON.parse(answer) as Identity
      if (connection.identity.auth_required) {
        if (authSecret === undefined)
          throw new NsqError('unauthenticated', 'nsqd asks for a secret; give it as "auth_secret"')
        await connection.call('AUTH', Buffer.from(authSecret))
      }
      return connection
    } catch (err) {
      connection.destroy()
      throw err
    }
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** A command that nsqd does not answer. Does nothing on a closed connection. */
  send(command: string): void {
    if (this.#isOpen && this.#socket.writable) this.#socket.write(`${command}\n`)
  }

  /** A command and nsqd's answer. An answer that does not come in time ends the connection. */
  call(command: string, body?: Buffer): Promise<string> {
    const { timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      if (!this.#isOpen || !this.#socket.writable) return reject(lost())
      const timer = setTimeout(() => this.destroy(), timeoutMs)
      this.#calls.push({ resolve, reject, timer })
      this.#socket.write(`${command}\n`)
      if (body === undefined) return
      const length = Buffer.alloc(4)
      length.writeUInt32BE(body.length)
      this.#socket.write(length)
      this.#socket.write(body)
    })
  }

  /** Ends after what was sent has been read; resolves when nsqd has closed its side as well. */
  async end(withinMs: number): Promise<void> {
    this.#socket.end()
    const timer = setTimeout(() => this.destroy(), withinMs)
    await this.#closed.promise
    clearTimeout(timer)
  }

  destroy(): void {
    this.#socket.destroy()
    this.#end()
  }

  #read(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    for (;;) {
      if (this.#buffer.length < 8) return
      const end = 4 + this.#buffer.readUInt32BE(0)
      if (this.#buffer.length < end) return
      const kind = this.#buffer.readUInt32BE(4)
      const data = this.#buffer.subarray(8, end)
      this.#buffer = this.#buffer.subarray(end)
      if (kind === MESSAGE) this.#options.onMessage?.(messageIn(data))
      else this.#answer(kind, data.toString())
    }
  }

  #answer(kind: number, text: string): void {
    const isHeartbeat = kind === RESPONSE && text === '_heartbeat_'
    if (isHeartbeat) this.send('NOP')
    if (isHeartbeat || (kind === ERROR && STRAY.test(text))) return
    const call = this.#calls.shift()
    clearTimeout(call?.timer)
    if (kind === ERROR) call?.reject(refusal(text))
    else call?.resolve(text)
  }

  #end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const { reject, timer } of this.#calls.splice(0)) {
      clearTimeout(timer)
      reject(lost())
    }
    this.#closed.resolve()
    this.#options.onClose?.()
  }
}

const lost = (): NsqError => new NsqError('unavailable', 'the connection to nsqd is lost')

function messageIn(data: Buffer): NsqMessage {
  return {
    timestampNs: data.readBigInt64BE(0),
    attempts: data.readUInt16BE(8),
    id: data.toString('latin1', 10, 26),
    // The buffer that it lies in is read into no more, but holds other messages as well.
    body: Buffer.from(data.subarray(26)),
  }
}

function dial({ host, port }: Address, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const fail = (cause?: unknown) => {
      socket.destroy()
      reject(new NsqError('unavailable', `no nsqd answers at ${host}:${port}`, { cause }))
    }
    const timer = setTimeout(fail, timeoutMs)
    socket.once('error', (err) => {
      clearTimeout(timer)
      fail(err)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
