import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AuthenticationError,
  BadRequestError,
  type ChatV3Message,
  CozeAPI,
  NotFoundError,
  type ObjectStringItem,
  RoleType,
  SuggestReplyMode,
} from '@coze/api'
import { ANN, type ChatKitOptions } from '../../../test-kit/chat.ts'
import { apiClient } from '../../../test-kit/chat-client.ts'

const question = (content: string | ObjectStringItem[]) =>
  ({ role: RoleType.User, content, content_type: typeof content === 'string' ? 'text' : 'object_string' }) as const

async function open(options?: ChatKitOptions) {
  const api = await apiClient(options)
  return { ...api, coze: new CozeAPI({ baseURL: api.url, token: 'pat_ann', debug: false }) }
}

test('the JavaScript SDK streams a chat to its end', async () => {
  await using api = await open({ model: 'scripted:?reply=one%20two%20three' })
  let text = ''
  let answer = ''
  let usage = 0
  let last = ''
  for await (const event of api.coze.chat.stream({ bot_id: api.agentId, additional_messages: [question('hi')] })) {
    last = event.event
    if (event.event === 'conversation.message.delta') text += event.data.content
    if (event.event === 'conversation.message.completed' && event.data.type === 'answer') answer = event.data.content
    if (event.event === 'conversation.chat.completed') usage = event.data.usage?.token_count ?? 0
  }
  assert.deepEqual([text, answer, last], ['one two three', 'one two three', 'done'])
  assert.ok(usage > 0)
})

test('the JavaScript SDK creates a chat and polls for it', async () => {
  await using api = await open({ model: 'scripted:?reply=done' })
  const { id } = await api.coze.conversations.create({ bot_id: api.agentId, meta_data: { a: 'b' } })
  const params = { bot_id: api.agentId, conversation_id: id, additional_messages: [question('hi')] }
  const { chat, messages = [] } = await api.coze.chat.createAndPoll(params)
  assert.deepEqual([chat.status, chat.conversation_id], ['completed', id])
  assert.ok((chat.usage?.token_count ?? 0) > 0)
  assert.ok(messages.some((message) => message.type === 'answer' && message.content === 'done'))
  assert.ok(messages.every((message) => message.type !== 'question'))
})

test('the JavaScript SDK sends images and files', async () => {
  await using api = await open()
  const file_id = api.library.addFile(ANN, '7001', 'cat.png', 'image/png', 'PNG')
  const items: ObjectStringItem[] = [
    { type: 'text', text: 'describe' },
    { type: 'image', file_id },
  ]
  const { messages = [] } = await api.coze.chat.createAndPoll({
    bot_id: api.agentId,
    additional_messages: [question(items)],
  })
  assert.equal(messages.find((message) => message.type === 'answer')?.content, 'describe\n[image]')
})

test('the JavaScript SDK cancels', async () => {
  await using api = await open({ model: 'scripted:?reply=word&chunks=100000&delay=5ms' })
  const chat = await api.coze.chat.create({ bot_id: api.agentId, additional_messages: [question('hi')] })
  assert.equal(chat.status, 'in_progress')
  assert.equal((await api.coze.chat.cancel(chat.conversation_id, chat.id)).status, 'canceled')
  assert.equal((await api.coze.chat.retrieve(chat.conversation_id, chat.id)).status, 'canceled')
  await assert.rejects(api.coze.chat.cancel(chat.conversation_id, chat.id), { code: 4104 })
})

test('the JavaScript SDK keeps conversations and their messages', async () => {
  await using api = await open()
  const { conversations } = api.coze
  const created = await conversations.create({ bot_id: api.agentId, meta_data: { a: 'b' }, messages: [question('hi')] })
  assert.deepEqual((await conversations.retrieve(created.id)).meta_data, { a: 'b' })
  const list = await conversations.list({ bot_id: api.agentId })
  assert.deepEqual([list.conversations.map(({ id }) => id), list.has_more], [[created.id], false])
  const message = await conversations.messages.create(created.id, { ...question('two'), meta_data: {} })
  assert.equal((await conversations.messages.retrieve(created.id, message.id)).content, 'two')
  const changed: ChatV3Message = await conversations.messages.update(created.id, message.id, { content: 'three' })
  assert.equal(changed.content, 'three')
  const page = await conversations.messages.list(created.id)
  assert.deepEqual(
    page.data.map(({ content }) => content),
    ['three', 'hi'],
  )
  assert.deepEqual([page.first_id, page.has_more], [message.id, false])
  assert.equal((await conversations.messages.delete(created.id, message.id)).id, message.id)
  const cleared = await conversations.clear(created.id)
  assert.equal(cleared.conversation_id, created.id)
})

test('the JavaScript SDK makes agents', async () => {
  await using api = await open()
  const { bots } = api.coze
  const { bot_id } = await bots.create({
    space_id: '201',
    name: 'Made by SDK',
    prompt_info: { prompt: 'Help.' },
    onboarding_info: { prologue: 'Hi', suggested_questions: ['a'] },
    model_info_config: { model_id: '1', temperature: 0.1, response_format: 'text' },
    suggest_reply_info: { reply_mode: SuggestReplyMode.DISABLE },
  })
  api.library.datasets.set('5', { name: 'faq', spaceId: '201' })
  await bots.update({ bot_id, knowledge: { dataset_ids: ['5'], auto_call: true, search_strategy: 0 } })
  await bots.publish({ bot_id, connector_ids: ['1024'] })
  assert.equal((await bots.retrieve({ bot_id })).prompt_info.prompt, 'Help.')
  assert.deepEqual((await bots.retrieveNew(bot_id)).knowledge.knowledge_infos, [{ id: '5', name: 'faq' }])
  assert.equal((await bots.retrieveNew(bot_id, { is_published: false })).name, 'Made by SDK')
  assert.equal((await bots.list({ space_id: '201' })).total, 2)
  assert.equal((await bots.listNew({ workspace_id: '201', publish_status: 'all' })).items[0]?.owner_user_id, '101')
})

test('the JavaScript SDK gets the error class that fits', async () => {
  await using api = await open()
  const { coze, agentId } = api
  const stranger = new CozeAPI({ baseURL: api.url, token: 'pat_wrong' })
  await assert.rejects(stranger.conversations.create({}), (err) => {
    assert.ok(err instanceof AuthenticationError)
    assert.equal(err.code, 4100)
    assert.match(String(err.logid), /^\d{14}[0-9a-f]{16}$/)
    return true
  })
  await assert.rejects(coze.conversations.retrieve('1'), NotFoundError)
  await assert.rejects(coze.chat.create({ bot_id: agentId, additional_messages: [] }), BadRequestError)
  const stream = coze.chat.stream({ bot_id: '1', additional_messages: [question('x')] })
  await assert.rejects(async () => {
    for await (const _event of stream) assert.fail('a refused stream has no events')
  }, NotFoundError)
})
