import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { knowledgeServer } from '../../../test-kit/knowledge-server.ts'

let server: Awaited<ReturnType<typeof knowledgeServer>>
let path: string
before(async () => {
  server = await knowledgeServer()
  path = await upload('digits.txt', '0123456789')
})
after(() => server[Symbol.asyncDispose]())

async function upload(name: string, content: string): Promise<string> {
  const { body } = await server.upload('anna', name, content)
  return body.data.url.replace('http://snug.test', '')
}
const read = (headers: Record<string, string> = {}, url = path, method: 'GET' | 'HEAD' = 'GET') =>
  server.app.inject({ method, url, headers })

test('a signed address needs no token and says what it sends', async () => {
  const answer = await read()
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.body, '0123456789')
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(answer.headers['content-length'], '10')
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  assert.match(String(answer.headers['content-disposition']), /^inline; filename="digits\.txt"/)
  const head = await read({}, path, 'HEAD')
  assert.deepEqual([head.statusCode, head.body, head.headers['content-length']], [200, '', '10'])
})

const RANGES: readonly [range: string, status: number, body: string, contentRange?: string][] = [
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
  ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
  ['bytes=4-2', 200, '0123456789'],
  ['bytes=1-2,4-5', 200, '0123456789'],
  ['lines=1-2', 200, '0123456789'],
  ['bytes=-', 200, '0123456789'],
]
for (const [range, status, body, contentRange] of RANGES) {
  test(`Range: ${range} answers ${status}`, async () => {
    const answer = await read({ range })
    assert.deepEqual([answer.statusCode, answer.body], [status, body])
    assert.equal(answer.headers['content-range'], contentRange)
    assert.equal(answer.headers['content-length'], String(body.length))
  })
}

test('a range behind the end is not satisfiable', async () => {
  const answer = await read({ range: 'bytes=10-' })
  assert.deepEqual([answer.statusCode, answer.json().code], [416, 4000])
})

test('a version that the client has is not sent again', async () => {
  const etag = String((await read()).headers.etag)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await read({ 'if-none-match': known })
    assert.deepEqual([answer.statusCode, answer.body], [304, ''], known)
  }
  assert.equal((await read({ 'if-none-match': '"other"' })).statusCode, 200)
  assert.equal((await read({ range: 'bytes=0-1', 'if-range': '"other"' })).statusCode, 200)
})

const ACTIVE = ['page.html', 'drawing.svg', 'feed.xml', 'letter.docx', 'noextension']
for (const name of ACTIVE) {
  test(`${name} is only ever saved, and runs nothing`, async () => {
    const answer = await read({}, await upload(name, '<script>alert(1)</script>'))
    assert.equal(answer.statusCode, 200)
    assert.match(String(answer.headers['content-disposition']), /^attachment; filename=/)
    assert.match(String(answer.headers['content-security-policy']), /sandbox/)
  })
}

test('a picture is shown', async () => {
  const answer = await read({}, await upload('a.png', 'png'))
  assert.equal(answer.headers['content-type'], 'image/png')
  assert.match(String(answer.headers['content-disposition']), /^inline/)
})

test('an address that was changed, stretched or made up gives nothing', async () => {
  const other = await upload('other.txt', 'secret')
  const [, query = ''] = path.split('?')
  const [otherPath = ''] = other.split('?')
  const stretched = path.replace(/exp=(\d+)/, (_all, seconds) => `exp=${Number(seconds) + 1}`)
  const urls = [
    `${otherPath}?${query}`,
    stretched,
    path.replace(/\?.*/, ''),
    path.replace(/sig=.{4}/, 'sig=AAAA'),
    `${path}&sig=AAAA`,
    '/api/blob/../../etc/passwd?exp=9999999999&sig=x',
    '/api/blob/%2e%2e/%2e%2e/etc/passwd?exp=9999999999&sig=x',
    '/api/blob/a%00b?exp=9999999999&sig=x',
    '/api/blob/?exp=9999999999&sig=x',
  ]
  for (const url of urls) {
    const answer = await read({}, url)
    assert.ok([400, 403, 404].includes(answer.statusCode), `${url}: ${answer.statusCode} ${answer.body}`)
    assert.doesNotMatch(answer.body, /secret|root:/)
  }
})
