import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ANN, BOB, type ChatKit, chatKit } from '../../../test-kit/chat.ts'
import { TEST_DB } from '../../../test-kit/db.ts'
import { AppError } from '../../base/errors.ts'
import type { Chat, ChatEvent, ChatRequest } from './types.ts'

const SLOW = 'scripted:?reply=word&chunks=100000&delay=5ms'
const withCode = (code: string) => (err: unknown) => err instanceof AppError && err.code === code

const request = (kit: ChatKit, change: Partial<ChatRequest> = {}): ChatRequest => ({
  agentId: kit.agentId,
  userRef: 'u',
  messages: [{ role: 'user', content: 'hello' }],
  ...change,
})

async function play(kit: ChatKit, change?: Partial<ChatRequest>): Promise<{ chat: Chat; events: ChatEvent[] }> {
  const events: ChatEvent[] = []
  const chat = await kit.chats.play(
    await kit.chats.start(ANN, request(kit, change)),
    (event) => void events.push(event),
  )
  return { chat, events }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    assert.ok(i < 1_000, 'it did not happen within 10 s')
    await sleep(10)
  }
}

const statusOf = async (kit: ChatKit, { conversationId, id }: Chat) =>
  (await kit.chats.get(ANN, conversationId, id)).status

/** Who recovers all running chats at its start is alone with its database. */
const SHARED = TEST_DB !== 'sqlite' && 'several processes may work on such a database'

test('when the final status is visible, all messages are', async () => {
  await using kit = await chatKit({ model: 'scripted:?reply=a%20b%20c' })
  for (let round = 0; round < 20; round++) {
    const { chat } = await kit.chats.startInBackground(ANN, request(kit))
    await until(async () => (await statusOf(kit, chat)) === 'completed')
    const messages = await kit.chats.messages(ANN, chat.conversationId, chat.id)
    assert.deepEqual(
      messages.map(({ type }) => type),
      ['answer', 'verbose'],
    )
  }
})

test('an answer is told to be complete only when it is stored', async () => {
  for (const mode of ['disable', 'enable'] as const) {
    await using kit = await chatKit({ config: { suggestions: { mode, prompt: '' } } })
    const run = await kit.chats.start(ANN, request(kit))
    let seen = 0
    await kit.chats.play(run, async (event) => {
      if (event.type !== 'message') return
      seen++
      const stored = await kit.chats.messages(ANN, run.chat.conversationId, run.chat.id)
      assert.ok(stored.some(({ id }) => id === event.message.id))
    })
    assert.ok(seen >= 2)
  }
})

test('what a chat is asked is stored before it is accepted', async () => {
  await using kit = await chatKit()
  const run = await kit.chats.start(ANN, request(kit))
  const { messages } = await kit.conversations.listMessages(ANN, run.chat.conversationId, { order: 'asc', limit: 50 })
  assert.deepEqual(
    messages.map(({ content }) => content),
    ['hello'],
  )
})

test('of many chats that start together in one conversation, one runs', async () => {
  await using kit = await chatKit()
  const { id: conversationId } = await kit.conversations.create(ANN, {})
  const starts = await Promise.allSettled(
    Array.from({ length: 20 }, () => kit.chats.start(ANN, request(kit, { conversationId }))),
  )
  const refused = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason] : []))
  assert.equal(refused.length, 19)
  for (const err of refused) assert.equal(err.details.reason, 'chat_in_progress')
  const { messages } = await kit.conversations.listMessages(ANN, conversationId, { order: 'asc', limit: 50 })
  assert.equal(messages.length, 1)
})

test('another process cancels through the database', async () => {
  await using kit = await chatKit({ model: SLOW })
  await using other = await kit.another()
  const { chat } = await kit.chats.startInBackground(ANN, request(kit))
  const canceled = await other.chats.cancel(ANN, chat.conversationId, chat.id)
  assert.equal(canceled.status, 'canceled')
  await assert.rejects(other.chats.cancel(ANN, chat.conversationId, chat.id), withCode('failed_precondition'))
  // The conversation is free at once, and the canceled run does not write into it any more.
  const next = await kit.chats.start(ANN, request(kit, { conversationId: chat.conversationId }))
  assert.equal(await statusOf(kit, chat), 'canceled')
  await kit.chats.cancel(ANN, next.chat.conversationId, next.chat.id)
  await until(async () => kit.chats.running === 0)
  assert.deepEqual(await kit.chats.messages(ANN, chat.conversationId, chat.id), [])
})

