import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, BOB } from '../../../test-kit/chat.ts'
import { apiClient } from '../../../test-kit/chat-client.ts'

test('a conversation is created, read, renamed, listed and deleted', async () => {
  await using api = await apiClient()
  const body = { bot_id: api.agentId, meta_data: { tenant: 'a' }, name: 'Holiday', user_id: 'u-7', connector_id: 999 }
  const created = (await api.post('/v1/conversation/create', body)).body
  assert.equal(created.code, 0)
  const { id } = created.data
  assert.deepEqual(
    { ...created.data, created_at: 0, updated_at: 0 },
    {
      id,
      name: 'Holiday',
      created_at: 0,
      updated_at: 0,
      meta_data: { tenant: 'a' },
      last_section_id: id,
      creator_id: ANN.accountId,
      connector_id: '999',
      user_id: 'u-7',
    },
  )
  const now = Date.now() / 1000
  assert.ok(Number.isInteger(created.data.created_at) && Math.abs(created.data.created_at - now) < 100)
  assert.deepEqual((await api.get(`/v1/conversation/retrieve?conversation_id=${id}`)).body, created)

  const renamed = (await api.put(`/v1/conversations/${id}`, { name: 'Work' })).body.data
  assert.deepEqual([renamed.name, renamed.meta_data], ['Work', { tenant: 'a' }])
  assert.equal((await api.put(`/v1/conversations/${id}`, { name: null })).body.data.name, 'Work')

  const list = (await api.get(`/v1/conversations?bot_id=${api.agentId}`)).body.data
  assert.deepEqual([list.conversations.length, list.conversations[0].id, list.has_more], [1, id, false])

  const deleted = await api.delete(`/v1/conversations/${id}`)
  assert.deepEqual([deleted.status, deleted.body], [200, { code: 0, msg: '' }])
  const gone = await api.get(`/v1/conversation/retrieve?conversation_id=${id}`)
  assert.deepEqual([gone.status, gone.body.code], [404, 4200])
})

test('an empty body makes a conversation without an agent', async () => {
  await using api = await apiClient()
  const { data } = (await api.post('/v1/conversation/create')).body
  assert.deepEqual([data.meta_data, data.name, data.connector_id], [{}, '', '1024'])
})

test('the messages of a new conversation are stored in order, and name it', async () => {
  await using api = await apiClient()
  const messages = [
    {
      role: 'user',
      type: 'question',
      content: ' How do I\n file a claim? ',
      content_type: 'text',
      meta_data: { a: 'b' },
    },
    { role: 'assistant', content: 'By post.', content_type: 'text', id: null, created_at: null, meta_data: null },
    { role: 'user', content: [{ type: 'text', text: 'Really?' }], content_type: 'object_string' },
    { role: 'user', content: '', content_type: 'text' },
  ]
  const { data } = (await api.post('/v1/conversation/create', { messages })).body
  assert.equal(data.name, 'How do I file a claim?')
  const list = (await api.post(`/v1/conversation/message/list?conversation_id=${data.id}`, { order: 'asc' })).body
  assert.deepEqual(
    list.data.map((m: Record<string, unknown>) => [m.role, m.type, m.content, m.content_type, m.meta_data, m.chat_id]),
    [
      ['user', 'question', ' How do I\n file a claim? ', 'text', { a: 'b' }, ''],
      ['assistant', 'answer', 'By post.', 'text', {}, ''],
      ['user', 'question', '[{"type":"text","text":"Really?"}]', 'object_string', {}, ''],
    ],
  )
})

test('lists are paged from 1, newest first unless asked, and filtered by user and channel', async () => {
  await using api = await apiClient()
  const ids: string[] = []
  for (const [user_id, connector_id] of [['u1'], ['u1', '999'], ['u2'], ['u2'], ['u1']])
    ids.push((await api.post('/v1/conversation/create', { bot_id: api.agentId, user_id, connector_id })).body.data.id)
  await api.post('/v1/conversation/create', {})
  const list = async (query: string) => {
    const { body } = await api.get(`/v1/conversations?bot_id=${api.agentId}${query}`)
    return [body.data.conversations.map(({ id }: { id: string }) => ids.indexOf(id)), body.data.has_more]
  }
  assert.deepEqual(await list(''), [[4, 3, 2, 1, 0], false])
  assert.deepEqual(await list('&page_num=1&page_size=2'), [[4, 3], true])
  assert.deepEqual(await list('&page_num=3&page_size=2'), [[0], false])
  assert.deepEqual(await list('&page_num=9&page_size=2'), [[], false])
  assert.deepEqual(await list('&sort_order=ASC&page_size=3'), [[0, 1, 2], true])
  assert.deepEqual(await list('&user_id=u1'), [[4, 1, 0], false])
  assert.deepEqual(await list('&connector_id=999'), [[1], false])
  assert.deepEqual(await list('&page_num=&page_size='), [[4, 3, 2, 1, 0], false])
})

