import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { registerUser, type TestUser } from '../../test-kit/account.ts'
import { assertCalm, assertRefusal, assertWhole } from '../../test-kit/refusal.ts'
import { until } from '../../test-kit/sdk.ts'
import { startServer, type TestServer } from '../../test-kit/server.ts'
import { storedFiles, storedRows } from '../../test-kit/stored.ts'

const MIB = 1024 ** 2
const BOUNDARY = 'edge'

let server: TestServer
let user: TestUser

before(async () => {
  server = await startServer()
  user = await registerUser(server.url, 'owner')
})
after(() => server[Symbol.asyncDispose]())

const partHead = (name: string, field = 'file') =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: text/plain\r\n\r\n`
const TAIL = `\r\n--${BOUNDARY}--\r\n`
const formHeaders = () => ({
  authorization: `Bearer ${user.token}`,
  'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
})

/** Posts a form as it is written. */
async function postForm(body: string | Uint8Array, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}/v1/files/upload`, {
    method: 'POST',
    headers: { ...formHeaders(), ...headers },
    body: Buffer.from(body),
  })
  return { status: answer.status, text: await answer.text() }
}

/**
 * Sends a file of `sizeBytes` as fast as the server takes it. Resolves with the answer, and how much had been sent
 * when it came.
 */
async function stream(sizeBytes: number, { announced, token = user.token }: { announced: boolean; token?: string }) {
  const block = Buffer.alloc(MIB, 'x')
  const head = partHead('big.txt')
  const length = { 'content-length': head.length + sizeBytes + TAIL.length }
  const { hostname, port } = new URL(server.url)
  const call = request({
    hostname,
    port,
    method: 'POST',
    path: '/v1/files/upload',
    headers: { ...formHeaders(), authorization: `Bearer ${token}`, ...(announced ? length : {}) },
  })
  call.on('error', () => undefined)
  let answer: { status: number; text: string; sentBytes: number } | undefined
  let sentBytes = 0
  const answered = once(call, 'response').then(async ([response]) => {
    const status = response.statusCode as number
    let text = ''
    const sentThen = sentBytes
    for await (const part of response) text += part
    answer = { status, text, sentBytes: sentThen }
  })
  call.write(head)
  while (sentBytes < sizeBytes && answer === undefined && !call.destroyed) {
    if (!call.write(block))
      await Promise.race([once(call, 'drain'), answered, once(call, 'close')]).catch(() => undefined)
    sentBytes += block.length
  }
  if (answer === undefined) call.end(TAIL)
  await answered
  call.destroy()
  if (answer === undefined) throw new Error('no answer')
  return answer
}

/** What is stored once nothing is being written or taken back any more. */
const settledFiles = () =>
  until(
    () => storedFiles(server.home),
    (files) => files.every((file) => !file.startsWith('.tmp/')),
  )

test('a file of 1 GiB is refused early, announced or not, and nothing of it stays', async () => {
  for (const announced of [true, false]) {
    const stored = await settledFiles()
    const answer = await stream(1024 * MIB, { announced })
    const what = announced ? 'announced' : 'not announced'
    assert.equal(answer.status, 413, answer.text)
    const { msg } = assertRefusal(answer, what)
    assert.match(msg, /larger/)
    assert.ok(answer.sentBytes < (announced ? 64 : 512) * MIB, `${what}: after ${answer.sentBytes / MIB} MiB`)
    assert.deepEqual(await settledFiles(), stored)
    await assertCalm(server)
  }
})

test('a stranger is refused before anything is read', async () => {
  const answer = await stream(1024 * MIB, { announced: true, token: 'pat_nobody' })
  assert.equal(answer.status, 401)
  assert.equal(assertRefusal(answer, 'a stranger').code, 4100)
  assert.ok(answer.sentBytes < 64 * MIB, `after ${answer.sentBytes / MIB} MiB`)
})

test('a client that hangs up in the middle of an upload leaves nothing', async () => {
  const { hostname, port } = new URL(server.url)
  const cuts = [0, 1, 100, 70_000, 5 * MIB]
  for (const cut of cuts) {
    const stored = await settledFiles()
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    const headers = Object.entries(formHeaders()).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`POST /v1/files/upload HTTP/1.1\r\nhost: x\r\ncontent-length: ${20 * MIB}\r\n${headers.join('')}\r\n`)
    const flushed = new Promise((resolve) => socket.write(partHead('cut.txt') + 'x'.repeat(cut), resolve))
    await flushed
    await new Promise((resolve) => setTimeout(resolve, 30))
    if (cut % 2 === 0) socket.destroy()
    else socket.resetAndDestroy()
    assert.deepEqual(await settledFiles(), stored)
  }
  assert.equal(storedRows(server.home).file?.length, 0)
})

