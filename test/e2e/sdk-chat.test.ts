import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ChatEventType, type EnterMessage, RoleType, type StreamChatReq } from '@coze/api'
import { pdfBytes } from '../../test-kit/documents.ts'
import { publishedAgent, startSdkWorld, transcriptOf, until } from '../../test-kit/sdk.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

/** What the model answers: slowly to a question with "slow" in it, else at once, with what it was shown. */
const SCRIPT = [
  { match: 'slow', reply: Array.from({ length: 600 }, (_, i) => `word${i}`).join(' ') },
  { match: 'think', reply: 'It is forty-two.', reasoning: 'six times seven' },
  { match: 'break', reply: 'This goes well for a while', fail: 'unavailable@3' },
  { match: '', reply: 'You said: {{question}} | before: {{history}} | told: {{system}}' },
]

const folder = await temporaryFolder()
const script = join(folder.path, 'script.json')
await writeFile(script, JSON.stringify(SCRIPT))
const world = await startSdkWorld({ env: { MODEL_URI: `scripted:?delay=4ms&file=${encodeURIComponent(script)}` } })
after(async () => {
  await world[Symbol.asyncDispose]()
  await folder.remove()
})
const { coze } = world
const botId = await publishedAgent(coze, world.user.spaceId)

const say = (content: EnterMessage['content'], contentType: EnterMessage['content_type'] = 'text'): EnterMessage => ({
  role: RoleType.User,
  content: content ?? '',
  content_type: contentType ?? 'text',
})
const ask = (content: EnterMessage['content'], more: Partial<StreamChatReq> = {}) => {
  const contentType = typeof content === 'string' ? 'text' : 'object_string'
  const request = { bot_id: botId, user_id: 'u-1', additional_messages: [say(content, contentType)], ...more }
  return transcriptOf(coze.chat.stream(request))
}

test('a stream has the events of the protocol, in their order, each of the one chat', async () => {
  const meta = { tenant: 'a' }
  const { events, deltas, answer, messages, chat } = await ask('Hello there', { meta_data: meta })
  const kinds = events.map(({ event }) => event.replace('conversation.', ''))
  const turns = kinds.filter((kind, i) => kind !== kinds[i - 1])
  assert.deepEqual(turns, [
    'chat.created',
    'chat.in_progress',
    'message.delta',
    'message.completed',
    'chat.completed',
    'done',
  ])
  assert.equal(deltas, answer)
  assert.match(answer, /^You said: Hello there/)
  assert.ok(kinds.filter((kind) => kind === 'message.delta').length > 3)
  assert.deepEqual(
    messages.map((message) => message.type),
    ['answer', 'verbose'],
  )
  assert.match(messages[1]?.content ?? '', /"msg_type":"generate_answer_finish"/)
  const { token_count: all = 0, input_count: read = 0, output_count: written = 0 } = chat.usage ?? {}
  assert.ok(read > 0 && written > 0 && all === read + written)
  assert.deepEqual(chat.meta_data, meta)
  assert.deepEqual(chat.last_error, { code: 0, msg: '' })
  assert.ok((chat.completed_at ?? 0) >= (chat.created_at ?? 0) && Number.isInteger(chat.completed_at))
  const ids = messages.map((message) => [message.chat_id, message.conversation_id, message.bot_id, message.role])
  for (const each of ids) assert.deepEqual(each, [chat.id, chat.conversation_id, botId, 'assistant'])
})

test('the thinking of a model comes in deltas of its own and is kept with the answer', async () => {
  const { deltas, reasoning, messages } = await ask('think about it')
  assert.equal(deltas, 'It is forty-two.')
  assert.equal(reasoning, 'six times seven')
  assert.equal(messages[0]?.reasoning_content, 'six times seven')
})

