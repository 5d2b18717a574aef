import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Belongings, giveBelongings } from '../../test-kit/belongings.ts'
import { assertCalm, assertRefusal } from '../../test-kit/refusal.ts'
import { type RouteRequest, routeRequests, sendRequest } from '../../test-kit/requests.ts'
import { allRoutes, type RouteField, type RouteInfo } from '../../test-kit/routes.ts'
import { cozeOf, publishedAgent } from '../../test-kit/sdk.ts'
import { startServer, type TestServer } from '../../test-kit/server.ts'

let server: TestServer
let bob: Belongings
let routes: RouteInfo[]
let requests: Record<string, RouteRequest[]>

before(async () => {
  server = await startServer({ env: { ALLOW_REGISTRATION: '1', MODEL_URI: 'scripted:?reply=Fine' } })
  bob = await giveBelongings(server.url, 'bob', 'bobs')
  requests = routeRequests(bob)
  routes = (await allRoutes()).filter(({ name }) => name in requests && !/delete|DELETE|logout|password/.test(name))
})
after(() => server[Symbol.asyncDispose]())

const headersFor = (name: string): Record<string, string> =>
  /^\w+ \/(v1|v3|open_api)\//.test(name) ? { authorization: `Bearer ${bob.user.token}` } : { cookie: bob.user.cookie }
const send = (name: string, request: RouteRequest) => sendRequest(server.url, name, request, headersFor(name))
const fieldsOf = (kind: RouteField['kind']) =>
  routes.flatMap(({ name, fields }) => fields.filter((f) => f.kind === kind).map(({ path }) => [name, path] as const))
const lastName = (path: string) => path.split('.').at(-1)?.replace('[]', '') ?? ''
const isOurs = (path: string) => !/(user_id|connector_ids?|model_id)(\[\])?$/.test(path)

/** Four at a time. */
async function each<T>(items: Iterable<T>, check: (item: T) => Promise<void>): Promise<void> {
  const queue = Iterator.from(items)
  const work = async () => {
    for (const item of queue) await check(item)
  }
  await Promise.all([work(), work(), work(), work()])
}

/** A request to a route with one field set: "body.document_bases[].name". */
function withField(name: string, path: string, value: unknown): RouteRequest {
  const [, top = ''] = path.replaceAll('[]', '').split('.')
  const all = requests[name] ?? []
  const { params = {}, query = {}, body = {}, ...rest } = all.find((one) => top in (one.body ?? {})) ?? all[0] ?? {}
  const request = structuredClone({ params, query, body })
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  let at: Record<string, unknown> = request
  for (const step of steps) {
    const key = step.replace('[]', '')
    at[key] ??= step.endsWith('[]') ? [{}] : {}
    at = (step.endsWith('[]') ? (at[key] as unknown[])[0] : at[key]) as Record<string, unknown>
  }
  at[last.replace('[]', '')] = last.endsWith('[]') ? [value] : value
  return { ...rest, ...request }
}

const NO_OBJECTS = ['{"a":', '{"a":1}}', '[]', '"text"', '5', 'null', "{'a':1}", '\0', '{"a":1}\0', '\ufeff{', 'NaN']

test('a body that is no JSON object is refused by every route that takes one', async () => {
  const taking = routes.filter(({ method, name }) => method !== 'GET' && !name.includes('upload'))
  await each(
    taking.flatMap((route, i) =>
      NO_OBJECTS.filter((_, j) => i === 0 || j % 4 === i % 4).map((body) => ({ route, body })),
    ),
    async ({ route: { name, method, url }, body }) => {
      const { params = {}, query = {} } = requests[name]?.[0] ?? {}
      const path = `${url.replace(/:(\w+)/g, (_, key: string) => params[key] ?? '')}?${new URLSearchParams(query)}`
      const headers = { 'content-type': 'application/json', ...headersFor(name) }
      const answer = await fetch(server.url + path, { method, headers, body })
      const { code, msg } = assertRefusal({ status: answer.status, text: await answer.text() }, `${name} with ${body}`)
      assert.deepEqual([answer.status, code], [400, 4000])
      assert.match(msg, /JSON/)
    },
  )
})

const NO_IDS = [
  'abc',
  '-1',
  '1.5',
  '1e3',
  ' 1',
  "1' OR 1=1--",
  '../1',
  '99999999999999999999',
  '１２',
  '1\0',
  '9'.repeat(300),
]

