import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { publishedAgent, startSdkWorld, transcriptOf } from '../../test-kit/sdk.ts'

const PRELOAD = new URL('../../test-kit/loaded-packages.ts', import.meta.url).href
/** What only a provider beside the server needs. */
const EXTERNAL = /^(@ai-sdk\/|@aws-sdk\/|@smithy\/|@elastic\/|@nats-io\/|@zilliz\/|@grpc\/|ioredis$|mysql2$|pg$|pg-)/

test('a server in lite mode that has answered a question has loaded no client of a service', async () => {
  const installed = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies)
  assert.ok(installed.filter((name) => EXTERNAL.test(name)).length > 5)
  await using world = await startSdkWorld({ env: { NODE_OPTIONS: `--import ${PRELOAD}` } })
  const { server, coze, user } = world
  const question = { role: 'user', content: 'Hello?', content_type: 'text' } as never
  const bot_id = await publishedAgent(coze, user.spaceId)
  const { chat } = await transcriptOf(coze.chat.stream({ bot_id, user_id: 'u', additional_messages: [question] }))
  assert.equal(chat.status, 'completed')
  assert.equal(await server.end(), 0)
  const loaded = /^loaded: (.*)$/m.exec(server.output())?.[1]?.split(' ') ?? []
  assert.ok(loaded.includes('fastify'), server.output())
  assert.deepEqual(
    loaded.filter((name) => EXTERNAL.test(name)),
    [],
  )
})
