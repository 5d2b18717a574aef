import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { accountApp } from '../../test-kit/account-app.ts'
import { AppError } from '../base/errors.ts'
import { token } from './token.ts'

const PASSWORD = 'a long secret'
type Input = { env?: Record<string, string>; stdin?: string; tty?: boolean; signal?: AbortSignal }

/** Runs the command with its own streams, and says what it printed and how it ended. */
async function run(args: string[], { env = {}, stdin = '', tty = false, signal }: Input = {}) {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const rawModes: boolean[] = []
  const setRawMode = (raw: boolean) => rawModes.push(raw)
  const io = {
    ...streams,
    stdin: Object.assign(streams.stdin, tty ? { isTTY: true, setRawMode } : {}),
    env,
    cwd: '/',
    signal: signal ?? new AbortController().signal,
  }
  // a person types each line after its question
  if (!tty) streams.stdin.end(stdin)
  const lines = stdin.split('\n')
  let stderr = ''
  streams.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
    if (tty && /: $/.test(bytes.toString())) streams.stdin.write(`${lines.shift() ?? '\u0003'}\r`)
  })
  const outcome = await token.run(args, io).catch((err: unknown) => err)
  streams.stdout.end()
  const error = outcome instanceof Error ? outcome : undefined
  return { exit: outcome, error, stdout: await text(streams.stdout), stderr, rawModes }
}

let world: Awaited<ReturnType<typeof accountApp>>
let url: string
/** Nothing listens here any more. */
let nobodysUrl: string
before(async () => {
  await using gone = await accountApp()
  nobodysUrl = await gone.app.listen({ port: 0, host: '127.0.0.1' })
  world = await accountApp()
  url = await world.app.listen({ port: 0, host: '127.0.0.1' })
})
after(() => world[Symbol.asyncDispose]())

const create = (email: string, more: string[] = []) => ['create', '--server', url, '--email', email, ...more]

async function assertToken(stdout: string, email: string): Promise<void> {
  assert.match(stdout, /^pat_[0-9a-f]{64}\n$/)
  const actor = await world.accounts.byToken(stdout.trim())
  assert.equal((await world.accounts.profile(actor)).email, email)
}

test('an account is made, then logged in to; only the token is on standard output', async () => {
  const first = await run(create('a@example.org'), { env: { SNUG_PASSWORD: PASSWORD } })
  await assertToken(first.stdout, 'a@example.org')
  assert.match(first.stderr, /Made the account a@example\.org/)
  const second = await run(create('a@example.org', ['--password-stdin']), { stdin: `${PASSWORD}\r\nmore` })
  await assertToken(second.stdout, 'a@example.org')
  assert.equal(second.stderr, '')
  assert.equal(second.exit, 0)
  for (const output of [first, second]) assert.ok(!`${output.stdout}${output.stderr}`.includes(PASSWORD))
  const sessions = await world.database.db.selectFrom('session').selectAll().execute()
  assert.deepEqual(sessions, [], 'no session is left behind')
})

test('without a password a new account gets a strong one, shown once', async () => {
  const made = await run(create('b@example.org'))
  await assertToken(made.stdout, 'b@example.org')
  const password = /with the password (\S{24}) /.exec(made.stderr)?.[1] ?? ''
  await world.accounts.login({ email: 'b@example.org', password })
  const again = await run(create('b@example.org'))
  assert.match(String(again.error?.message), /SNUG_PASSWORD or --password-stdin/)
  assert.equal(again.stdout, '')
})

test('on a terminal the password is asked for without an echo, twice for a new account', async () => {
  const made = await run(create('c@example.org'), { tty: true, stdin: `${PASSWORD}\n${PASSWORD}` })
  await assertToken(made.stdout, 'c@example.org')
  assert.ok(!made.stderr.includes(PASSWORD))
  assert.deepEqual(made.rawModes, [true, false, true, false])
  const again = await run(create('c@example.org'), { tty: true, stdin: `wrong\u0015x\u007f${PASSWORD}` })
  await assertToken(again.stdout, 'c@example.org')
})

test('a slip in the second password makes no account', async () => {
  const outcome = await run(create('d@example.org'), { tty: true, stdin: `${PASSWORD}\nsomething else` })
  assert.match(String(outcome.error?.message), /differ/)
  await assert.rejects(world.accounts.login({ email: 'd@example.org', password: PASSWORD }))
})