test('a chat that a crash left running fails at the next start and frees its conversation', {
  skip: SHARED,
}, async () => {
  await using kit = await chatKit()
  const run = await kit.chats.start(ANN, request(kit))
  await using restarted = await kit.another()
  assert.equal(await restarted.chats.recover(), 1)
  const chat = await restarted.chats.get(ANN, run.chat.conversationId, run.chat.id)
  assert.equal(chat.status, 'failed')
  assert.match(chat.error.message, /server stopped/)
  assert.ok(chat.failedAtMs !== null)
  await restarted.chats.start(ANN, request(kit, { conversationId: chat.conversationId }))
  assert.equal(await restarted.chats.recover(), 1, 'recover leaves ended chats alone')
})

test('a conversation held by a chat too old to be alive is taken over', async () => {
  await using kit = await chatKit()
  const { chat } = await kit.chats.start(ANN, request(kit))
  await kit.database.db.updateTable('chat').set({ alive_at_ms: 1 }).where('id', '=', chat.id).execute()
  await using other = await kit.another()
  await other.chats.start(ANN, request(kit, { conversationId: chat.conversationId }))
  assert.equal(await statusOf(other, chat), 'failed')
})

test('with several processes a chat is failed when the one that runs it falls silent, and only then', async () => {
  const shared = true
  await using kit = await chatKit({ model: SLOW, shared })
  const { chat } = await kit.chats.startInBackground(ANN, request(kit))
  const born = chat.createdAtMs
  await until(async () => {
    const row = kit.database.db.selectFrom('chat').select('alive_at_ms').where('id', '=', chat.id)
    return (await row.executeTakeFirstOrThrow()).alive_at_ms > born
  })
  const next = { conversationId: chat.conversationId }
  await using other = await kit.another({ shared })
  assert.equal(await other.chats.recover(), 0)
  await assert.rejects(other.chats.start(ANN, request(kit, next)), { code: 'conflict' })
  await using later = await kit.another({ shared, clock: () => Date.now() + 40_000 })
  const taken = await later.chats.start(ANN, request(kit, next))
  assert.equal(await statusOf(later, chat), 'failed')
  await later.chats.cancel(ANN, taken.chat.conversationId, taken.chat.id)
  await until(async () => kit.chats.running === 0)
})

test('deleting a conversation ends its chat and leaves nothing of it', async () => {
  await using kit = await chatKit({ model: SLOW })
  const { chat } = await kit.chats.startInBackground(ANN, request(kit))
  await kit.conversations.delete(ANN, chat.conversationId)
  await until(async () => kit.chats.running === 0)
  for (const table of ['conversation', 'chat', 'message'] as const)
    assert.deepEqual(await kit.database.db.selectFrom(table).select('id').execute(), [], table)
})

test('draining lets chats end, then fails the late ones and takes no more', async () => {
  await using kit = await chatKit({ model: 'scripted:?reply=quick' })
  const quick = (await kit.chats.startInBackground(ANN, request(kit))).chat
  await kit.chats.drain(5_000)
  assert.equal(await statusOf(kit, quick), 'completed')
  await assert.rejects(kit.chats.start(ANN, request(kit)), withCode('closed'))

  await using slow = await kit.another({ model: SLOW })
  const late = (await slow.chats.startInBackground(ANN, request(kit))).chat
  await sleep(30)
  await slow.chats.drain(20)
  const ended = await kit.chats.get(ANN, late.conversationId, late.id)
  assert.equal(ended.status, 'failed')
  assert.match(ended.error.message, /shutting down/)
})

