import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RoleType } from '@coze/api'
import { publishedAgent, startSdkWorld, transcriptOf } from '../../test-kit/sdk.ts'

const world = await startSdkWorld({ env: { MODEL_URI: 'scripted:?reply=Noted' } })
after(() => world[Symbol.asyncDispose]())
const { coze } = world
const botId = await publishedAgent(coze, world.user.spaceId)

const user = (content: string) => ({ role: RoleType.User, content, content_type: 'text' as const, meta_data: {} })
const contents = (messages: readonly { content: string }[]) => messages.map((message) => message.content)

test('a conversation is created with messages, found again, listed and cleared', async () => {
  const made = await coze.conversations.create({
    bot_id: botId,
    meta_data: { tenant: 'a', 键: '值' },
    messages: [user('Hello'), { role: RoleType.Assistant, content: 'Hi', content_type: 'text' }],
  })
  assert.match(made.id, /^\d+$/)
  assert.deepEqual(made.meta_data, { tenant: 'a', 键: '值' })
  assert.ok(Number.isInteger(made.created_at))
  assert.deepEqual(await coze.conversations.retrieve(made.id), made)
  assert.deepEqual(contents((await coze.conversations.messages.list(made.id, { order: 'asc' })).data), ['Hello', 'Hi'])

  const others = [1, 2, 3].map(() => coze.conversations.create({ bot_id: botId }))
  const all = [made, ...(await Promise.all(others))].map(({ id }) => id)
  const page = (page_num: number) => coze.conversations.list({ bot_id: botId, page_num, page_size: 3 })
  const [one, two] = [await page(1), await page(2)]
  assert.deepEqual([one.conversations.length, one.has_more, two.has_more], [3, true, false])
  const listed = [...one.conversations, ...two.conversations].map(({ id }) => id)
  assert.deepEqual(listed.toSorted(), all.toSorted())

  const cleared = await coze.conversations.clear(made.id)
  assert.equal(cleared.conversation_id, made.id)
  assert.notEqual(cleared.id, made.last_section_id)
  assert.equal((await coze.conversations.retrieve(made.id)).last_section_id, cleared.id)
  assert.equal((await coze.conversations.messages.list(made.id)).data.length, 2, 'clearing keeps the messages')
})

test('messages are created, read, changed and deleted', async () => {
  const { id } = await coze.conversations.create({})
  const made = await coze.conversations.messages.create(id, { ...user('Red'), meta_data: { mood: 'calm' } })
  assert.partialDeepStrictEqual(made, { conversation_id: id, role: 'user', type: 'question', content: 'Red' })
  assert.deepEqual(await coze.conversations.messages.retrieve(id, made.id), made)
  const changed = await coze.conversations.messages.update(id, made.id, {
    content: 'Blue',
    meta_data: { mood: 'wild' },
  })
  assert.partialDeepStrictEqual(changed, { id: made.id, content: 'Blue', meta_data: { mood: 'wild' } })
  // the SDK passes an array of elements as it is
  const mixed = await coze.conversations.messages.create(id, {
    role: RoleType.User,
    content: [{ type: 'text', text: 'with elements' }],
    content_type: 'object_string',
    meta_data: {},
  })
  assert.equal(mixed.content_type, 'object_string')
  assert.deepEqual(JSON.parse(mixed.content), [{ type: 'text', text: 'with elements' }])
  assert.equal((await coze.conversations.messages.delete(id, made.id)).id, made.id)
  await assert.rejects(coze.conversations.messages.retrieve(id, made.id), { status: 404, code: 4200 })
  assert.deepEqual((await coze.conversations.messages.list(id)).data.length, 1)
})

test('deleting an answer takes along what was written beside it', async () => {
  const request = { bot_id: botId, user_id: 'u', additional_messages: [user('Please note this')] }
  const { chat, messages } = await transcriptOf(coze.chat.stream(request))
  const { conversation_id } = chat
  assert.deepEqual(contents((await coze.conversations.messages.list(conversation_id, { order: 'asc' })).data), [
    'Please note this',
    'Noted',
  ])
  await coze.conversations.messages.delete(conversation_id, messages[0]?.id ?? '')
  assert.deepEqual(await coze.chat.messages.list(conversation_id, chat.id), [])
})

test('every message is met exactly once, page by page, in both orders and from both ends', async () => {
  const { id } = await coze.conversations.create({})
  const texts = Array.from({ length: 23 }, (_, i) => `message ${i}`)
  for (const text of texts) await coze.conversations.messages.create(id, user(text))
  const walk = async (order: 'asc' | 'desc') => {
    const seen: string[] = []
    let after: string | undefined
    for (;;) {
      const page = await coze.conversations.messages.list(id, { order, limit: 5, ...(after && { after_id: after }) })
      assert.equal(page.first_id, page.data[0]?.id)
      assert.equal(page.last_id, page.data.at(-1)?.id)
      seen.push(...contents(page.data))
      if (!page.has_more) return seen
      after = page.last_id
    }
  }
  assert.deepEqual(await walk('asc'), texts)
  assert.deepEqual(await walk('desc'), texts.toReversed())
  const all = await coze.conversations.messages.list(id, { order: 'asc' })
  const middle = all.data[10]?.id ?? ''
  const before = await coze.conversations.messages.list(id, { order: 'asc', before_id: middle, limit: 3 })
  assert.deepEqual(contents(before.data), texts.slice(7, 10))
  const empty = await coze.conversations.messages.list((await coze.conversations.create({})).id)
  assert.partialDeepStrictEqual(empty, { data: [], has_more: false })
  assert.equal(typeof empty.first_id, 'string')
})
