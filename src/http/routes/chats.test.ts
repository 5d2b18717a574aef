import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ANN, BOB, chatKit } from '../../../test-kit/chat.ts'
import { type ApiClient, apiClient, readEvents, type SentEvent } from '../../../test-kit/chat-client.ts'

type Data = Record<string, unknown>
type MessageData = { id: string; type: string; role: string; content: string; reasoning_content?: string }

const question = (content: string) => ({ role: 'user', type: 'question', content, content_type: 'text' })
const dataOf = (events: readonly SentEvent[], name: string) =>
  events.filter(({ event }) => event === name).map(({ data }) => data as Data)
const completed = (events: readonly SentEvent[]) =>
  dataOf(events, 'conversation.message.completed') as unknown as MessageData[]
const answerOf = (events: readonly SentEvent[]) => completed(events).find(({ type }) => type === 'answer')?.content
const createdOf = (events: readonly SentEvent[]) => dataOf(events, 'conversation.chat.created')[0]
const conversationOf = (events: readonly SentEvent[]) => String(createdOf(events)?.conversation_id)
const chatOf = (events: readonly SentEvent[]) => String(createdOf(events)?.id)

async function finished(kit: ApiClient, chat: Data): Promise<Data> {
  for (;;) {
    const { body } = await kit.post(`/v3/chat/retrieve?conversation_id=${chat.conversation_id}&chat_id=${chat.id}`)
    if (body.data.status !== 'in_progress') return body.data
    await sleep(10)
  }
}

test('a stream tells every step, and its deltas make the answer that is stored', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=one%20two%20three' })
  const events = await kit.stream('hello', { meta_data: { tenant: 'a' } })
  assert.deepEqual(
    events.map(({ event }) => event),
    [
      'conversation.chat.created',
      'conversation.chat.in_progress',
      ...Array(3).fill('conversation.message.delta'),
      'conversation.message.completed',
      'conversation.message.completed',
      'conversation.chat.completed',
      'done',
    ],
  )
  const [created] = dataOf(events, 'conversation.chat.created')
  assert.deepEqual([created?.status, created?.meta_data], ['created', { tenant: 'a' }])
  assert.equal(dataOf(events, 'conversation.chat.in_progress')[0]?.status, 'in_progress')

  const deltas = dataOf(events, 'conversation.message.delta')
  const [answer, finish] = completed(events)
  assert.equal(answer?.content, 'one two three')
  assert.equal(deltas.map(({ content }) => content).join(''), answer.content)
  assert.deepEqual(new Set(deltas.map(({ id }) => id)), new Set([answer.id]))
  for (const delta of deltas)
    assert.deepEqual([delta.role, delta.type, delta.content_type], ['assistant', 'answer', 'text'])
  assert.equal(finish?.type, 'verbose')
  assert.equal(JSON.parse(finish.content).msg_type, 'generate_answer_finish')

  const [done] = dataOf(events, 'conversation.chat.completed')
  const usage = done?.usage as Record<string, number>
  assert.equal(usage.token_count, (usage.input_count ?? 0) + (usage.output_count ?? 0))
  assert.ok((usage.token_count ?? 0) > 0 && Number.isInteger(done?.completed_at))
  assert.deepEqual(done?.last_error, { code: 0, msg: '' })
  assert.deepEqual(events.at(-1), { event: 'done', data: '[DONE]' })

  const stored = await kit.get(`/v3/chat/message/list?conversation_id=${done?.conversation_id}&chat_id=${done?.id}`)
  assert.deepEqual(stored.body.data, [answer, finish])
})

test('reasoning comes in deltas without content and in full at the end', async () => {
  await using kit = await apiClient({ model: 'scripted:?reasoning=let%20me%20think&reply=yes' })
  const events = await kit.stream('really?')
  const deltas = dataOf(events, 'conversation.message.delta')
  const thinking = deltas.filter((delta) => 'reasoning_content' in delta)
  assert.equal(thinking.map((delta) => delta.reasoning_content).join(''), 'let me think')
  assert.ok(thinking.every((delta) => delta.content === ''))
  assert.equal(completed(events)[0]?.reasoning_content, 'let me think')
})

