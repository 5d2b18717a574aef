import { ChatEventType, CozeAPI, RoleType } from '@coze/api'

// Makes a table, fills it from a csv file and asks a question about it:
//   SNUG_EMAIL=you@example.com SNUG_PASSWORD=… node examples/databases/orders.ts [QUESTION] [TABLE]
// The server needs a model that writes (MODEL_URI); one that only quotes asks no tables.
const [question = 'Which item was ordered most often?', table_name = `orders_${Date.now()}`] = process.argv.slice(2)
const { SNUG_URL: url = 'http://127.0.0.1:8888', SNUG_EMAIL: email, SNUG_PASSWORD: password } = process.env
const ORDERS = 'item,amount,day\npen,12,2026-11-02\nink,3,2026-11-03\npaper,500,2026-11-05\n'

/** Databases are the console's: their calls carry the cookie of a login. */
let cookie = ''
async function call<T>(path: string, body: object): Promise<T> {
  const headers = { cookie, 'content-type': 'application/json' }
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
  const result = (await answer.json()) as T & { code: number; msg: string }
  if (result.code !== 0) throw new Error(`${path}: ${result.msg}`)
  return result
}

await call('/api/passport/web/email/login/', { email, password })
const pat = { name: 'orders example', duration_day: '1' }
const { data } = await call<{ data: { token: string } }>(
  '/api/permission_api/pat/create_personal_access_token_and_permission',
  pat,
)
const coze = new CozeAPI({ baseURL: url, token: data.token })
const { workspaces } = await coze.workspaces.list()
const space_id = workspaces[0]?.id ?? ''

const field_list = [
  { name: 'item', desc: 'what was ordered', type: 1, must_required: true },
  { name: 'amount', desc: 'how many', type: 2 },
  { name: 'day', type: 3 },
]
const { database_info } = await call<{ database_info: { id: string } }>('/api/memory/database/add', {
  ...{ space_id, table_name, table_desc: 'Orders of the office', field_list },
  rw_mode: 2, // everyone who talks with the agent sees all rows
})
const form = new FormData()
form.append('file', new Blob([ORDERS]), 'orders.csv')
const headers = { authorization: `Bearer ${data.token}` }
const uploaded = await fetch(`${url}/v1/files/upload`, { method: 'POST', headers, body: form })
const { id: file_uri } = ((await uploaded.json()) as { data: { id: string } }).data
const online = { database_id: database_info.id, table_type: 2 }
await call('/api/memory/table_file/submit', { ...online, file_uri })
for (;;) {
  const { data: progress } = await call<{ data: { Progress: number; StatusDescript: string } }>(
    '/api/memory/table_file/get_progress',
    online,
  )
  if (progress.StatusDescript !== '') throw new Error(progress.StatusDescript)
  if (progress.Progress === 100) break
  await new Promise((resolve) => setTimeout(resolve, 100))
}

const { bot_id } = await coze.bots.create({ space_id, name: 'orders' })
await coze.bots.publish({ bot_id, connector_ids: ['1024'] })
await call('/api/memory/database/bind_to_bot', { database_id: database_info.id, bot_id })
const additional_messages = [{ role: RoleType.User, content: question, content_type: 'text' as const }]
for await (const { event, data } of coze.chat.stream({ bot_id, user_id: 'me', additional_messages })) {
  if (event === ChatEventType.CONVERSATION_MESSAGE_DELTA) process.stdout.write(data.content)
  else if (event === ChatEventType.CONVERSATION_MESSAGE_COMPLETED && /^(function_call|tool_response)$/.test(data.type))
    console.log(`${data.type}: ${data.content}`)
}
process.stdout.write('\n')