test('Ctrl-C at the question ends it, and the terminal is as before', async () => {
  const outcome = await run(create('d@example.org'), { tty: true, stdin: '\u0003' })
  assert.ok(outcome.error instanceof AppError && outcome.error.code === 'canceled')
  assert.deepEqual(outcome.rawModes, [true, false])
})

test('name and days are those of the token', async () => {
  const options = ['--name', 'my laptop', '--days', '7']
  const { stdout } = await run(create('e@example.org', options), { env: { SNUG_PASSWORD: PASSWORD } })
  const actor = await world.accounts.byToken(stdout.trim())
  const [item] = (await world.accounts.tokens.list(actor, { number: 1, size: 1 })).items
  assert.equal(item?.name, 'my laptop')
  const days = ((item?.expiresAtMs ?? 0) - Date.now()) / 86_400_000
  assert.ok(days > 6.9 && days <= 7, `${days}`)
})

const mistakes: readonly [name: string, args: () => string[], says: RegExp][] = [
  ['no verb', () => ['--email', 'x@example.org'], /token create/],
  ['another verb', () => ['destroy', '--email', 'x@example.org'], /token create/],
  ['no e-mail', () => ['create', '--server', url], /--email/],
  ['an unknown flag', () => create('x@example.org', ['--forever']), /--forever/],
  ['an address that is none', () => create('x@example.org', ['--server', 'localhost:8888']), /--server/],
  ['a password in the address', () => create('x@example.org', ['--server', 'http://u:p@h']), /--server/],
  ['no days', () => create('x@example.org', ['--days', '0']), /--days/],
  ['words for days', () => create('x@example.org', ['--days', 'two']), /--days/],
  ['an e-mail that is none', () => create('nobody'), /the server says: email/],
  ['a server that is not there', () => create('x@example.org', ['--server', nobodysUrl]), /snug serve --lite/],
]
for (const [name, args, says] of mistakes) {
  test(`${name}: a clear error and nothing on standard output`, async () => {
    const { error, stdout } = await run(args(), { env: { SNUG_PASSWORD: PASSWORD } })
    assert.match(String(error?.message), says)
    assert.equal(stdout, '')
  })
}

test('a wrong password is called wrong', async () => {
  await run(create('f@example.org'), { env: { SNUG_PASSWORD: PASSWORD } })
  const { error } = await run(create('f@example.org'), { env: { SNUG_PASSWORD: 'not this one' } })
  assert.match(String(error?.message), /wrong password for f@example\.org/)
})

test('an empty standard input is no password', async () => {
  const { error } = await run(create('g@example.org', ['--password-stdin']), { stdin: '\n' })
  assert.match(String(error?.message), /no password/)
})

test('closed registration is explained', async () => {
  await using closed = await accountApp({ allowRegistration: false })
  const server = await closed.app.listen({ port: 0, host: '127.0.0.1' })
  const options = { env: { SNUG_PASSWORD: PASSWORD } }
  const first = await run(['create', '--server', `${server}/`, '--email', 'first@example.org'], options)
  assert.equal(first.exit, 0)
  const { error } = await run(['create', '--server', server, '--email', 'second@example.org'], options)
  assert.match(String(error?.message), /ALLOW_REGISTRATION=1/)
})

test('a stopped command stops', async () => {
  const { error } = await run(create('h@example.org'), {
    signal: AbortSignal.abort(),
    env: { SNUG_PASSWORD: PASSWORD },
  })
  assert.ok(error instanceof AppError && error.code === 'canceled', String(error))
})

test('what is no Snug server is called that, and sent nowhere else', async () => {
  let calls = 0
  const other = createHttpServer((request, response) => {
    calls++
    if (request.url?.startsWith('/moved')) response.writeHead(307, { location: `${url}/` }).end()
    else response.end('<html>hello</html>')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const options = { env: { SNUG_PASSWORD: PASSWORD } }
  const page = await run(['create', '--server', base, '--email', 'i@example.org'], options)
  assert.match(String(page.error?.message), /not a Snug server \(HTTP 200\)/)
  const moved = await run(['create', '--server', `${base}/moved`, '--email', 'i@example.org'], options)
  assert.match(String(moved.error?.message), /another address/)
  assert.equal(calls, 2)
  await new Promise((resolve) => other.close(resolve))
})