test('recalled knowledge is a message of its own, before the answer, with document, chunk and score', async () => {
  const config = { knowledge: { datasetIds: ['77'], topK: 4, strategy: 'full_text' as const, minScore: 0.2 } }
  await using kit = await apiClient({ model: 'extractive:' })
  const { library } = kit
  library.datasets.set('77', { name: 'handbook', spaceId: '201' })
  const content = 'A vacation request must be filed two weeks before the first day off.'
  const ids = { chunkId: '9001', documentId: '9000', documentName: 'Rules.pdf', datasetId: '77' }
  library.passages.push({ ...ids, content, score: 0.87 })
  await kit.agents.update(ANN, kit.agentId, { config })
  await kit.agents.publish(ANN, kit.agentId)

  const events = await kit.stream('When must a vacation request be filed?')
  const [recalled, answer] = completed(events)
  assert.equal(recalled?.type, 'verbose')
  const report = JSON.parse(recalled.content)
  assert.equal(report.msg_type, 'knowledge_recall')
  const { chunks, status_code } = JSON.parse(report.data)
  assert.deepEqual(chunks, [
    {
      slice: content,
      score: 0.87,
      meta: { dataset: { id: '77' }, document: { id: '9000', name: 'Rules.pdf' }, slice: { id: '9001' } },
    },
  ])
  assert.equal(status_code, 0)
  assert.match(answer?.content ?? '', /two weeks/)
  const first = events.findIndex(({ event }) => event === 'conversation.message.delta')
  assert.ok(events.findIndex(({ event }) => event === 'conversation.message.completed') < first)
  const { spaceIds, datasetIds, query, options } = library.recalls[0] ?? assert.fail('nothing was looked up')
  assert.deepEqual([spaceIds, datasetIds, query], [['201'], ['77'], 'When must a vacation request be filed?'])
  assert.deepEqual({ ...options, signal: 0 }, { topK: 4, minScore: 0.2, strategy: 'full_text', signal: 0 })
})

test('suggestions follow the end of the answer, and not when they are off', async () => {
  const config = { suggestions: { mode: 'enable' as const } }
  await using kit = await apiClient({ model: 'scripted:?reply=1.%20Why%3F%0A-%20How%20much%3F', config })
  const events = await kit.stream('tell me')
  assert.deepEqual(
    completed(events).map(({ type }) => type),
    ['answer', 'verbose', 'follow_up', 'follow_up'],
  )
  assert.deepEqual(
    completed(events)
      .slice(2)
      .map(({ content }) => content),
    ['Why?', 'How much?'],
  )
  await using quiet = await apiClient({ model: 'scripted:?reply=Why%3F' })
  assert.equal(completed(await quiet.stream('tell me')).length, 2)
})

test('a model that fails ends the chat as failed, with a reason, and frees the conversation', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=one%20two&fail=rate_limited@1&fail_times=1' })
  const events = await kit.stream('hello')
  assert.deepEqual(
    events.slice(-2).map(({ event }) => event),
    ['conversation.chat.failed', 'done'],
  )
  const [failed] = dataOf(events, 'conversation.chat.failed')
  const error = failed?.last_error as Data
  assert.equal(error.code, 4013)
  assert.match(String(error.msg), /model/)
  assert.ok(Number.isInteger(failed?.failed_at))
  const { body } = await kit.get(`/v3/chat/retrieve?conversation_id=${failed?.conversation_id}&chat_id=${failed?.id}`)
  assert.deepEqual([body.data.status, body.data.last_error], ['failed', error])
  const again = await kit.stream('hello', {}, `?conversation_id=${failed?.conversation_id}`)
  assert.equal(answerOf(again), 'one two')
})

