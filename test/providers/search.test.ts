import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerUser } from '../../test-kit/account.ts'
import { runSnug } from '../../test-kit/cli.ts'
import { deploy, type External, textServer, withoutServers } from '../../test-kit/external.ts'
import { base64Document, cozeOf, datasetWith, publishedAgent, transcriptOf } from '../../test-kit/sdk.ts'
import { startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const servers: External = { search: textServer(), vector: 'milvus' }

test('text on one server, vectors on another: documents answer, also after "snug reindex" for another embedding', {
  skip: withoutServers(servers),
}, async () => {
  await using folder = await temporaryFolder()
  await using deployment = await deploy(servers)
  const env = { ...deployment.env, EMBEDDING_URI: 'hash:?dims=64' }
  const question = { role: 'user', content: 'Who counts the copper keys?', content_type: 'text' } as never
  let token = ''
  let botId = ''
  const answer = async (url: string): Promise<string> => {
    const chat = { bot_id: botId, user_id: 'u', additional_messages: [question] }
    return JSON.stringify(await transcriptOf(cozeOf(url, token).chat.stream(chat)))
  }
  {
    await using server = await startServer({ home: folder.path, env })
    const user = await registerUser(server.url, 'owner')
    token = user.token
    const coze = cozeOf(server.url, token)
    const documents = [
      base64Document('harbour.txt', 'The clerk Amalia counts the copper keys of the harbour.'),
      base64Document('hill.txt', 'Nobody lives on the hill but goats.'),
    ]
    const { datasetId } = await datasetWith(coze, user.spaceId, documents)
    botId = await publishedAgent(coze, user.spaceId, [datasetId])
    assert.match(await answer(server.url), /Amalia/)
    const { providers } = (await (await fetch(`${server.url}/readyz`)).json()) as { providers: Record<string, object> }
    assert.deepEqual(
      ['search', 'vector'].map((name) => providers[name] !== undefined),
      [true, true],
    )
    await server.end('SIGTERM')
  }
  const changed = { ...env, EMBEDDING_URI: 'hash:?dims=128' }
  const { code, stderr } = await runSnug(['reindex', '--lite'], { env: { ...changed, COZE_HOME: folder.path } })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /2 documents in 1 datasets/)
  await using server = await startServer({ home: folder.path, env: changed })
  assert.match(await answer(server.url), /Amalia/)
})