test('a listener that hangs holds up nobody: the chat can be canceled and its conversation goes on', async () => {
  await using kit = await chatKit({ model: 'scripted:?reply=a%20b' })
  const run = await kit.chats.start(ANN, request(kit))
  const { promise: stuck, resolve: release } = Promise.withResolvers<void>()
  const playing = kit.chats.play(run, (event) => (event.type === 'delta' ? stuck : undefined))
  await sleep(20)
  const canceled = await kit.chats.cancel(ANN, run.chat.conversationId, run.chat.id)
  assert.equal(canceled.status, 'canceled')
  await kit.chats.start(ANN, request(kit, { conversationId: run.chat.conversationId }))
  release()
  assert.equal((await playing).status, 'canceled')
})

test('a listener that fails cancels the chat', async () => {
  await using kit = await chatKit()
  const run = await kit.chats.start(ANN, request(kit))
  const chat = await kit.chats.play(run, (event) => {
    if (event.type === 'delta') throw new AppError('canceled', 'gone')
  })
  assert.equal(chat.status, 'canceled')
})

test('a model whose vendor lets nothing through fails the chat in words; what came before the filter is an answer', async () => {
  await using kit = await chatKit({ model: 'scripted:?reply=&finish=content_filter' })
  const { chat } = await play(kit)
  assert.equal(chat.status, 'failed')
  assert.match(chat.error.message, /filter.*other words/)
  await using other = await chatKit({ model: 'scripted:?reply=half%20of&finish=content_filter' })
  assert.equal((await play(other)).chat.status, 'completed')
})

test('an unexpected failure tells the user nothing of its inside, and is reported', async () => {
  const reported: unknown[] = []
  await using kit = await chatKit({
    warn: (err) => reported.push(err),
  })
  kit.library.datasets.set('5', { name: 'x', spaceId: '201' })
  kit.library.knowledge.recall = async () => {
    throw new Error('password=hunter2')
  }
  await kit.agents.update(ANN, kit.agentId, { config: { knowledge: { datasetIds: ['5'] } } })
  await kit.agents.publish(ANN, kit.agentId)
  const { chat } = await play(kit)
  assert.deepEqual([chat.status, chat.error], ['failed', { code: 5000, message: 'internal error' }])
  assert.equal(reported.length, 1)
})

test('knowledge is looked up only when the agent says so, and its absence is told apart from no match', async () => {
  const model = 'extractive:'
  await using kit = await chatKit({ model })
  const answer = async () => {
    await kit.agents.publish(ANN, kit.agentId)
    const { events } = await play(kit)
    return events.flatMap((e) => (e.type === 'message' ? [e.message] : []))
  }
  assert.equal((await answer()).filter(({ type }) => type === 'verbose').length, 1, 'no knowledge, no recall')
  kit.library.datasets.set('5', { name: 'x', spaceId: '201' })
  await kit.agents.update(ANN, kit.agentId, { config: { knowledge: { datasetIds: ['5'], autoCall: false } } })
  await answer()
  assert.equal(kit.library.recalls.length, 0)
  await kit.agents.update(ANN, kit.agentId, { config: { knowledge: { autoCall: true } } })
  const [recall] = await answer()
  assert.equal(kit.library.recalls.length, 1)
  assert.deepEqual(JSON.parse(JSON.parse(recall?.content ?? '').data).chunks, [])
})

test('suggestions that cannot be made do not spoil the answer', async () => {
  const model = 'scripted:?reply=yes&fail=unavailable&fail_times=0'
  await using kit = await chatKit({ model, config: { suggestions: { mode: 'enable' } } })
  const { chat, events } = await play(kit)
  assert.equal(chat.status, 'completed')
  const types = events.flatMap((e) => (e.type === 'message' ? [e.message.type] : []))
  assert.deepEqual(types, ['answer', 'verbose', 'follow_up'])
})