test('a chat that is not streamed is in progress at once and can be polled in both ways', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=done&delay=30ms' })
  const { status, body } = await kit.ask('hello', { stream: false })
  assert.equal(status, 200)
  assert.equal(body.data.status, 'in_progress')
  assert.equal(body.data.inserted_additional_messages.length, 1)
  const query = `?conversation_id=${body.data.conversation_id}&chat_id=${body.data.id}`
  assert.equal((await kit.get(`/v3/chat/retrieve${query}`)).body.data.id, body.data.id)
  const chat = await finished(kit, body.data)
  assert.equal(chat.status, 'completed')
  assert.ok(((chat.usage as Data).token_count as number) > 0)
  const messages = (await kit.get(`/v3/chat/message/list${query}`)).body.data as MessageData[]
  assert.deepEqual(
    messages.map(({ type, content }) => [type, type === 'answer' ? content : '']),
    [
      ['answer', 'done'],
      ['verbose', ''],
    ],
  )
  const all = await kit.post(`/v1/conversation/message/list?conversation_id=${chat.conversation_id}`, { order: 'asc' })
  assert.deepEqual(
    all.body.data.map((message: MessageData) => [message.type, message.content]),
    [
      ['question', 'hello'],
      ['answer', 'done'],
    ],
  )
})

test('without "stream" a chat is not streamed', async () => {
  await using kit = await apiClient()
  assert.equal((await kit.ask('hello')).body.data.status, 'in_progress')
})

test('with auto_save_history false nothing of a stream is kept, and without a stream it is refused', async () => {
  await using kit = await apiClient()
  const events = await kit.stream('secret', { auto_save_history: false })
  assert.equal(answerOf(events), 'secret')
  const conversation = conversationOf(events)
  const list = await kit.post(`/v1/conversation/message/list?conversation_id=${conversation}`)
  assert.deepEqual(list.body, { code: 0, msg: '', data: [], first_id: '', last_id: '', has_more: false })
  const output = await kit.get(`/v3/chat/message/list?conversation_id=${conversation}&chat_id=${chatOf(events)}`)
  assert.deepEqual(output.body.data, [])
  const { status, body } = await kit.ask('secret', { stream: false, auto_save_history: false })
  assert.deepEqual([status, body.code], [400, 4000])
})

test('one chat runs in a conversation; the next is refused until it has ended', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=slow&delay=100ms' })
  const { body } = await kit.ask('first', { stream: false })
  const query = `?conversation_id=${body.data.conversation_id}`
  for (const stream of [true, false]) {
    const refused = await kit.ask('second', { stream }, query)
    assert.deepEqual([refused.status, refused.body.code], [400, 4016])
    assert.match(refused.type, /^application\/json/)
  }
  await finished(kit, body.data)
  assert.equal(answerOf(await kit.stream('third', {}, query)), 'slow')
  const list = await kit.post(`/v1/conversation/message/list${query}`, { order: 'asc' })
  assert.deepEqual(
    list.body.data.map((message: MessageData) => message.content),
    ['first', 'slow', 'third', 'slow'],
  )
})

test('a running chat can be canceled: its stream ends, what it wrote stays, its round is forgotten', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=word%20{{history}}&chunks=1000&delay=5ms' })
  const query = `?conversation_id=${(await kit.post('/v1/conversation/create', {})).body.data.id}`
  const streaming = kit.stream('count', {}, query)
  let chatId: string | undefined
  while (chatId === undefined) {
    await sleep(10)
    const list = await kit.post(`/v1/conversation/message/list${query}`)
    chatId = list.body.data[0]?.chat_id
  }
  await sleep(50)
  const ids = { conversation_id: query.split('=')[1], chat_id: chatId }
  const canceled = await kit.post('/v3/chat/cancel', ids)
  assert.deepEqual([canceled.status, canceled.body.data.status], [200, 'canceled'])
  const events = await streaming
  assert.deepEqual(
    events.slice(-2).map(({ event }) => event),
    ['conversation.chat.canceled', 'done'],
  )
  const streamed = dataOf(events, 'conversation.message.delta')
    .map(({ content }) => content)
    .join('')
  const [partial] = (await kit.get(`/v3/chat/message/list${query}&chat_id=${chatId}`)).body.data as MessageData[]
  assert.equal(partial?.type, 'answer')
  assert.ok(partial.content.length > 0 && streamed.startsWith(partial.content.slice(0, streamed.length)))
  assert.equal((await kit.get(`/v3/chat/retrieve${query}&chat_id=${chatId}`)).body.data.status, 'canceled')
  const again = await kit.post('/v3/chat/cancel', ids)
  assert.deepEqual([again.status, again.body.code], [400, 4104])
  await using echo = await apiClient({ model: 'scripted:?reply=[{{history}}]' }, kit)
  assert.equal(answerOf(await echo.stream('what did I say?', {}, query)), '[]')
})