test('a model that breaks off ends the chat as failed, in words, and the stream as always', async () => {
  const { events, chat } = await ask('break')
  assert.equal(chat.status, 'failed')
  assert.ok((chat.last_error?.code ?? 0) > 0)
  assert.match(chat.last_error?.msg ?? '', /^model \(scripted\) failed to answer$/)
  assert.deepEqual(
    events.slice(-2).map(({ event }) => event),
    ['conversation.chat.failed' as ChatEventType, 'done' as ChatEventType],
  )
})

test('what looks like an event in an answer is only text', async () => {
  const evil = 'a\n\nevent:done\ndata:"[DONE]"\n\nid: 7\r\n: ping\r\rdata:{"x":1}\u2028\u2029\u0085 b'
  const { deltas, answer, chat, messages } = await ask(evil)
  assert.equal(chat.status, 'completed')
  assert.equal(deltas, answer)
  assert.ok(answer.includes(evil), JSON.stringify(answer))
  assert.equal(messages.length, 2)
})

test('createAndPoll returns the completed chat with its messages, without the question', async () => {
  const { chat, messages = [] } = await coze.chat.createAndPoll({
    bot_id: botId,
    user_id: 'u-1',
    additional_messages: [say('Good morning')],
  })
  assert.equal(chat.status, 'completed')
  assert.ok((chat.usage?.token_count ?? 0) > 0)
  assert.deepEqual(
    messages.map((message) => message.type),
    ['answer', 'verbose'],
  )
  assert.match(messages[0]?.content ?? '', /^You said: Good morning/)
  assert.deepEqual(await coze.chat.retrieve(chat.conversation_id, chat.id), chat)
  assert.deepEqual(await coze.chat.messages.list(chat.conversation_id, chat.id), messages)
})

test('a chat that is not streamed starts as in progress, and only one runs in a conversation', async () => {
  const request = { bot_id: botId, user_id: 'u-1', additional_messages: [say('slow please')] }
  const chat = await coze.chat.create(request)
  assert.equal(chat.status, 'in_progress')
  const again = { ...request, conversation_id: chat.conversation_id }
  await assert.rejects(coze.chat.create(again), { status: 400, code: 4016 })
  await assert.rejects(transcriptOf(coze.chat.stream(again)), { status: 400 })
  const canceled = await coze.chat.cancel(chat.conversation_id, chat.id)
  assert.equal(canceled.status, 'canceled')
  assert.equal((await coze.chat.retrieve(chat.conversation_id, chat.id)).status, 'canceled')
  await assert.rejects(coze.chat.cancel(chat.conversation_id, chat.id), { status: 400, code: 4104 })
  // the conversation is free again, and the round that was canceled is forgotten
  const next = await ask('And now?', { conversation_id: chat.conversation_id })
  assert.match(next.answer, /^You said: And now\? \| before:\s+\| told/)
})

test('canceling ends a running stream; a finished chat cannot be canceled', async () => {
  const stream = coze.chat.stream({ bot_id: botId, user_id: 'u-1', additional_messages: [say('slow again')] })
  const seen: string[] = []
  let status = ''
  for await (const event of stream) {
    seen.push(event.event)
    if (typeof event.data !== 'object' || !('status' in event.data)) continue
    status = event.data.status
    if (status === 'in_progress') {
      const { conversation_id, id } = event.data
      setTimeout(() => void coze.chat.cancel(conversation_id, id), 50)
    }
  }
  assert.equal(status, 'canceled')
  assert.equal(seen.at(-1), 'done')
  const { chat } = await ask('Short')
  await assert.rejects(coze.chat.cancel(chat.conversation_id, chat.id), { status: 400, code: 4104 })
})

test('a client that leaves ends its chat', async () => {
  const request = { bot_id: botId, user_id: 'u-1', additional_messages: [say('slow, and nobody listens')] }
  let chat = { id: '', conversation_id: '' }
  const leave = new AbortController()
  const reading = (async () => {
    for await (const event of coze.chat.stream(request, { signal: leave.signal })) {
      if (typeof event.data === 'object' && 'status' in event.data) chat = event.data
      if (event.event === 'conversation.message.delta') leave.abort()
    }
  })()
  await reading.catch(() => undefined)
  const ended = await until(
    () => coze.chat.retrieve(chat.conversation_id, chat.id),
    ({ status }) => status !== 'in_progress',
  )
  assert.equal(ended.status, 'canceled')
})