test('an id that is none is refused, naming the field, wherever one is expected', async () => {
  const cases = fieldsOf('id').filter(([, path]) => isOurs(path))
  await each(
    cases.flatMap(([name, path]) => NO_IDS.map((value) => ({ name, path, value }))),
    async ({ name, path, value }) => {
      const what = `${name} with ${path} = ${JSON.stringify(value)}`
      const { code, msg } = assertRefusal(await send(name, withField(name, path, value)), what)
      assert.equal(code, 4000, what)
      assert.ok(msg.includes(lastName(path)), `${what}: ${msg}`)
    },
  )
})

const WRONG: Record<'id' | 'text' | 'number', unknown[]> = {
  id: [{ a: 1 }, [['1']], true, 1.5],
  text: [{ a: 1 }, 5, true],
  number: [{ a: 1 }, ['x'], 'abc', 'Infinity', -1, 0.5, 1e300],
}

test('values of another type, or out of range, are refused, naming the field', async () => {
  const cases = (['id', 'text', 'number'] as const).flatMap((kind) =>
    fieldsOf(kind)
      .filter(([, path]) => path.startsWith('body'))
      .flatMap(([name, path]) => WRONG[kind].map((value) => ({ name, path, value, kind }))),
  )
  await each(cases, async ({ name, path, value, kind }) => {
    const what = `${name} with ${path} = ${JSON.stringify(value)}`
    const answer = await send(name, withField(name, path, value))
    // some numbers may be fractions, or below zero
    if (answer.status === 200) return assert.ok(kind === 'number' && typeof value === 'number', what)
    const { code, msg } = assertRefusal(answer, what)
    assert.equal(code, 4000, what)
    assert.ok(msg.includes(lastName(path)), `${what}: ${msg}`)
  })
})

/** Texts that may be long. */
const LONG = /^body\.(content|.*\.content|prompt_info\.prompt|data|.*file_base64|.*custom_content)$/

test('a text of 10,000 characters is refused by name where nobody writes one, and kept where people do', async () => {
  const fields = [...fieldsOf('text'), ...fieldsOf('id').filter(([, path]) => !isOurs(path))]
  await each(fields, async ([name, path]) => {
    for (const long of path.startsWith('body') ? ['x'.repeat(10_000), '长'.repeat(10_000)] : ['x'.repeat(10_000)]) {
      const what = `${name} with a long ${path}`
      const answer = await send(name, withField(name, path, long))
      if (LONG.test(path) && answer.status === 200) continue
      const { code, msg } = assertRefusal(answer, what)
      assert.equal(code, 4000, what)
      assert.ok(LONG.test(path) || msg.includes(lastName(path)), `${what}: ${msg}`)
    }
  })
})

const ODD_TEXTS = [
  "'; DROP TABLE account; --",
  '" OR ""="\\',
  '%_',
  'a\0b',
  '\ud800',
  'x\udfffx',
  '\u202egpj.exe',
  'Z̸̡̢̛͍̳͕͍̘̪̲̱̈́͛ͅalgo',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  '\ufeff\u200b',
  '\r\nSet-Cookie: a=b',
  '__proto__',
  '$' + '{7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  'ﷺ'.repeat(20),
  'İıſK', // letters whose case changes their length
]

test('odd texts are taken as they are or refused, and never break an answer', async () => {
  const fields = fieldsOf('text').filter(([, path]) => !path.startsWith('params'))
  await each(
    fields.flatMap(([name, path], i) =>
      ODD_TEXTS.filter((_, j) => j % 2 === i % 2).map((odd) => ({ name, path, odd })),
    ),
    async ({ name, path, odd }) => {
      const what = `${name} with ${path} = ${JSON.stringify(odd)}`
      const answer = await send(name, withField(name, path, odd))
      if (answer.status !== 200) assertRefusal(answer, what)
      else if (!answer.text.startsWith('event:')) assert.equal(answer.code, 0, what)
    },
  )
})

