import { RoleType } from '@coze/api'
import { registerUser, type TestUser } from './account.ts'
import { base64Document, cozeOf, datasetWith, indexed, publishedAgent } from './sdk.ts'

/** One of everything that a person can have. */
export type Belongings = {
  user: TestUser
  space: string
  agent: string
  file: string
  dataset: string
  document: string
  imageDataset: string
  image: string
  conversation: string
  message: string
  chat: string
  accessToken: string
  database: string
  /** A csv file. */
  table: string
}

/** Registers a person and makes one of everything for them. Each text holds `secret`. */
export async function giveBelongings(url: string, name: string, secret: string): Promise<Belongings> {
  const user = await registerUser(url, name)
  const coze = cozeOf(url, user.token)
  const upload = async (text: string, fileName: string) => {
    const form = new FormData()
    form.append('file', new Blob([text]), fileName)
    const headers = { authorization: `Bearer ${user.token}` }
    const uploaded = await fetch(`${url}/v1/files/upload`, { method: 'POST', headers, body: form })
    return ((await uploaded.json()) as { data: { id: string } }).data
  }
  const file = await upload(`${secret} in a file`, `${secret}.txt`)
  const table = await upload(`note\n${secret} in a table\n`, `${secret}.csv`)
  const { datasetId: dataset, documentIds } = await datasetWith(
    coze,
    user.spaceId,
    [base64Document(`${secret}.txt`, `${secret} in a document`)],
    `${secret} dataset`,
  )
  const { dataset_id: imageDataset } = await coze.datasets.create({
    name: `${secret} images`,
    space_id: user.spaceId,
    format_type: 2,
  })
  const [image] = await coze.datasets.documents.create({
    dataset_id: imageDataset,
    document_bases: [base64Document(`${secret}.png`, 'png')],
  })
  await indexed(coze, imageDataset, [image?.document_id ?? ''])
  const agent = await publishedAgent(coze, user.spaceId, [dataset])
  const { chat } = await coze.chat.createAndPoll({
    bot_id: agent,
    user_id: 'u-1',
    additional_messages: [{ role: RoleType.User, content: `${secret} in a question`, content_type: 'text' }],
  })
  const { data: messages } = await coze.conversations.messages.list(chat.conversation_id)
  const cookie = { cookie: user.cookie, 'content-type': 'application/json' }
  const console = async (path: string, body: object) => {
    const answer = await fetch(`${url}/api/memory/database/${path}`, { ...post(body), headers: cookie })
    return (await answer.json()) as { database_info: { id: string } }
  }
  const notes = { table_name: 'notes', table_desc: secret, field_list: [{ name: 'note', type: 1 }], rw_mode: 1 }
  const { database_info: database } = await console('add', { ...notes, space_id: user.spaceId })
  await console('update_records', { database_id: database.id, record_data_add: [{ note: `${secret} in a row` }] })
  await console('bind_to_bot', { database_id: database.id, bot_id: agent })
  const pats = await fetch(`${url}/api/permission_api/pat/list_personal_access_tokens`, {
    headers: { cookie: user.cookie },
  })
  const { data } = (await pats.json()) as { data: { personal_access_tokens: { id: string }[] } }
  return {
    user,
    space: user.spaceId,
    agent,
    file: file.id,
    dataset,
    document: documentIds[0] ?? '',
    imageDataset,
    image: image?.document_id ?? '',
    conversation: chat.conversation_id,
    message: messages.find((message) => message.type === 'question')?.id ?? '',
    chat: chat.id,
    database: database.id,
    table: table.id,
    accessToken: data.personal_access_tokens[0]?.id ?? '',
  }
}

const post = (body: object) => ({ method: 'POST', body: JSON.stringify(body) })