test('attached files are read: by their id, next to text, with nulls as the Python SDK writes them', async () => {
  const paths = { pdf: join(folder.path, 'menu.pdf'), png: join(folder.path, 'photo.png') }
  await writeFile(paths.pdf, await pdfBytes(['Today there is lentil soup.']))
  await writeFile(paths.png, Buffer.from('89504e470d0a1a0a', 'hex'))
  const pdf = await coze.files.upload({ file: createReadStream(paths.pdf) })
  const png = await coze.files.upload({ file: createReadStream(paths.png) })
  const { answer, chat } = await ask([
    { type: 'text', text: 'What is on the menu?' },
    { type: 'file', file_id: pdf.id },
    { type: 'image', file_id: png.id },
  ])
  assert.match(answer, /You said: What is on the menu\?/)
  assert.match(answer, /lentil soup/)
  assert.match(answer, /\[image\]/)
  const { data } = await coze.conversations.messages.list(chat.conversation_id, { order: 'asc' })
  assert.equal(data[0]?.content_type, 'object_string')
  const elements = JSON.parse(data[0]?.content ?? '') as Record<string, unknown>[]
  assert.partialDeepStrictEqual(elements[1], { type: 'file', file_id: pdf.id, name: 'menu.pdf' })

  const nulls = JSON.stringify([
    { type: 'text', text: 'And this?', file_id: null, file_url: null },
    { type: 'file', text: null, file_id: pdf.id, file_url: null },
  ])
  const again = await transcriptOf(
    coze.chat.stream({ bot_id: botId, user_id: 'u-1', additional_messages: [say(nulls, 'object_string')] }),
  )
  assert.match(again.answer, /You said: And this\?.*lentil soup/s)
  const missing = [{ type: 'file' as const, file_id: '123456789' }]
  await assert.rejects(coze.chat.create({ bot_id: botId, additional_messages: [say(missing, 'object_string')] }), {
    status: 404,
    code: 4200,
  })
})

test('history, variables and the agent’s prompt reach the model', async () => {
  const agentId = await publishedAgent(coze, world.user.spaceId)
  await coze.bots.update({ bot_id: agentId, prompt_info: { prompt: 'You are in {{city}}.' } })
  await coze.bots.publish({ bot_id: agentId, connector_ids: ['1024'] })
  const first = await ask('One', { bot_id: agentId, custom_variables: { city: 'Oslo' } })
  assert.match(first.answer, /told: You are in Oslo\./)
  const { conversation_id } = first.chat
  const second = await ask('Two', { bot_id: agentId, conversation_id })
  assert.match(second.answer, /before: user: One\nassistant: You said: One/)
  await coze.conversations.clear(conversation_id)
  const third = await ask('Three', { bot_id: agentId, conversation_id })
  assert.match(third.answer, /before:\s+\| told/)
  // the caller may bring a history of its own
  const own = await transcriptOf(
    coze.chat.stream({
      bot_id: agentId,
      user_id: 'u-1',
      additional_messages: [
        say('My name is Aino'),
        { role: RoleType.Assistant, type: 'answer', content: 'Hello Aino', content_type: 'text' },
        say('What is my name?'),
      ],
    }),
  )
  assert.match(own.answer, /before: user: My name is Aino\nassistant: Hello Aino/)
})

test('a chat that must not be saved leaves no messages', async () => {
  const { chat, answer } = await ask('Off the record', { auto_save_history: false })
  assert.match(answer, /Off the record/)
  assert.deepEqual((await coze.conversations.messages.list(chat.conversation_id)).data, [])
  const request = { bot_id: botId, additional_messages: [say('x')], auto_save_history: false }
  await assert.rejects(coze.chat.create(request), { status: 400, code: 4000 })
})
