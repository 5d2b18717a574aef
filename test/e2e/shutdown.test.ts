import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { RoleType } from '@coze/api'
import { assertWhole } from '../../test-kit/refusal.ts'
import { base64Document, publishedAgent, startSdkWorld, transcriptOf } from '../../test-kit/sdk.ts'
import { storedRows } from '../../test-kit/stored.ts'

const MIB = 1024 ** 2

/** A connection that sends this much of a request and then says nothing more. */
async function stall(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.write(text, resolve))
  return socket
}

test('SIGTERM lets a running chat finish, whoever else hangs on, and ends with 0', async () => {
  const env = { MODEL_URI: 'scripted:?delay=20ms&chunks=80', SHUTDOWN_GRACE: '6s' }
  await using world = await startSdkWorld({ env })
  const { server, coze, user } = world
  const botId = await publishedAgent(coze, user.spaceId)
  const { dataset_id: datasetId } = await coze.datasets.create({ name: 'x', space_id: user.spaceId, format_type: 0 })
  const question = { role: RoleType.User, content: 'What is still running?', content_type: 'text' as const }
  const request = { bot_id: botId, user_id: 'u', additional_messages: [question] }

  const auth = `host: x\r\nauthorization: Bearer ${user.token}\r\n`
  const form = `content-type: multipart/form-data; boundary=b\r\ncontent-length: ${50 * MIB}\r\n\r\n`
  const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
  const idle = [
    await stall(server.url, ''),
    await stall(server.url, 'GET /v1/users/me HTTP/1.1\r\nhost:'),
    await stall(server.url, `POST /v1/files/upload HTTP/1.1\r\n${auth}${form}${part}${'x'.repeat(MIB)}`),
    await stall(server.url, `POST /v3/chat HTTP/1.1\r\n${auth}content-length: 1000\r\n\r\n{"bot_id":`),
    await stall(server.url, `GET /v1/users/me HTTP/1.1\r\n${auth}\r\n`),
  ]
  const answering = transcriptOf(coze.chat.stream(request))
  const texts = Array.from({ length: 5 }, (_, i) => base64Document(`${i}.txt`, `Text number ${i}. `.repeat(2_000)))
  await coze.datasets.documents.create({ dataset_id: datasetId, document_bases: texts })
  const started = performance.now()
  const ended = server.end('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 200))
  await assert.rejects(fetch(`${server.url}/healthz`), 'new connections are refused')

  const { deltas, answer, chat, events } = await answering
  assert.equal(chat.status, 'completed')
  assert.equal(deltas, answer)
  assert.equal(events.at(-1)?.event, 'done')
  assert.equal(await ended, 0)
  const tookMs = performance.now() - started
  assert.ok(tookMs < 10_000, `${Math.round(tookMs)} ms`)
  for (const socket of idle) socket.destroy()
  assert.doesNotMatch(server.output(), /"level":[56]0/)
  await assertWhole(server.home)
  const { chat: chats = [], file = [] } = storedRows(server.home)
  assert.deepEqual([chats.map((row) => row.status), file.length], [['completed'], 0])
})

test('a chat that takes longer than the grace is failed in words, and the process ends all the same', async () => {
  const env = { MODEL_URI: 'scripted:?delay=50ms&chunks=2000', SHUTDOWN_GRACE: '500ms' }
  await using world = await startSdkWorld({ env })
  const { server, coze, user } = world
  const botId = await publishedAgent(coze, user.spaceId)
  const question = { role: RoleType.User, content: 'For ever?', content_type: 'text' as const }
  const answering = transcriptOf(coze.chat.stream({ bot_id: botId, user_id: 'u', additional_messages: [question] }))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const started = performance.now()
  const ended = server.end('SIGTERM')
  const { chat, events } = await answering
  assert.equal(chat.status, 'failed')
  assert.match(chat.last_error?.msg ?? '', /shut|stop/i)
  assert.equal(events.at(-1)?.event, 'done')
  assert.equal(await ended, 0)
  assert.ok(performance.now() - started < 5_000)
})
