import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Belongings, giveBelongings } from '../../test-kit/belongings.ts'
import { type RouteRequest, routeRequests, sendRequest } from '../../test-kit/requests.ts'
import { allRoutes, type RouteInfo } from '../../test-kit/routes.ts'
import { until } from '../../test-kit/sdk.ts'
import { startServer, type TestServer } from '../../test-kit/server.ts'
import { storedLines, storedRows } from '../../test-kit/stored.ts'

/** What anyone may call. */
const PUBLIC = [
  'GET /healthz',
  'GET /readyz',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/start.js',
  'GET /docs/:asset',
  'POST /api/passport/web/email/register/v2/',
  'POST /api/passport/web/email/login/',
  'GET /api/blob/*',
]
/** Fields that are called ids and name nothing of ours. */
const NO_IDS = /\.(model_id|connector_ids?|user_id|field_list\.id|sheet_id)$/

let server: TestServer
let ann: Belongings
let bob: Belongings
let routes: RouteInfo[]

before(async () => {
  server = await startServer({ env: { ALLOW_REGISTRATION: '1', MODEL_URI: 'scripted:?reply=Fine' } })
  routes = (await allRoutes()).filter(({ method }) => method !== 'HEAD')
  ann = await giveBelongings(server.url, 'ann', 'annsecret')
  bob = await giveBelongings(server.url, 'bob', 'bobsecret')
  await until(
    async () => storedRows(server.home).outbox ?? [],
    (events) => events.length === 0,
  )
})
after(() => server[Symbol.asyncDispose]())

const bearer = ({ user }: Belongings) => ({ authorization: `Bearer ${user.token}` })
const cookie = ({ user }: Belongings) => ({ cookie: user.cookie })
const isBearer = (name: string) => /^\w+ \/(v1|v3|open_api)\//.test(name)
const credentials = (name: string, who: Belongings) => (isBearer(name) ? bearer(who) : cookie(who))

/** Ids of a person with what they name. */
const idsOf = ({ user, ...ids }: Belongings) => ({ ...ids, account: user.accountId })

/** Paths of a request's texts: "body.document_bases.source_info.source_file_id". */
function textsOf(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, path))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => textsOf(child, path === '' ? key : `${path}.${key}`))
}

function withText(value: unknown, at: string, text: string, path = ''): unknown {
  if (typeof value === 'string') return path === at ? text : value
  if (Array.isArray(value)) return value.map((item) => withText(item, at, text, path))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([k, v]) => [k, withText(v, at, text, path === '' ? k : `${path}.${k}`)]))
}

/** The request once for each place where it names a thing of Bob's, with Ann's thing in that place. */
function attacks({ params = {}, query = {}, body = {}, ...rest }: RouteRequest) {
  const request = { params, query, body }
  const theirs = Object.entries(idsOf(bob))
  const hers: Record<string, string> = idsOf(ann)
  return textsOf(request).flatMap(([path, text]) =>
    theirs
      .filter(([, id]) => text.includes(id))
      .map(([kind, id]) => {
        const changed = withText(request, path, text.replace(id, hers[kind] ?? '')) as typeof request
        return { path, request: { ...rest, ...changed } }
      }),
  )
}

function assertNothingOfAnn(text: string, what: string, asked: RouteRequest): void {
  assert.doesNotMatch(text, /annsecret/, what)
  const said = JSON.stringify(asked)
  for (const [kind, id] of Object.entries(idsOf(ann)))
    if (!said.includes(id)) assert.ok(!text.includes(id), `${what}: the answer names Ann's ${kind}`)
}

test('the table knows every route, and every field of it that names a thing', () => {
  const known = routeRequests(bob)
  const names = routes.map(({ name }) => name)
  assert.deepEqual(names.toSorted(), [...Object.keys(known), ...PUBLIC].toSorted())
  assert.deepEqual(
    routes.filter(({ isPublic }) => isPublic).map(({ name }) => name),
    PUBLIC,
  )
  const missing = routes.flatMap(({ name, fields }) => {
    const attacked = (known[name] ?? []).flatMap((request) => attacks(request).map(({ path }) => path))
    const ids = fields.filter(({ kind }) => kind === 'id').map(({ path }) => path.replaceAll('[]', ''))
    return ids.filter((path) => !NO_IDS.test(path) && !attacked.includes(path)).map((path) => `${name}: ${path}`)
  })
  assert.deepEqual(missing, [])
})

test('another person’s ids are not found, in any place of any route, and nothing changes', async () => {
  const stored = await storedLines(server.home)
  let attempts = 0
  for (const [name, requests] of Object.entries(routeRequests(bob)))
    for (const { path, request } of requests.flatMap(attacks)) {
      attempts++
      const what = `${name} with Ann's ${path}`
      const answer = await sendRequest(server.url, name, request, credentials(name, bob))
      assertNothingOfAnn(answer.text, what, request)
      if (request.filters?.includes(path)) {
        assert.deepEqual([answer.status, answer.code], [200, 0], `${what}: ${answer.text}`)
        continue
      }
      const isRefused = answer.status === 404 ? answer.code === 4200 : answer.status === 403 && answer.code === 4101
      assert.ok(isRefused, `${what} is answered ${answer.status}: ${answer.text}`)
    }
  assert.ok(attempts > 60, `${attempts} attempts`)
  assert.deepEqual([...stored.symmetricDifference(await storedLines(server.home))], [])
})