test('a finished chat cannot be canceled, and a chat only through its own conversation', async () => {
  await using kit = await apiClient()
  const events = await kit.stream('hello')
  const own = { conversation_id: conversationOf(events), chat_id: chatOf(events) }
  const other = conversationOf(await kit.stream('other'))
  const cases = [
    [own, 'pat_ann', 400, 4104],
    [{ ...own, conversation_id: other }, 'pat_ann', 403, 4101],
    [{ ...own, chat_id: '1' }, 'pat_ann', 404, 4200],
    [own, 'pat_bob', 404, 4200],
    [{ chat_id: own.chat_id }, 'pat_ann', 400, 4000],
  ] as const
  for (const [ids, token, status, code] of cases) {
    const answer = await kit.post('/v3/chat/cancel', ids, token)
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(ids))
  }
})

test('a client that leaves cancels its chat and stops the model', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=word&chunks=100000&delay=2ms' })
  const left = new AbortController()
  const body = { bot_id: kit.agentId, user_id: 'u', stream: true, additional_messages: [question('go')] }
  const answer = await kit.request('POST', '/v3/chat', body, 'pat_ann', left.signal)
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('message.delta')) break
  }
  left.abort()
  const [created] = readEvents(text.slice(0, text.indexOf('\n\n') + 2))
  const chat = await finished(kit, created?.data as Data)
  assert.equal(chat.status, 'canceled')
})

test('the model sees the prompt with its variables and the parameters of the agent', async () => {
  const prompt = 'You serve {{city}} and {{unknown}}. {{ city }}!'
  const config = { prompt, model: { temperature: 0.5, maxTokens: 9, contextRounds: 2 } }
  await using kit = await apiClient({ model: 'scripted:?reply={{system}}|{{params}}', config })
  const variables = { city: 'Oslo {{unknown}}', unused: 'x' }
  const events = await kit.stream('one', { custom_variables: variables, parameters: { any: { thing: [1] } } })
  const expected = 'You serve Oslo {{unknown}} and {{unknown}}. Oslo {{unknown}}!|{"temperature":0.5,"maxTokens":9}'
  assert.equal(answerOf(events), expected)
})

test('the model sees the last rounds and the messages of this one, and nothing from before a clear', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=ok', config: { model: { contextRounds: 2 } } })
  await using echo = await apiClient({ model: 'scripted:?reply=[{{history}}]' }, kit)
  const context = [question('context'), { role: 'assistant', content: 'noted', content_type: 'text' }]
  const first = await kit.stream('one')
  const query = `?conversation_id=${conversationOf(first)}`
  const two = { additional_messages: [...context, question('two')] }
  assert.equal(completed(await kit.stream('', two, query)).length, 2, 'what the caller gave is not what the chat wrote')
  const seen = 'user: context\nassistant: noted\nuser: two\nassistant: ok'
  assert.equal(
    answerOf(await echo.stream('three', { auto_save_history: false }, query)),
    `[user: one\nassistant: ok\n${seen}]`,
  )
  assert.equal(answerOf(await kit.stream('four', {}, query)), 'ok')
  assert.equal(answerOf(await echo.stream('five', {}, query)), `[${seen}\nuser: four\nassistant: ok]`)
  await kit.post(`/v1/conversations/${conversationOf(first)}/clear`)
  assert.equal(answerOf(await echo.stream('six', {}, query)), '[]')
})

test('what is in the conversation by hand counts, and may be the question', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply=H:{{history}}|Q:{{question}}' })
  const messages = [question('I am Ann.'), { role: 'assistant', content: 'Hi Ann.', content_type: 'text' }]
  const { body } = await kit.post('/v1/conversation/create', { bot_id: kit.agentId, messages })
  const query = `?conversation_id=${body.data.id}`
  const nothing = await kit.ask('', { stream: true, additional_messages: [] }, query)
  assert.deepEqual([nothing.status, nothing.body.code], [400, 4000])
  await kit.post(`/v1/conversation/message/create${query}`, question('Who am I?'))
  const events = await kit.stream('', { additional_messages: [] }, query)
  assert.equal(answerOf(events), 'H:user: I am Ann.\nassistant: Hi Ann.|Q:Who am I?')
  const again = await kit.ask('', { stream: true, additional_messages: [] }, query)
  assert.equal(again.body.code, 4000, 'the question has been answered')
})

