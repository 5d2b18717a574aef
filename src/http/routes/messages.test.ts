import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, BOB } from '../../../test-kit/chat.ts'
import { apiClient } from '../../../test-kit/chat-client.ts'

type MessageData = { id: string; content: string; type: string }

async function conversationWith(count: number) {
  const api = await apiClient()
  const { id } = await api.conversations.create(ANN, {})
  const ids: string[] = []
  for (let i = 0; i < count; i++)
    ids.push((await api.conversations.createMessage(ANN, id, { role: 'user', content: `m${i}` })).id)
  const list = async (body?: object) => {
    const { body: page } = await api.post(`/v1/conversation/message/list?conversation_id=${id}`, body)
    return page as { data: MessageData[]; first_id: string; last_id: string; has_more: boolean }
  }
  const call = (path: string) => `/v1/conversation/message/${path}?conversation_id=${id}`
  return { ...api, id, ids, list, call }
}

test('a message is created, read, changed and deleted', async () => {
  await using api = await conversationWith(0)
  const body = { role: 'user', content: 'hi', content_type: 'text', meta_data: { a: 'b' } }
  const created = (await api.post(api.call('create'), body)).body.data
  const { id, created_at, updated_at, ...rest } = created
  assert.deepEqual(rest, {
    conversation_id: api.id,
    bot_id: '',
    chat_id: '',
    section_id: api.id,
    role: 'user',
    type: 'question',
    content: 'hi',
    content_type: 'text',
    meta_data: { a: 'b' },
    reasoning_content: '',
  })
  assert.ok(Number.isInteger(created_at) && Number.isInteger(updated_at))
  const one = `&message_id=${id}`
  assert.deepEqual((await api.get(api.call('retrieve') + one)).body.data, created)

  const nulls = { content: 'hello', content_type: null, meta_data: null }
  const modified = (await api.post(api.call('modify') + one, nulls)).body
  assert.ok(!('data' in modified))
  assert.deepEqual([modified.message.content, modified.message.meta_data], ['hello', { a: 'b' }])
  const elements = { content: [{ type: 'text', text: 'x' }], meta_data: {} }
  const changed = (await api.post(api.call('modify') + one, elements)).body.message
  assert.deepEqual(
    [changed.content_type, changed.content, changed.meta_data],
    ['object_string', '[{"type":"text","text":"x"}]', {}],
  )

  const deleted = await api.post(api.call('delete') + one)
  assert.deepEqual([deleted.status, deleted.body.data.id], [200, id])
  assert.equal((await api.get(api.call('retrieve') + one)).status, 404)
  assert.deepEqual((await api.list()).data, [])
})

test('a list goes on after an id or ends before one, in either order', async () => {
  await using api = await conversationWith(7)
  const page = async (body: Record<string, unknown>) => {
    const named = Object.entries(body).map(([k, v]) => [k, k.endsWith('_id') ? api.ids[Number(v)] : v])
    const { data, first_id, last_id, has_more } = await api.list(Object.fromEntries(named))
    assert.deepEqual([first_id, last_id], [data.at(0)?.id ?? '', data.at(-1)?.id ?? ''])
    return `${data.map(({ content }) => content.slice(1)).join('')}${has_more ? '…' : ''}`
  }
  const cases: readonly [Record<string, unknown>, string][] = [
    [{}, '6543210'],
    [{ order: 'asc' }, '0123456'],
    [{ limit: 3 }, '654…'],
    [{ limit: 7 }, '6543210'],
    [{ limit: 3, after_id: 4 }, '321…'],
    [{ limit: 4, after_id: 4 }, '3210'],
    [{ limit: 3, order: 'asc', after_id: 3 }, '456'],
    [{ limit: 2, order: 'asc', after_id: 3 }, '45…'],
    [{ limit: 3, before_id: 1 }, '432…'],
    [{ limit: 5, before_id: 1 }, '65432'],
    [{ limit: 3, order: 'asc', before_id: 5 }, '234…'],
    [{ limit: 3, order: 'asc', before_id: 3 }, '012'],
    [{ order: 'asc', after_id: 1, before_id: 5 }, '234'],
    [{ limit: 2, after_id: 5, before_id: 1 }, '43…'],
    [{ order: 'asc', after_id: 6 }, ''],
  ]
  for (const [body, expected] of cases) assert.equal(await page(body), expected, JSON.stringify(body))
})

test('an empty cursor, a null one and "0" are none', async () => {
  await using api = await conversationWith(2)
  for (const cursor of ['', '0', null])
    assert.equal(
      (await api.list({ order: 'asc', before_id: cursor, after_id: cursor, chat_id: cursor })).data.length,
      2,
    )
})

test('a cursor whose message was deleted still holds the place', async () => {
  await using api = await conversationWith(4)
  await api.conversations.deleteMessage(ANN, api.id, api.ids[2] ?? '')
  const { data } = await api.list({ after_id: api.ids[2] })
  assert.deepEqual(
    data.map(({ content }) => content),
    ['m1', 'm0'],
  )
})

test('paging as the Python SDK does walks through everything once', async () => {
  await using api = await conversationWith(123)
  const seen: string[] = []
  let after: string | null = null
  for (;;) {
    const page = await api.list({ order: 'asc', chat_id: null, before_id: null, after_id: after, limit: 50 })
    seen.push(...page.data.map(({ id }) => id))
    if (!page.has_more) break
    after = page.last_id
  }
  assert.deepEqual(seen, api.ids)
})

