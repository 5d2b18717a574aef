import { readFile } from 'node:fs/promises'
import { ChatEventType, CozeAPI, RoleType } from '@coze/api'

// The same as quickstart.sh with the official SDK: node examples/quickstart/quickstart.ts [FILE] [QUESTION]
const [path = new URL('handbook.md', import.meta.url).pathname, question = 'When is the dome open to visitors?'] =
  process.argv.slice(2)
const coze = new CozeAPI({
  baseURL: process.env.SNUG_URL ?? 'http://127.0.0.1:8888',
  token: process.env.SNUG_TOKEN ?? '',
})

const { workspaces } = await coze.workspaces.list()
const space_id = workspaces[0]?.id ?? ''
const { dataset_id } = await coze.datasets.create({ name: 'quick start', space_id, format_type: 0 })
const [name = path] = path.split('/').slice(-1)
const file_base64 = (await readFile(path)).toString('base64')
const source_info = { file_base64, file_type: name.split('.').at(-1) ?? 'txt' }
const documents = await coze.datasets.documents.create({ dataset_id, document_bases: [{ name, source_info }] })
const document_ids = documents.map(({ document_id }) => document_id)
for (;;) {
  const { data } = await coze.datasets.process(dataset_id, { document_ids })
  if (data.every(({ status }) => status !== 0)) break
  await new Promise((resolve) => setTimeout(resolve, 200))
}

const { bot_id } = await coze.bots.create({ space_id, name: 'quick start' })
await coze.bots.update({ bot_id, name: 'quick start', knowledge: { dataset_ids: [dataset_id] } })
await coze.bots.publish({ bot_id, connector_ids: ['1024'] })
const additional_messages = [{ role: RoleType.User, content: question, content_type: 'text' as const }]
for await (const { event, data } of coze.chat.stream({ bot_id, user_id: 'me', additional_messages })) {
  if (event === ChatEventType.CONVERSATION_MESSAGE_DELTA) process.stdout.write(data.content)
}
process.stdout.write('\n')
