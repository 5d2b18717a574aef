import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { knowledgeServer } from '../../../test-kit/knowledge-server.ts'

const LIMIT = 100_000
let server: Awaited<ReturnType<typeof knowledgeServer>>
let address: URL
before(async () => {
  server = await knowledgeServer({ maxFileBytes: LIMIT, maxBodyBytes: LIMIT * 4 })
  address = new URL(await server.app.listen({ port: 0, host: '127.0.0.1' }))
})
after(() => server[Symbol.asyncDispose]())

/** Regular files below the blob folder that hold objects. */
function stored(): string[] {
  const entries = readdirSync(join(server.folder, 'blob'), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
const fileCount = async () =>
  Number(
    (
      await server.database.db
        .selectFrom('file')
        .select((e) => e.fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  )

test('an upload can be retrieved by its id, and read by its address', async () => {
  const { status, body } = await server.upload('anna', 'Ärger 报告.txt', 'hello')
  assert.equal(status, 200, JSON.stringify(body))
  const { id, bytes, created_at, file_name, uri, url } = body.data
  assert.deepEqual([bytes, file_name], [5, 'Ärger 报告.txt'])
  assert.match(uri, new RegExp(`^files/101/${id}\\.txt$`))
  assert.ok(Number.isInteger(created_at) && created_at > 1_700_000_000 && created_at < 10_000_000_000)
  const again = await server.call('anna', 'GET', `/v1/files/retrieve?file_id=${id}`)
  assert.deepEqual([again.body.data.id, again.body.data.bytes, again.body.data.created_at], [id, 5, created_at])
  const read = await server.app.inject({ url: url.replace('http://snug.test', '') })
  assert.equal(read.statusCode, 200)
  assert.equal(read.body, 'hello')
  assert.ok(stored().length > 0)
})

const NAMES: readonly [sent: string, kept: string | null][] = [
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['a\u0000b\u202etxt.exe', 'abtxt.exe'],
  ['..', null],
  ['x'.repeat(10_000), null],
  ['x'.repeat(256), null],
]
for (const [sent, kept] of NAMES) {
  test(`the name ${JSON.stringify(sent.slice(0, 20))} ${kept === null ? 'is refused' : 'becomes harmless'}`, async () => {
    const files = await fileCount()
    const blobs = stored().length
    const { status, body } = await server.upload('anna', sent, 'x')
    if (kept !== null) return void assert.deepEqual([status, body.data?.file_name], [200, kept])
    assert.deepEqual([status, body.code], [400, 4000])
    assert.match(body.msg, /^file: /)
    assert.deepEqual([await fileCount(), stored().length], [files, blobs])
  })
}

/** Sends a raw form over a socket; `cutAfter` bytes the connection is broken. */
function send(
  payload: Uint8Array,
  { cutAfter, announce = true }: { cutAfter?: number; announce?: boolean } = {},
): Promise<{ status: number; body: string } | 'cut'> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string } | 'cut'>()
  const sent = request(
    {
      ...{ host: address.hostname, port: address.port, path: '/v1/files/upload', method: 'POST' },
      headers: {
        authorization: 'Bearer pat_anna',
        'content-type': 'multipart/form-data; boundary=X',
        ...(announce ? { 'content-length': payload.length } : { 'transfer-encoding': 'chunked' }),
      },
    },
    (answer) => {
      let body = ''
      answer.on('data', (chunk) => {
        body += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    },
  )
  sent.on('error', (err) => (cutAfter === undefined ? reject(err) : resolve('cut')))
  if (cutAfter === undefined) sent.end(payload)
  else sent.write(payload.subarray(0, cutAfter), () => setTimeout(() => sent.destroy(), 30))
  return promise
}
const part = (name: string, size: number, field = 'file') =>
  `--X\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\n\r\n${'y'.repeat(size)}\r\n`

const REFUSED: readonly [what: string, form: string, status: number, text: RegExp][] = [
  ['a file over the limit', `${part('big.bin', LIMIT + 1)}--X--\r\n`, 413, /larger than 97\.7 KiB/],
  ['a file far over the limit', `${part('big.bin', LIMIT * 200)}--X--\r\n`, 413, /larger/],
  ['two files', `${part('a.txt', 10)}${part('b.txt', 10)}--X--\r\n`, 400, /one file/],
  ['no file', '--X\r\ncontent-disposition: form-data; name="file"\r\n\r\ntext\r\n--X--\r\n', 400, /no file/],
  ['a file in another field', `${part('a.txt', 10, 'other')}--X--\r\n`, 400, /field "file"/],
  ['a form that ends early', part('a.txt', 10), 400, /./],
  ['a name that is none, and much behind it', `${part('..', LIMIT - 1)}--X--\r\n`, 400, /needs a name/],
  ['an empty form', '--X--\r\n', 400, /no file/],
]
for (const [what, form, status, text] of REFUSED) {
  test(`${what} is refused and leaves nothing behind`, async () => {
    const files = await fileCount()
    const blobs = stored().length
    const answer = await send(Buffer.from(form))
    assert.ok(answer !== 'cut')
    const body = JSON.parse(answer.body)
    assert.deepEqual([answer.status, body.code], [status, 4000], answer.body)
    assert.match(body.msg, text)
    assert.deepEqual([await fileCount(), stored().length], [files, blobs])
  })
}

test('a file far over the limit that nobody announced is refused and leaves nothing behind', async () => {
  const blobs = stored().length
  const answer = await send(Buffer.from(`${part('big.bin', LIMIT * 200)}--X--\r\n`), { announce: false })
  assert.ok(answer !== 'cut')
  assert.equal(answer.status, 413, answer.body)
  assert.equal(stored().length, blobs)
})

test('a connection that breaks off during an upload leaves nothing behind', async () => {
  const files = await fileCount()
  const blobs = stored()
  assert.equal(await send(Buffer.from(`${part('a.bin', 90_000)}--X--\r\n`), { cutAfter: 50_000 }), 'cut')
  for (let i = 0; i < 40 && stored().length !== blobs.length; i++) await sleep(25)
  assert.deepEqual(stored(), blobs)
  assert.equal(await fileCount(), files)
  assert.equal((await server.upload('anna', 'next.txt', 'fine')).status, 200)
})

test('a file at the limit is accepted', async () => {
  const { status, body } = await server.upload('anna', 'exact.bin', 'z'.repeat(LIMIT))
  assert.deepEqual([status, body.data?.bytes], [200, LIMIT], JSON.stringify(body))
})

test('JSON sent to the form route is refused', async () => {
  const { status, body } = await server.call('anna', 'POST', '/v1/files/upload', { file: { filepath: '/etc/passwd' } })
  assert.deepEqual([status, body.code], [400, 4000])
})

test('a file of someone else, an unknown one and an id that is none', async () => {
  const { body } = await server.upload('anna', 'mine.txt', 'secret')
  const cases = [
    ['ben', body.data.id, 404, 4200],
    ['anna', '7', 404, 4200],
    ['anna', 'abc', 400, 4000],
  ] as const
  for (const [who, id, status, code] of cases) {
    const answer = await server.call(who, 'GET', `/v1/files/retrieve?file_id=${id}`)
    assert.deepEqual([answer.status, answer.body.code], [status, code])
  }
})

test('an icon is uploaded as base64 from the console', async () => {
  const data = Buffer.from('png').toString('base64')
  const head = { file_type: 'png', biz_type: 1 }
  const { status, body } = await server.call('anna', 'POST', '/api/bot/upload_file', { file_head: head, data })
  assert.equal(status, 200, JSON.stringify(body))
  assert.match(body.data.upload_uri, /^files\/101\/\d+\.png$/)
  assert.match(body.data.upload_url, /^http:\/\/snug\.test\/api\/blob\/files\//)
  const bad = await server.call('anna', 'POST', '/api/bot/upload_file', { file_head: head, data: '%%%' })
  assert.deepEqual([bad.status, bad.body.code], [400, 4000])
})