test('only questions and answers are listed, and by chat when asked', async () => {
  await using api = await apiClient({ config: { suggestions: { mode: 'enable' } } })
  const first = (await api.ask('one', { stream: false })).body.data
  await api.chats.drain(5_000)
  const path = `/v1/conversation/message/list?conversation_id=${first.conversation_id}`
  await api.conversations.createMessage(ANN, first.conversation_id, { role: 'user', content: 'by hand' })
  assert.deepEqual(
    (await api.post(path, { order: 'asc' })).body.data.map(({ type }: MessageData) => type),
    ['question', 'answer', 'question'],
  )
  assert.equal((await api.post(path, { chat_id: first.id })).body.data.length, 2)
})

test('deleting an answer removes what its chat wrote beside it; deleting the question does not', async () => {
  await using api = await apiClient({ model: 'scripted:?reply=Why%3F', config: { suggestions: { mode: 'enable' } } })
  for (const [type, left] of [
    ['question', 3],
    ['answer', 0],
  ] as const) {
    const chat = await api.chats.play(
      await api.chats.start(ANN, { agentId: api.agentId, userRef: 'u', messages: [{ role: 'user', content: 'why?' }] }),
      () => undefined,
    )
    const list = await api.post(`/v1/conversation/message/list?conversation_id=${chat.conversationId}`)
    const target = list.body.data.find((message: MessageData) => message.type === type)
    const query = `?conversation_id=${chat.conversationId}&message_id=${target.id}`
    assert.equal((await api.post(`/v1/conversation/message/delete${query}`)).status, 200)
    assert.equal((await api.chats.messages(ANN, chat.conversationId, chat.id)).length, left)
  }
})

test('what is neither question nor answer can be neither changed nor deleted', async () => {
  await using api = await apiClient()
  const chat = await api.chats.play(
    await api.chats.start(ANN, { agentId: api.agentId, userRef: 'u', messages: [{ role: 'user', content: 'x' }] }),
    () => undefined,
  )
  const verbose = (await api.chats.messages(ANN, chat.conversationId, chat.id)).find(({ type }) => type === 'verbose')
  const query = `?conversation_id=${chat.conversationId}&message_id=${verbose?.id}`
  for (const call of ['delete', 'modify']) {
    const answer = await api.post(`/v1/conversation/message/${call}${query}`, { content: 'y' })
    assert.deepEqual([answer.status, answer.body.code], [400, 4000])
  }
})

const refusals: readonly [name: string, call: string, body: object, text: RegExp][] = [
  ['no content', 'create', { role: 'user', content_type: 'text' }, /content/],
  ['blank content', 'create', { role: 'user', content: ' ', content_type: 'text' }, /content/],
  ['no role', 'create', { content: 'x', content_type: 'text' }, /role/],
  ['a card', 'create', { role: 'user', content: 'x', content_type: 'card' }, /content_type/],
  ['malformed elements', 'create', { role: 'user', content: 'x', content_type: 'object_string' }, /content/],
  ['an answer of elements', 'create', { role: 'assistant', content: [{ type: 'text', text: 'x' }] }, /content_type/],
  ['content without end', 'create', { role: 'user', content: 'x'.repeat(500_001) }, /content/],
  ['a page of 51', 'list', { limit: 51 }, /limit/],
  ['an empty page', 'list', { limit: 0 }, /limit/],
  ['an unknown order', 'list', { order: 'random' }, /order/],
  ['a cursor that is no id', 'list', { after_id: 'abc' }, /after_id/],
  ['a modification to nothing', 'modify', { content: '' }, /content/],
  ['a modification to malformed elements', 'modify', { content_type: 'object_string' }, /content/],
]
test('malformed requests are refused with the name of the field', async (t) => {
  await using api = await conversationWith(1)
  for (const [name, call, body, text] of refusals)
    await t.test(name, async () => {
      const answer = await api.post(`${api.call(call)}&message_id=${api.ids[0]}`, body)
      assert.deepEqual([answer.status, answer.body.code], [400, 4000], answer.text)
      assert.match(answer.body.msg, text)
    })
  assert.equal((await api.list()).data.length, 1)
})

test('messages of someone else, and of another conversation, are not found', async () => {
  await using api = await conversationWith(1)
  const other = await api.conversations.create(BOB, {})
  const mine = await api.conversations.create(ANN, {})
  const body = { role: 'user', content: 'x', content_type: 'text' }
  const places = [
    [`conversation_id=${api.id}`, 'pat_bob'],
    [`conversation_id=${other.id}`, 'pat_bob'],
    [`conversation_id=${other.id}`, 'pat_ann'],
    [`conversation_id=${mine.id}`, 'pat_ann'],
  ] as const
  for (const [place, token] of places) {
    const query = `?${place}&message_id=${api.ids[0]}`
    const calls = [
      api.get(`/v1/conversation/message/retrieve${query}`, token),
      api.post(`/v1/conversation/message/modify${query}`, { content: 'y' }, token),
      api.post(`/v1/conversation/message/delete${query}`, undefined, token),
    ]
    for (const answer of await Promise.all(calls)) assert.deepEqual([answer.status, answer.body.code], [404, 4200])
  }
  for (const call of ['list', 'create']) assert.equal((await api.post(api.call(call), body, 'pat_bob')).body.code, 4200)
  assert.equal((await api.list()).data[0]?.content, 'm0')
})