test('clearing starts a new section and keeps the messages', async () => {
  await using api = await apiClient()
  const messages = [{ role: 'user', content: 'hi', content_type: 'text' }]
  const { id } = (await api.post('/v1/conversation/create', { messages })).body.data
  const { data } = (await api.post(`/v1/conversations/${id}/clear`)).body
  assert.equal(data.conversation_id, id)
  assert.notEqual(data.id, id)
  const after = (await api.get(`/v1/conversation/retrieve?conversation_id=${id}`)).body.data
  assert.equal(after.last_section_id, data.id)
  assert.equal((await api.post(`/v1/conversation/message/list?conversation_id=${id}`)).body.data.length, 1)
})

const long = 'x'.repeat(10_000)
const refusals: readonly [name: string, method: 'GET' | 'POST' | 'PUT', path: string, body: object, text: RegExp][] = [
  ['an agent id that is none', 'POST', '/v1/conversation/create', { bot_id: 'abc' }, /bot_id/],
  [
    '17 messages',
    'POST',
    '/v1/conversation/create',
    { messages: Array(17).fill({ role: 'user', content: 'x' }) },
    /messages/,
  ],
  [
    'a message with another role',
    'POST',
    '/v1/conversation/create',
    { messages: [{ role: 'system', content: 'x' }] },
    /role/,
  ],
  ['a long name', 'POST', '/v1/conversation/create', { name: long }, /name/],
  ['meta data that is no text', 'POST', '/v1/conversation/create', { meta_data: { a: 1 } }, /meta_data/],
  ['a long new name', 'PUT', '/v1/conversations/1', { name: long }, /name/],
  ['a path that is no id', 'PUT', '/v1/conversations/abc', { name: 'x' }, /conversation_id/],
  ['a list without an agent', 'GET', '/v1/conversations', {}, /bot_id/],
  ['a page of 51', 'GET', '/v1/conversations?bot_id=1&page_size=51', {}, /page_size/],
  ['page 0', 'GET', '/v1/conversations?bot_id=1&page_num=0', {}, /page_num/],
  ['no conversation', 'GET', '/v1/conversation/retrieve', {}, /conversation_id/],
]
test('malformed requests are refused with the name of the field', async (t) => {
  await using api = await apiClient()
  for (const [name, method, path, body, text] of refusals)
    await t.test(name, async () => {
      const answer = method === 'GET' ? await api.get(path) : await (method === 'PUT' ? api.put : api.post)(path, body)
      assert.deepEqual([answer.status, answer.body.code], [400, 4000])
      assert.match(answer.body.msg, text)
    })
})

test('the conversations of someone else are not found, nor can their agent be taken', async () => {
  await using api = await apiClient()
  const { id } = await api.conversations.create(ANN, {
    agentId: api.agentId,
    messages: [{ role: 'user', content: 'x' }],
  })
  const calls = [
    api.get(`/v1/conversation/retrieve?conversation_id=${id}`, 'pat_bob'),
    api.put(`/v1/conversations/${id}`, { name: 'mine' }, 'pat_bob'),
    api.delete(`/v1/conversations/${id}`, 'pat_bob'),
    api.post(`/v1/conversations/${id}/clear`, undefined, 'pat_bob'),
    api.post('/v1/conversation/create', { bot_id: api.agentId }, 'pat_bob'),
  ]
  for (const answer of await Promise.all(calls)) assert.deepEqual([answer.status, answer.body.code], [404, 4200])
  const list = await api.get(`/v1/conversations?bot_id=${api.agentId}`, 'pat_bob')
  assert.deepEqual(list.body.data, { conversations: [], has_more: false })
  assert.equal((await api.conversations.get(ANN, id)).name, 'x')
})

test('members of one team do not see each other’s conversations', async () => {
  await using api = await apiClient()
  const agentId = await api.agents.create(ANN, { spaceId: '300', name: 'Team' })
  const { id } = await api.conversations.create(ANN, { agentId })
  assert.equal((await api.get(`/v1/conversation/retrieve?conversation_id=${id}`, 'pat_bob')).status, 404)
  assert.ok((await api.conversations.create(BOB, { agentId })).id)
})
