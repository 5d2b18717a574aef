import type { Clock } from '../src/base/clock.ts'
import { systemClock } from '../src/base/clock.ts'
import { idGenerator } from '../src/base/ids.ts'
import { Accounts } from '../src/domain/account/service.ts'
import type { Context } from '../src/domain/context.ts'
import { Spaces } from '../src/domain/space/service.ts'
import type { App } from '../src/http/server.ts'
import { openBlob } from '../src/infra/blob/open.ts'
import { testDatabase } from './db.ts'
import { temporaryFolder } from './tmp.ts'

/** scrypt at its weakest, for tests that are not about it. */
export const WEAK_SCRYPT = { cost: 16, blockSize: 8, parallelization: 1 } as const

export type TestAccountsOptions = { allowRegistration?: boolean; clock?: Clock }

/** Accounts and spaces on a real database and blob store of their own; `await using` removes all of it. */
export async function testAccounts({ allowRegistration = true, clock = systemClock }: TestAccountsOptions = {}) {
  const database = await testDatabase()
  const folder = await temporaryFolder()
  const blob = await openBlob('file://./blob', { home: folder.path, publicUrl: () => 'http://snug.test', clock })
  const context: Context = { database, newId: idGenerator(clock, 0), clock, nudge: () => undefined }
  const spaces = new Spaces({ context })
  const accounts = new Accounts({ context, blob, spaces, allowRegistration, passwordCost: WEAK_SCRYPT })
  const dispose = async () => {
    await blob.close()
    await folder.remove()
    await database[Symbol.asyncDispose]()
  }
  return { database, blob, context, spaces, accounts, [Symbol.asyncDispose]: dispose }
}

/** A person in a test: what `cookie` and `authorization` headers carry, and where their things are. */
export type TestUser = {
  accountId: string
  spaceId: string
  /** A whole Cookie header. */
  cookie: string
  /** A personal access token that never expires. */
  token: string
  email: string
  password: string
}

type Answer = { status: number; body: string; cookie: string }
type Call = (method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: object) => Promise<Answer>

/** Registers a person over HTTP, on a server object or at a URL, and makes a token. The server must let them. */
export async function registerUser(server: App | string, name = 'anna'): Promise<TestUser> {
  const call = typeof server === 'string' ? fetchCall(server) : injectCall(server)
  const credentials = { email: `${name}@example.org`, password: `${name} has a password` }
  const registered = await call('POST', '/api/passport/web/email/register/v2/', {}, credentials)
  const cookie = /session_key=[^;]+/.exec(registered.cookie)?.[0] ?? ''
  const made = await call(
    'POST',
    '/api/permission_api/pat/create_personal_access_token_and_permission',
    { cookie },
    { name: 'test', duration_day: 'permanent' },
  )
  const { token } = dataOf<{ token: string }>(made)
  const spaces = await call('GET', '/v1/workspaces', { authorization: `Bearer ${token}` })
  const [space] = dataOf<{ workspaces: { id: string }[] }>(spaces).workspaces
  const accountId = dataOf<{ user_id_str: string }>(registered).user_id_str
  return { accountId, spaceId: space?.id ?? '', cookie, token, ...credentials }
}

function dataOf<T>({ status, body }: Answer): T {
  if (status !== 200) throw new Error(`the server answered ${status}: ${body}`)
  return (JSON.parse(body) as { data: T }).data
}

const injectCall =
  (app: App): Call =>
  async (method, url, headers, payload) => {
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.body, cookie: String(answer.headers['set-cookie'] ?? '') }
  }

const fetchCall =
  (base: string): Call =>
  async (method, path, headers, body) => {
    const answer = await fetch(base + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: answer.status, body: await answer.text(), cookie: answer.headers.get('set-cookie') ?? '' }
  }