test('a document is attached by its words, and says so when it cannot be read', async () => {
  const parser = {
    parse: async (data: Uint8Array) => {
      if (data.length < 5) throw new AppError('corrupt', 'this is not a PDF')
      return { blocks: [{ kind: 'text' as const, text: 'the words' }], warnings: [], charCount: 9 }
    },
  }
  await using kit = await chatKit({ model: 'scripted:', parser })
  const good = kit.library.addFile(ANN, '7001', 'a.pdf', 'application/pdf', '%PDF-1.7')
  const bad = kit.library.addFile(ANN, '7002', 'b.pdf', 'application/pdf', 'no')
  const content = JSON.stringify([good, bad].map((file_id) => ({ type: 'file', file_id })))
  const { events } = await play(kit, {
    messages: [
      { role: 'user', content, contentType: 'object_string' },
      { role: 'user', content: 'what?' },
    ],
  })
  const answer = events.flatMap((e) => (e.type === 'message' && e.message.type === 'answer' ? [e.message.content] : []))
  assert.match(answer[0] ?? '', /\[File "a\.pdf"\]\nthe words/)
  assert.match(answer[0] ?? '', /"b\.pdf", which could not be read: this is not a PDF/)
})

test('the files of someone else cannot be attached', async () => {
  await using kit = await chatKit()
  const file = kit.library.addFile(BOB, '7009', 'x.txt', 'text/plain', 'secret')
  const content = JSON.stringify([{ type: 'file', file_id: file }])
  const messages = [{ role: 'user' as const, content, contentType: 'object_string' as const }]
  await assert.rejects(kit.chats.start(ANN, request(kit, { messages })), withCode('not_found'))
})

test('a database that fails at the end fails the chat as soon as it is back, and frees the conversation', async () => {
  await using kit = await chatKit()
  const { database } = kit
  const run = await kit.chats.start(ANN, request(kit))
  const { transaction } = database
  database.transaction = async () => {
    database.transaction = transaction
    throw new AppError('resource_exhausted', 'the disk is full')
  }
  const chat = await kit.chats.play(run, () => undefined)
  assert.deepEqual([chat.status, chat.error.message], ['failed', 'the disk is full'])
  assert.equal(await statusOf(kit, chat), 'failed')
  await kit.chats.start(ANN, request(kit, { conversationId: chat.conversationId }))
})

test('a database that stays away holds up no listener; the chat is failed in it once it is back', async () => {
  await using kit = await chatKit()
  const { db } = kit.database
  const run = await kit.chats.start(ANN, request(kit))
  await db.schema.alterTable('chat').renameTo('away').execute()
  const statuses: string[] = []
  const chat = await kit.chats.play(run, (event) => {
    if (event.type === 'chat') statuses.push(event.chat.status)
  })
  assert.deepEqual([chat.status, statuses.at(-1)], ['failed', 'failed'])
  await db.schema.alterTable('away').renameTo('chat').execute()
  while ((await statusOf(kit, chat)) !== 'failed') await new Promise((resolve) => setTimeout(resolve, 10))
  await kit.chats.start(ANN, request(kit, { conversationId: chat.conversationId }))
})

test('an answer that takes too long ends as failed', async () => {
  let nowMs = Date.now()
  await using kit = await chatKit({ model: SLOW, clock: () => nowMs })
  const { chat } = await kit.chats.startInBackground(ANN, request(kit))
  nowMs += 11 * 60_000
  await until(async () => kit.chats.running === 0)
  const ended = await kit.chats.get(ANN, chat.conversationId, chat.id)
  assert.deepEqual([ended.status, ended.error.message], ['failed', 'the answer took too long'])
})

test('variables cannot blow the prompt up', async () => {
  await using kit = await chatKit({ config: { prompt: '{{a}}'.repeat(20_000) } })
  const { chat } = await play(kit, { variables: { a: 'x'.repeat(20_000) } })
  assert.equal(chat.status, 'failed')
  assert.equal(chat.error.code, 4000)
})

test('a hundred chats run side by side', async () => {
  await using kit = await chatKit({ model: 'scripted:?reply=word&chunks=20' })
  const chats = await Promise.all(Array.from({ length: 100 }, () => play(kit)))
  for (const { chat, events } of chats) {
    assert.equal(chat.status, 'completed')
    assert.equal(events.filter(({ type }) => type === 'delta').length, 20)
  }
})
