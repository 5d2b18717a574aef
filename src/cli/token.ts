import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { AppError } from '../base/errors.ts'
import type { Command, CommandIo } from './command.ts'
import { askPassword, passwordFromStdin } from './password.ts'

const DEFAULT_SERVER = 'http://127.0.0.1:8888'
const DAY_S = 86_400
const MAX_DAYS = 3_650
const TIMEOUT_MS = 60_000
/** What the server says, as numbers of its API. */
const EMAIL_TAKEN = 700000001
const BAD_CREDENTIALS = 700000003
const CLOSED = 700000008
const PASSPORT = '/api/passport/web/email'

/** `snug token create`: from nothing to a token, over HTTP, without a browser. */
export const token: Command = {
  name: 'token',
  summary: 'register or log in at a running server and print an access token',
  help: `
Usage: snug token create --email E [--server URL] [--name N] [--days N] [--password-stdin]

Prints the token, and nothing else, on standard output:

  export COZE_API_TOKEN=$(snug token create --email me@example.org)

  --email E          the account; it is made when there is none and the server lets it
  --server URL       where the server listens (default ${DEFAULT_SERVER})
  --name N           what the list of tokens will call it (default: "snug on" and this machine's name)
  --days N           how long it lives, 1 to ${MAX_DAYS} days (default: until it is deleted)
  --password-stdin   read the password from standard input

The password comes from --password-stdin, from SNUG_PASSWORD, or is asked for on the terminal. Without any of them
a new account gets a strong one, printed once on standard error.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({ args, options: FLAGS, strict: true, allowPositionals: true })
    if (positionals.length !== 1 || positionals[0] !== 'create')
      throw new AppError('invalid_argument', 'the only thing to do with tokens here is "snug token create"')
    if (values.email === undefined) throw new AppError('invalid_argument', 'say who you are: --email me@example.org')
    const expireAt = expiryOf(values.days)
    const server = new Server(values.server, io.signal)
    const cookie = await signIn(server, values.email, await givenPassword(values, io), io)
    const name = values.name ?? `snug on ${hostname()}`.slice(0, 100)
    const lifetime =
      expireAt === undefined ? { duration_day: 'permanent' } : { duration_day: 'customize', expire_at: expireAt }
    const made = await server.post('/api/permission_api/pat/create_personal_access_token_and_permission', {
      cookie,
      body: { name, ...lifetime },
    })
    await server.post('/api/passport/web/logout/', { cookie })
    io.stdout.write(`${tokenOf(made)}\n`)
    return 0
  },
}

const FLAGS = {
  server: { type: 'string', default: DEFAULT_SERVER },
  email: { type: 'string' },
  name: { type: 'string' },
  days: { type: 'string' },
  'password-stdin': { type: 'boolean' },
} as const

function expiryOf(days: string | undefined): number | undefined {
  if (days === undefined) return undefined
  if (!/^\d+$/.test(days) || Number(days) < 1 || Number(days) > MAX_DAYS)
    throw new AppError('invalid_argument', `--days is a number from 1 to ${MAX_DAYS}`)
  return Math.floor(Date.now() / 1000) + Number(days) * DAY_S
}

async function givenPassword(values: { 'password-stdin'?: boolean }, io: CommandIo): Promise<string | undefined> {
  if (values['password-stdin']) return passwordFromStdin(io)
  return io.env.SNUG_PASSWORD || undefined
}

/** Logs in, or registers when that fails or when there is no password to log in with. Resolves to the cookie. */
async function signIn(server: Server, email: string, given: string | undefined, io: CommandIo): Promise<string> {
  if (given === undefined && !io.stdin.isTTY) return registerWithNewPassword(server, email, io)
  const password = given ?? (await askPassword(io, `Password of ${email}: `))
  const login = await server.post(`${PASSPORT}/login/`, { body: { email, password }, allow: [BAD_CREDENTIALS] })
  if (login.code === 0) return login.cookie
  if (given === undefined) {
    io.stderr.write('There is no account with this e-mail and password.\n')
    const again = await askPassword(io, 'To make one, type the password once more: ')
    if (again !== password) throw new AppError('unauthenticated', 'the two passwords differ; nothing was made')
  }
  const body = { email, password }
  const made = await server.post(`${PASSPORT}/register/v2/`, { body, allow: [EMAIL_TAKEN, CLOSED] })
  if (made.code === 0) {
    io.stderr.write(`Made the account ${email}.\n`)
    return made.cookie
  }
  const closed = `wrong e-mail or password, and ${server.url} lets nobody register; its operator can, by starting it with ALLOW_REGISTRATION=1`
  throw new AppError('unauthenticated', made.code === CLOSED ? closed : `wrong password for ${email}`)
}

async function registerWithNewPassword(server: Server, email: string, io: CommandIo): Promise<string> {
  const password = randomBytes(18).toString('base64url')
  const body = { email, password }
  const made = await server.post(`${PASSPORT}/register/v2/`, { body, allow: [EMAIL_TAKEN, CLOSED] })
  if (made.code !== 0)
    throw new AppError(
      'unauthenticated',
      `${server.url} makes no new account for ${email}; for an existing one give the password by SNUG_PASSWORD or --password-stdin`,
    )
  io.stderr.write(`Made the account ${email} with the password ${password} (keep it; it is shown this once)\n`)
  return made.cookie
}

type Answer = { code: number; data: unknown; cookie: string }
type PostOptions = { body?: object; cookie?: string; allow?: readonly number[] }

function tokenOf({ data }: Answer): string {
  const made = typeof data === 'object' && data !== null && 'token' in data ? data.token : undefined
  if (typeof made === 'string') return made
  throw new AppError('unavailable', 'the server answered without a token')
}

/** The server's API as far as it is needed here. */
class Server {
  readonly url: string
  readonly #signal: AbortSignal

  constructor(url: string, signal: AbortSignal) {
    const { protocol, username } = URL.parse(url) ?? { protocol: '', username: '' }
    if (!/^https?:$/.test(protocol) || username !== '')
      throw new AppError('invalid_argument', `--server is an address such as ${DEFAULT_SERVER}`)
    this.url = url.replace(/\/+$/, '')
    this.#signal = signal
  }

  /** Calls the server. Throws what went wrong in words, unless its code is one of `allow`. */
  async post(path: string, { body = {}, cookie, allow = [] }: PostOptions): Promise<Answer> {
    const answer = await this.#fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...(cookie && { cookie }) },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    if (answer.status >= 300 && answer.status < 400)
      throw new AppError('unavailable', `${this.url} sends on to another address; give that one to --server`)
    const { code, msg, data } = await this.#read(answer)
    if (code !== 0 && !allow.includes(code)) throw new AppError('failed_precondition', `the server says: ${msg}`)
    return { code, data, cookie: /^[^;]*/.exec(answer.headers.getSetCookie()[0] ?? '')?.[0] ?? '' }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url + path, init)
    } catch (err) {
      if (this.#signal.aborted) throw new AppError('canceled', 'canceled', { cause: err })
      const text = `no server answers at ${this.url}; start one with "snug serve --lite" (or "make run-lite"), or name another by --server`
      throw new AppError('unavailable', text, { cause: err })
    }
  }

  async #read(answer: Response): Promise<{ code: number; msg: string; data: unknown }> {
    const body: unknown = await answer.json().catch(() => null)
    if (typeof body !== 'object' || body === null || !('code' in body) || typeof body.code !== 'number')
      throw new AppError('unavailable', `what answers at ${this.url} is not a Snug server (HTTP ${answer.status})`)
    const msg = 'msg' in body ? String(body.msg) : ''
    return { code: body.code, msg, data: 'data' in body ? body.data : undefined }
  }
}
