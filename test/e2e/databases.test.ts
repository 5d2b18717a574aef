import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { RoleType } from '@coze/api'
import { publishedAgent, type SdkWorld, startSdkWorld, transcriptOf, until } from '../../test-kit/sdk.ts'
import { startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

type Answer = { code: number; msg: string } & Record<string, unknown>

/** Calls under /api/memory with the cookie. */
const consoleOf =
  (url: string, cookie: string) =>
  async <T extends object>(path: string, body: object): Promise<T & Answer> => {
    const headers = { cookie, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/memory/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as T & Answer
  }

async function upload({ server, user }: SdkWorld, name: string, text: string): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([text]), name)
  const headers = { authorization: `Bearer ${user.token}` }
  const answer = await fetch(`${server.url}/v1/files/upload`, { method: 'POST', headers, body: form })
  return ((await answer.json()) as { data: { id: string } }).data.id
}

const ORDERS = [
  { name: 'item', type: 1, must_required: true },
  { name: 'amount', type: 2 },
]
type Made = { database_info: { id: string } }
type Progress = { data: { Progress: number; StatusDescript: string } }

test('a table is made, filled from a file and asked in a chat, and each user sees the own rows', async () => {
  await using folder = await temporaryFolder()
  const script = [
    { match: 'Write one query for', reply: '{"sql": "SELECT item, amount FROM orders", "err_code": 0, "err_msg": ""}' },
    { match: '', reply: '{{system}}' },
  ]
  const path = join(folder.path, 'script.json')
  await writeFile(path, JSON.stringify(script))
  await using world = await startSdkWorld({ env: { MODEL_URI: `scripted:?file=${encodeURIComponent(path)}` } })
  const { coze, user, server } = world
  const call = consoleOf(server.url, user.cookie)
  const table = { space_id: user.spaceId, table_name: 'orders', field_list: ORDERS }
  const { database_info: made } = await call<Made>('database/add', { ...table, rw_mode: 2 })
  const bot_id = await publishedAgent(coze, user.spaceId)
  await call('database/bind_to_bot', { database_id: made.id, bot_id })
  const { TosUrl } = await call<{ TosUrl: string }>('database/get_template', { database_id: made.id })
  const template = await (await fetch(TosUrl)).text()
  assert.equal(template, 'item,amount\r\ntext,42\r\n')
  const source_file = { tos_uri: await upload(world, 'template.csv', template) }
  const valid = await call('table_schema/validate', { database_id: made.id, source_file })
  assert.deepEqual(valid, { code: 0, msg: '', SchemaValidResult: {} })
  const file_uri = await upload(world, 'orders.csv', 'item,amount\npen,9007199254740993\nink,2\n')
  await call('table_file/submit', { database_id: made.id, table_type: 2, file_uri })
  const progress = () => call<Progress>('table_file/get_progress', { database_id: made.id, table_type: 2 })
  await until(progress, ({ data }) => data.Progress === 100)

  const question = { role: RoleType.User, content: 'What was ordered?', content_type: 'text' as const }
  const ask = (user_id: string) => transcriptOf(coze.chat.stream({ bot_id, user_id, additional_messages: [question] }))
  const { events, messages, answer } = await ask('ann')
  const kinds = events.map(({ event }) => event.replace('conversation.', ''))
  assert.deepEqual(
    kinds.filter((kind, i) => kind !== kinds[i - 1] || kind === 'message.completed'),
    [
      ...['chat.created', 'chat.in_progress', 'message.completed', 'message.completed', 'message.delta'],
      ...['message.completed', 'message.completed', 'chat.completed', 'done'],
    ],
  )
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['function_call', 'tool_response', 'answer', 'verbose'],
  )
  const rows = [
    { item: 'pen', amount: '9007199254740993' },
    { item: 'ink', amount: 2 },
  ]
  assert.deepEqual(JSON.parse(messages[1]?.content ?? '').rows, rows)
  assert.match(answer, /"pen".*"ink"/)

  await call('database/update', { ...table, id: made.id, rw_mode: 1 })
  assert.deepEqual(JSON.parse((await ask('ann')).messages[1]?.content ?? '').rows, [])
})

test('an import goes on after the server was killed, and each row comes once', async () => {
  await using folder = await temporaryFolder()
  const ROWS = 30_000
  await using world = await startSdkWorld({ home: folder.path })
  const { user, server } = world
  const call = consoleOf(server.url, user.cookie)
  const table = { space_id: user.spaceId, table_name: 'orders', field_list: ORDERS }
  const { database_info: made } = await call<Made>('database/add', table)
  const text = Array.from({ length: ROWS }, (_, i) => `item ${i},${i}`).join('\n')
  await call('table_file/submit', {
    database_id: made.id,
    file_uri: await upload(world, 'a.csv', `item,amount\n${text}`),
  })
  await until(
    () => call<Progress>('table_file/get_progress', { database_id: made.id }),
    ({ data }) => data.Progress > 0,
  )
  await server.end('SIGKILL')
  await using again = await startServer({ home: folder.path })
  const call2 = consoleOf(again.url, user.cookie)
  const end = await until(
    () => call2<Progress>('table_file/get_progress', { database_id: made.id }),
    ({ data }) => data.Progress === 100 || data.StatusDescript !== '',
  )
  assert.equal(end.data.StatusDescript, '')
  const last = { order_by_list: [{ field: 'amount', direction: 2 }], limit: 1 }
  const page = await call2<{ TotalNum: number; data: { item: string }[] }>('database/list_records', {
    database_id: made.id,
    ...last,
  })
  assert.deepEqual([page.TotalNum, page.data[0]?.item], [ROWS, `item ${ROWS - 1}`])
})

test('the example makes a table, fills it and asks about it', async () => {
  await using folder = await temporaryFolder()
  const sql = "SELECT amount FROM office WHERE item = 'ink'"
  const script = [
    { match: 'Write one query for', reply: JSON.stringify({ sql }) },
    { match: '', reply: 'Three.' },
  ]
  const path = join(folder.path, 'script.json')
  await writeFile(path, JSON.stringify(script))
  await using world = await startSdkWorld({ env: { MODEL_URI: `scripted:?file=${encodeURIComponent(path)}` } })
  const { user, server } = world
  const env = { ...process.env, SNUG_URL: server.url, SNUG_EMAIL: user.email, SNUG_PASSWORD: user.password }
  const words = ['examples/databases/orders.ts', 'How much ink?', 'office']
  const { stdout } = await promisify(execFile)(process.execPath, words, { env })
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^function_call: .*SELECT amount FROM office WHERE item='ink' LIMIT 100/)
  assert.equal(lines[1], 'tool_response: {"columns":["amount"],"rows":[{"amount":3}],"truncated":false}')
  assert.equal(lines[2], 'Three.')
})