test('what was written is read back, in any script', async () => {
  for (const odd of ODD_TEXTS.filter((text) => text.isWellFormed() && !text.includes('\0'))) {
    const { text } = await send('POST /v1/conversation/message/create', {
      query: { conversation_id: bob.conversation },
      body: { role: 'user', content: odd, content_type: 'text', meta_data: { odd } },
    })
    const { data } = JSON.parse(text) as { data: { id: string; content: string; meta_data: object } }
    assert.equal(data.content, odd)
    const again = await send('GET /v1/conversation/message/retrieve', {
      query: { conversation_id: bob.conversation, message_id: data.id },
    })
    assert.deepEqual((JSON.parse(again.text) as { data: unknown }).data, data)
    assert.deepEqual({ ...data.meta_data }, { odd })
  }
})

test('a search text is no pattern', async () => {
  await send('POST /v1/datasets', { body: { space_id: bob.space, name: '100%_sure\\', format_type: 0 } })
  const count = async (name: string) => {
    const { text } = await send('GET /v1/datasets', { query: { space_id: bob.space, name } })
    return (JSON.parse(text) as { data: { total_count: number } }).data.total_count
  }
  for (const part of ['100%_sure\\', '%_s', 'sure\\', 'SURE']) assert.equal(await count(part), 1, part)
  for (const pattern of ['1%0', '100__sure', 'sure_', "' OR 1=1 --", 's*', 'sure\\\\'])
    assert.equal(await count(pattern), 0, pattern)
})

test('huge and deep bodies are refused or read, in time', async () => {
  const botId = await publishedAgent(cozeOf(server.url, bob.user.token), bob.space)
  const question = { role: 'user', content: 'hi', content_type: 'text' }
  const chat = (more: string) =>
    `${JSON.stringify({ bot_id: botId, user_id: 'u', additional_messages: [question] }).slice(0, -1)},${more}}`
  const chatOf = (messages: unknown[]) => JSON.stringify({ bot_id: botId, user_id: 'u', additional_messages: messages })
  const keys = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v'])))
  const nested = (depth: number) => '{"a":'.repeat(depth) + 1 + '}'.repeat(depth)
  const deep = { role: 'user', content_type: 'object_string', content: '['.repeat(50_000) }
  const ids = JSON.stringify({ document_ids: Array(1e6).fill('1') })
  const cases: readonly [what: string, body: string, statuses: number[], path?: string][] = [
    ['100,000 levels of arrays', chat(`"parameters":${'['.repeat(1e5)}${']'.repeat(1e5)}`), [400]],
    ['100,000 levels of objects', chat(`"parameters":${nested(1e5)}`), [400]],
    ['1,000 levels', chat(`"parameters":${nested(1000)}`), [400]],
    ['100 levels', chat(`"parameters":${nested(100)}`), [200]],
    ['deep content', chatOf([deep]), [400]],
    ['a million ids', ids, [400], '/open_api/knowledge/document/delete'],
    ['100,000 messages', chatOf(Array(1e5).fill(question)), [400]],
    ['a huge message', chatOf([{ ...question, content: 'x'.repeat(5e6) }]), [400]],
    ['100,000 pairs', chat(`"meta_data":${keys(1e5)}`), [400]],
    ['100,000 unknown keys', chat(keys(1e5).slice(1, -1)), [200]],
    ['the same key twice', chat('"bot_id":"1"'), [404]],
    ['a prototype', chat('"__proto__":{"stream":true},"constructor":{"prototype":{"stream":true}}'), [200]],
    ['twenty megabytes of nothing', chat(`"junk":"${'x'.repeat(20e6)}"`), [413]],
    ['two megabytes of nothing', chat(`"junk":"${'x'.repeat(2e6)}"`), [200]],
    ['a number of a million digits', chat(`"junk":${'9'.repeat(1e6)}`), [200, 400]],
  ]
  for (const [what, body, statuses, path = '/v3/chat'] of cases) {
    const started = performance.now()
    const headers = { 'content-type': 'application/json', ...headersFor(`POST ${path}`) }
    const answer = await fetch(server.url + path, { method: 'POST', headers, body })
    const text = await answer.text()
    assert.ok(statuses.includes(answer.status), `${what} is answered ${answer.status}: ${text.slice(0, 300)}`)
    if (answer.status !== 200) assertRefusal({ status: answer.status, text }, what)
    assert.ok(performance.now() - started < 5_000, `${what} took too long`)
  }
})

test('after all of it the server answers, small and calm, with nothing in its log', () => assertCalm(server))