test('images and files reach the model; what cannot be read is said', async () => {
  await using kit = await apiClient({ model: 'scripted:' })
  const image = kit.library.addFile(ANN, '7001', 'cat.png', 'image/png', 'PNG')
  const text = kit.library.addFile(ANN, '7002', 'notes.txt', 'text/plain; charset=utf-8', 'the notes')
  const pdf = kit.library.addFile(ANN, '7003', 'scan.pdf', 'application/pdf', '%PDF')
  const elements = [
    { type: 'text', text: 'look', file_id: null, file_url: null },
    { type: 'image', text: null, file_id: image, file_url: null },
    { type: 'image', file_url: 'https://example.org/dog.png' },
    { type: 'file', file_id: text },
    { type: 'file', file_id: pdf },
    { type: 'file', file_url: 'https://example.org/a.pdf' },
    { type: 'hologram', beam: 1 },
  ]
  const ask = { role: 'user', content: JSON.stringify(elements), content_type: 'object_string' }
  const events = await kit.stream('', { additional_messages: [ask] })
  const answer = answerOf(events) ?? ''
  assert.match(answer, /^look\n\[image\]\n\[image\]\n\[File "notes.txt"\]\nthe notes\n/)
  assert.match(answer, /"scan.pdf".*cannot read/)
  assert.match(answer, /https:\/\/example.org\/a.pdf, which was not opened/)
  assert.doesNotMatch(answer, /hologram/)

  const list = await kit.post(`/v1/conversation/message/list?conversation_id=${conversationOf(events)}`, {
    order: 'asc',
  })
  const [, stored] = JSON.parse(list.body.data[0].content)
  assert.deepEqual(stored, {
    type: 'image',
    text: null,
    file_id: image,
    file_url: `http://files.test/${image}`,
    name: 'cat.png',
    size: '3',
  })
})

const objects = (content: string) => [{ role: 'user', content, content_type: 'object_string' }]
const refusals: readonly [name: string, body: object, status: number, code: number, text: RegExp][] = [
  ['an unknown agent', { bot_id: '1' }, 404, 4200, /agent not found/],
  ['an agent id that is none', { bot_id: 'x' }, 400, 4000, /bot_id/],
  ['no agent', { bot_id: null }, 400, 4000, /bot_id/],
  ['no user', { user_id: undefined }, 400, 4000, /user_id/],
  ['no question', { additional_messages: [] }, 400, 4000, /additional_messages/],
  ['a blank question', { additional_messages: [question('  ')] }, 400, 4000, /additional_messages/],
  ['a system message', { additional_messages: [{ ...question('x'), role: 'system' }] }, 400, 4000, /role/],
  ['a tool message', { additional_messages: [{ ...question('x'), type: 'tool_output' }] }, 400, 4000, /type/],
  ['an answer by the user', { additional_messages: [{ ...question('x'), type: 'answer' }] }, 400, 4000, /type/],
  ['an object_string that is no JSON', { additional_messages: objects('[{') }, 400, 4000, /content/],
  ['an object_string that is no array', { additional_messages: objects('{"type":"text"}') }, 400, 4000, /content/],
  ['an element without a type', { additional_messages: objects('[{"text":"x"}]') }, 400, 4000, /element 0/],
  ['an image without a file', { additional_messages: objects('[{"type":"image"}]') }, 400, 4000, /file_id or file_url/],
  ['an unknown file', { additional_messages: objects('[{"type":"file","file_id":"5"}]') }, 404, 4200, /file not found/],
  [
    'a local address',
    { additional_messages: objects('[{"type":"image","file_url":"file:///etc/passwd"}]') },
    400,
    4000,
    /http/,
  ],
  ['parameters as text', { parameters: '{}' }, 400, 4000, /parameters/],
  ['a long meta value', { meta_data: { a: 'x'.repeat(513) } }, 400, 4000, /meta_data/],
  ['too many meta pairs', { meta_data: Object.fromEntries([...Array(17)].map((_, i) => [i, ''])) }, 400, 4000, /16/],
  ['101 messages', { additional_messages: Array(101).fill(question('x')) }, 400, 4000, /additional_messages/],
  ['a shortcut command', { shortcut_command: { command_id: '1' } }, 400, 4000, /shortcut/],
]
test('what cannot run is refused before the stream starts, in the envelope and without a newline at its end', async (t) => {
  await using kit = await apiClient()
  for (const [name, change, status, code, text] of refusals)
    for (const stream of [true, false])
      await t.test(`${name}, ${stream ? 'streamed' : 'not streamed'}`, async () => {
        const answer = await kit.ask('hello', { ...change, stream })
        assert.equal(answer.status, status, answer.text)
        assert.match(answer.type, /^application\/json/)
        assert.ok(!answer.text.endsWith('\n'))
        assert.equal(answer.body.code, code)
        assert.match(answer.body.msg, text)
      })
  const list = await kit.get(`/v1/conversations?bot_id=${kit.agentId}`)
  assert.deepEqual(list.body.data.conversations, [], 'nothing is left of what was refused')
})