test('without credentials, or with the wrong kind, every route that is not public is closed', async () => {
  const stored = await storedLines(server.home)
  const strangers: readonly (readonly [string, (name: string) => Record<string, string>])[] = [
    ['nothing', () => ({})],
    ['the wrong kind', (name) => (isBearer(name) ? cookie(ann) : bearer(ann))],
    ['a made-up secret', (name) => (isBearer(name) ? { authorization: 'Bearer pat_0' } : { cookie: 'session_key=0' })],
    ['the other secret', (name) => (isBearer(name) ? asBearer(ann.user.cookie) : { cookie: asCookie(ann.user.token) })],
    ['the token in a basic header', () => ({ authorization: `Basic ${ann.user.token}` })],
    ['a header that tells who', () => ({ 'x-user-id': ann.user.accountId, 'x-forwarded-user': ann.user.email })],
  ]
  for (const [name, requests] of Object.entries(routeRequests(ann)))
    for (const [what, headers] of strangers) {
      const names = name.startsWith('GET ') ? [name, name.replace('GET', 'HEAD')] : [name]
      for (const each of names) {
        const answer = await sendRequest(server.url, each, requests[0] ?? {}, headers(name))
        assert.equal(answer.status, 401, `${each} with ${what}: ${answer.text}`)
        if (!each.startsWith('HEAD')) assert.equal(answer.code, 4100, each)
      }
    }
  assert.deepEqual([...stored.symmetricDifference(await storedLines(server.home))], [])
})
const asBearer = (text: string) => ({ authorization: `Bearer ${text.replace('session_key=', '')}` })
const asCookie = (token: string) => `session_key=${token}`

test('a path that is written differently is no way around', async () => {
  const id = ann.conversation
  const paths = [
    '/V1/users/me',
    '//v1/users/me',
    '/v1//users/me',
    '/./v1/users/me',
    '/healthz/../v1/users/me',
    '/healthz/..%2fv1/users/me',
    '/%76%31/users/me',
    '/v1/users/me/',
    '/v1/users/me%00',
    '/v1/users/me;.css',
    '/v1/users/me?session_key=1#/healthz',
    `/v1/conversation/retrieve?conversation_id=${id}&access_token=${ann.user.token}`,
    '/docs/../v1/users/me',
    '/docs/..%2f..%2f..%2fpackage.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/api/blob/../../../../etc/passwd',
    '/api/blob/%2e%2e/%2e%2e/.secret',
    '/api/blob/.secret',
    '/openapi.json/../.secret',
  ]
  const tricks = [
    {},
    { 'x-original-url': '/healthz' },
    { 'x-http-method-override': 'OPTIONS' },
    { 'x-rewrite-url': '/' },
  ]
  for (const path of paths)
    for (const headers of tricks) {
      const { status, body } = await rawGet(path, headers)
      assert.ok([400, 401, 403, 404].includes(status), `${path} is answered ${status}: ${body}`)
      assert.match(body, /"code":4\d{3}/, path)
      assert.doesNotMatch(body, /annsecret|root:|"name": "snug"/, path)
    }
})

test('a signed address opens its file only', async () => {
  const answer = await sendRequest(server.url, 'GET /v1/files/retrieve', { query: { file_id: bob.file } }, bearer(bob))
  const { url } = (JSON.parse(answer.text) as { data: { url: string } }).data
  assert.equal(await (await fetch(url)).text(), 'bobsecret in a file')
  const hers = url.replaceAll(bob.space, ann.space).replaceAll(bob.file, ann.file)
  const changed = new URL(url)
  changed.searchParams.set('exp', String(Number(changed.searchParams.get('exp')) + 1))
  const unsigned = new URL(url)
  unsigned.search = ''
  for (const address of [hers, changed.href, unsigned.href]) {
    const { status } = await fetch(address)
    assert.equal(status, 403, address)
  }
})

/** Fields by which a request would take more than it is given, were they believed. */
const claims = () => ({
  account_id: ann.user.accountId,
  creator_id: ann.user.accountId,
  owner_id: ann.user.accountId,
  workspace_id: ann.space,
  is_owner: true,
  role: 'owner',
  created_at: 1,
})

// Last: this is what deletes.
test('each request succeeds with the own ids, whatever else it claims, so it was the id that was refused', async () => {
  const hers = async () => [...(await storedLines(server.home))].filter((line) => line.includes(ann.space))
  const before = await hers()
  for (const [name, requests] of Object.entries(routeRequests(bob)))
    for (const request of requests) {
      const body = request.body && { ...claims(), ...request.body }
      const answer = await sendRequest(server.url, name, { ...request, ...(body && { body }) }, credentials(name, bob))
      const isStreamed = name === 'POST /v3/chat' && request.body?.stream === true
      const isRight = isStreamed ? isStream(answer.text) : answer.code === (request.code ?? 0)
      assert.ok(isRight, `${name} ${JSON.stringify(request)} is answered ${answer.status}: ${answer.text}`)
      assertNothingOfAnn(answer.text, name, request)
    }
  assert.deepEqual(await hers(), before)
  assert.equal(storedRows(server.home).account?.filter((row) => row.is_owner === '1').length, 1)
})
const isStream = (text: string) => /event:conversation\.chat\.completed\n/.test(text) && text.endsWith('"[DONE]"\n\n')

/** `fetch` would tidy the path up. */
async function rawGet(path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { request } = await import('node:http')
  const { hostname, port } = new URL(server.url)
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const call = request({ hostname, port, path, headers }, async (answer) => {
    let body = ''
    for await (const chunk of answer) body += chunk
    resolve({ status: answer.statusCode ?? 0, body })
  })
  call.on('error', reject).end()
  return promise
}
