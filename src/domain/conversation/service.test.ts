import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, type ChatKit, chatKit } from '../../../test-kit/chat.ts'
import { elementsOf, textOf } from './types.ts'

async function chat(kit: ChatKit, conversationId: string, content: string) {
  const messages = [{ role: 'user' as const, content }]
  const run = await kit.chats.start(ANN, { agentId: kit.agentId, userRef: 'u', conversationId, messages })
  return kit.chats.play(run, () => undefined)
}

test('a chat remembers the last rounds, and what was added by hand since the oldest of them', async () => {
  await using kit = await chatKit({ model: 'scripted:?reply=ok' })
  const { conversations } = kit
  const conversation = await conversations.create(ANN, { messages: [{ role: 'user', content: 'a' }] })
  const hand = (content: string) => conversations.createMessage(ANN, conversation.id, { role: 'user', content })
  await chat(kit, conversation.id, 'b')
  await hand('c')
  await chat(kit, conversation.id, 'd')
  await hand('e')
  const remembered = async (rounds: number) =>
    (await conversations.history(conversation, rounds)).map(({ content }) => content).join(' ')
  assert.equal(await remembered(9), 'a b ok c d ok e')
  assert.equal(await remembered(2), 'b ok c d ok e')
  assert.equal(await remembered(1), 'd ok e')
  assert.equal(await remembered(0), 'e')
})

test('a chat remembers no more than a model could read', async () => {
  await using kit = await chatKit()
  const big = Array.from({ length: 5 }, (_, i) => ({ role: 'user' as const, content: String(i).repeat(300_000) }))
  const conversation = await kit.conversations.create(ANN, { messages: big })
  const history = await kit.conversations.history(conversation, 5)
  assert.deepEqual(
    history.map(({ content }) => content[0]),
    ['2', '3', '4'],
  )
})

test('a conversation that fails to be created leaves nothing', async () => {
  await using kit = await chatKit()
  const bad = [
    { role: 'user' as const, content: 'fine' },
    { role: 'user' as const, content: 'zero \0 byte' },
  ]
  await assert.rejects(kit.conversations.create(ANN, { messages: bad }), /NUL/)
  assert.deepEqual(await kit.database.db.selectFrom('conversation').select('id').execute(), [])
  assert.deepEqual(await kit.database.db.selectFrom('message').select('id').execute(), [])
})

test('elements keep the digits of a file id that was sent as a number', () => {
  const content = '[{"type":"image","file_id":7563957783431741441},{"type":"text","text":"what?"}]'
  assert.deepEqual(elementsOf({ content, contentType: 'object_string' }), [
    { type: 'image', fileId: '7563957783431741441' },
    { type: 'text', text: 'what?' },
  ])
  assert.equal(textOf({ content, contentType: 'object_string' }), 'what?')
  assert.deepEqual(elementsOf({ content: '[1]', contentType: 'text' }), [{ type: 'text', text: '[1]' }])
})