/** A name as it is sent, and what becomes of it; absent when it is refused. */
const NAMES: readonly [sent: string, kept?: string][] = [
  ['../../../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\system32\\drivers', 'drivers'],
  ['/etc/shadow', 'shadow'],
  ['C:\\autoexec.bat', 'autoexec.bat'],
  ['%2e%2e%2fescaped.txt', '%2e%2e%2fescaped.txt'],
  ['bell\u0007tab\u0009.txt', 'belltab.txt'],
  ['invoice\u202egpj.exe', 'invoicegpj.exe'],
  ['CON', 'CON'],
  ['.env', '.env'],
  ['-rf', '-rf'],
  ['$(touch x).txt', '$(touch x).txt'],
  ['<img src=x onerror=alert(1)>.html', '<img src=x onerror=alert(1)>.html'],
  ['drawing.svg', 'drawing.svg'],
  ['👩‍👩‍👧.txt', '👩👩👧.txt'],
  ['مرحبا.pdf', 'مرحبا.pdf'],
  ['x'.repeat(255), 'x'.repeat(255)],
  ['..'],
  ['.'],
  ['/'],
  ['\u200b'],
  ['x'.repeat(256)],
  ['x'.repeat(9_000)],
]

test('no name becomes a path, and what is left of it is a name that one can see', async () => {
  for (const [sent, kept] of NAMES) {
    const answer = await postForm(`${partHead(sent.replaceAll('"', '%22'))}content${TAIL}`)
    const what = JSON.stringify(sent.slice(0, 60))
    if (kept === undefined) {
      assertRefusal(answer, what)
      continue
    }
    assert.equal(answer.status, 200, `${what}: ${answer.text}`)
    const { data } = JSON.parse(answer.text) as { data: { file_name: string; uri: string; url: string } }
    assert.equal(data.file_name, kept)
    assert.match(data.uri, /^files\/\d+\/\d+(\.[a-z0-9]{1,10})?$/, what)
    const read = await fetch(data.url)
    assert.equal(await read.text(), 'content', what)
    assert.equal(read.headers.get('x-content-type-options'), 'nosniff')
    if (/html$|svg$/.test(kept)) assert.match(read.headers.get('content-disposition') ?? '', /^attachment/)
  }
  const stored = await settledFiles()
  assert.ok(
    stored.every((path) => /^(files\+?\/\d+\+?\/\d+(\.\w+)?|\.\w+(\.\w+)?)$/.test(path)),
    stored.join('\n'),
  )
  await assertWhole(server.home)
})

const file = (content = 'content') => `${partHead('a.txt')}${content}`
const FORMS: readonly [what: string, body: string, headers?: Record<string, string>][] = [
  ['no parts', `--${BOUNDARY}--\r\n`],
  ['nothing', ''],
  ['two files', `${file()}\r\n${file()}${TAIL}`],
  ['a file in another field', `${partHead('a.txt', 'upload')}x${TAIL}`],
  ['only a text', `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"\r\n\r\ntext${TAIL}`],
  ['no end', file()],
  ['half an end', `${file()}\r\n--${BOUNDARY}`],
  ['another boundary', `${file()}${TAIL}`, { 'content-type': 'multipart/form-data; boundary=other' }],
  ['no boundary', `${file()}${TAIL}`, { 'content-type': 'multipart/form-data' }],
  ['JSON', '{"file":"x"}', { 'content-type': 'application/json' }],
  ['a bare body', 'x', { 'content-type': 'application/octet-stream' }],
  ['a part without headers', `--${BOUNDARY}\r\n\r\nx${TAIL}`],
  [
    'a thousand fields',
    `${Array.from({ length: 1000 }, (_, i) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="f${i}"\r\n\r\nx\r\n`).join('')}${file()}${TAIL}`,
  ],
  [
    'part headers of 200 KiB',
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="${'x'.repeat(200_000)}"\r\n\r\nx${TAIL}`,
  ],
]

test('a form that is none is refused in words and leaves nothing', async () => {
  const stored = await settledFiles()
  for (const [what, body, headers] of FORMS) assertRefusal(await postForm(body, headers), what)
  assert.deepEqual(await storedFiles(server.home), stored)
})

test('after all of it the server answers, small and calm, with nothing in its log', () => assertCalm(server))