test('an unpublished agent does not chat; a draft becomes visible by publishing', async () => {
  await using kit = await apiClient({ model: 'scripted:?reply={{system}}', config: { prompt: 'old' } })
  await kit.agents.update(ANN, kit.agentId, { config: { prompt: 'new' } })
  assert.equal(answerOf(await kit.stream('x')), 'old')
  await kit.agents.publish(ANN, kit.agentId)
  assert.equal(answerOf(await kit.stream('x')), 'new')
  await kit.agents.unpublish(ANN, kit.agentId)
  const { status, body } = await kit.ask('x', { stream: true })
  assert.deepEqual([status, body.code], [404, 4200])
  assert.match(body.msg, /publish/)
})

test('an unknown conversation is replaced by a new one, a foreign one is not found', async () => {
  await using kit = await apiClient()
  const events = await kit.stream('hello', {}, '?conversation_id=12345')
  assert.notEqual(conversationOf(events), '12345')
  const foreign = await kit.conversations.create(BOB, {})
  const { status, body } = await kit.ask('hello', { stream: true }, `?conversation_id=${foreign.id}`)
  assert.deepEqual([status, body.code], [404, 4200])
  const inBody = await kit.stream('again', { conversation_id: conversationOf(events) })
  assert.equal(conversationOf(inBody), conversationOf(events))
})

test('what belongs to someone else is not found', async () => {
  await using kit = await apiClient()
  const events = await kit.stream('hello')
  const query = `?conversation_id=${conversationOf(events)}&chat_id=${chatOf(events)}`
  const calls = [
    kit.ask('hello', {}, '', 'pat_bob'),
    kit.post(`/v3/chat/retrieve${query}`, undefined, 'pat_bob'),
    kit.get(`/v3/chat/retrieve${query}`, 'pat_bob'),
    kit.get(`/v3/chat/message/list${query}`, 'pat_bob'),
    kit.post(`/v3/chat/submit_tool_outputs${query}`, { tool_outputs: [] }, 'pat_bob'),
  ]
  for (const answer of await Promise.all(calls)) assert.deepEqual([answer.status, answer.body.code], [404, 4200])
})

test('tool outputs are refused: nothing waits for them', async () => {
  await using kit = await apiClient()
  const events = await kit.stream('hello')
  const query = `?conversation_id=${conversationOf(events)}&chat_id=${chatOf(events)}`
  const outputs = { tool_outputs: [{ tool_call_id: 'call_1', output: 'x' }], stream: true }
  const { status, body } = await kit.post(`/v3/chat/submit_tool_outputs${query}`, outputs)
  assert.deepEqual([status, body.code], [400, 4000])
})

test('the web SDK may speak for its own channel', async () => {
  await using kit = await chatKit()
  for (const [given, kept] of [
    ['999', '999'],
    ['1024', '1024'],
  ] as const) {
    const connectorId = given === '999' ? '999' : undefined
    const run = await kit.chats.start(ANN, {
      agentId: kit.agentId,
      userRef: 'u',
      connectorId,
      messages: [{ role: 'user', content: 'x' }],
    })
    await kit.chats.play(run, () => undefined)
    assert.equal((await kit.conversations.get(ANN, run.chat.conversationId)).connectorId, kept)
  }
})
