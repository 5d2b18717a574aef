import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { RoleType } from '@coze/api'
import { handbooks, pdfBytes } from '../../test-kit/documents.ts'
import { base64Document, cozeOf, datasetWith, publishedAgent, sourcesOf, transcriptOf } from '../../test-kit/sdk.ts'
import { startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Runs a command of snug and resolves to what it printed. */
const snug = async (args: string[], env: Record<string, string> = {}) =>
  (await promisify(execFile)(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...env } })).stdout

test('"snug token create" makes the token that the SDK needs, and a restart keeps all there is', async () => {
  await using folder = await temporaryFolder()
  await using first = await startServer({ home: folder.path })
  const account = ['--email', 'ann@example.org']
  const password = { SNUG_PASSWORD: 'a long enough secret' }
  const token = (await snug(['token', 'create', '--server', first.url, ...account], password)).trim()
  assert.match(token, /^pat_\w+$/)
  const before = cozeOf(first.url, token)
  const { workspaces } = await before.workspaces.list()
  const spaceId = workspaces[0]?.id ?? ''
  const { datasetId, documentIds } = await datasetWith(before, spaceId, [
    base64Document('handbook.pdf', await pdfBytes(handbooks.en.pages)),
  ])
  const botId = await publishedAgent(before, spaceId, [datasetId])
  const { ask, facts } = handbooks.en.questions[2] ?? { ask: '', facts: [] }
  const question = {
    bot_id: botId,
    user_id: 'u',
    additional_messages: [{ role: RoleType.User, content: ask, content_type: 'text' as const }],
  }
  const answered = await transcriptOf(before.chat.stream(question))
  const { conversation_id: conversationId, id: chatId } = answered.chat
  // Everything that can be asked for, without what differs by address or count.
  const seen = async (coze: typeof before) => ({
    me: await coze.users.me(),
    spaces: await coze.workspaces.list(),
    bot: await coze.bots.retrieveNew(botId),
    conversation: await coze.conversations.retrieve(conversationId),
    messages: await coze.conversations.messages.list(conversationId),
    chat: await coze.chat.retrieve(conversationId, chatId),
    written: await coze.chat.messages.list(conversationId, chatId),
    documents: (await coze.datasets.documents.list({ dataset_id: datasetId })).document_infos.map(
      ({ hit_count: _, ...document }) => document,
    ),
    progress: (await coze.datasets.process(datasetId, { document_ids: documentIds })).data.map(
      ({ url: _, ...document }) => document,
    ),
  })
  const kept = await seen(before)
  assert.equal(await first.end(), 0)

  await using second = await startServer({ home: folder.path })
  const after = cozeOf(second.url, token)
  assert.deepEqual(await seen(after), kept)
  const again = await transcriptOf(after.chat.stream({ ...question, conversation_id: conversationId }))
  assert.equal(again.answer, answered.answer)
  for (const fact of facts) assert.ok(again.answer.includes(fact), fact)
  assert.deepEqual(sourcesOf(again.messages), sourcesOf(answered.messages))
  const { data } = await after.datasets.process(datasetId, { document_ids: documentIds })
  assert.deepEqual(
    Buffer.from(await (await fetch(data[0]?.url ?? '')).arrayBuffer()).subarray(0, 5),
    Buffer.from('%PDF-'),
  )
  // the account is logged in to with the password, and gets another token
  const more = (await snug(['token', 'create', '--server', second.url, ...account], password)).trim()
  assert.notEqual(more, token)
  assert.equal((await cozeOf(second.url, more).users.me()).user_id, kept.me.user_id)
})
