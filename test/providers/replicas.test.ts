import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CreateChatData } from '@coze/api'
import { withoutServers } from '../../test-kit/external.ts'
import { type Replicas, startReplicas } from '../../test-kit/replicas.ts'
import {
  base64Document,
  cozeOf,
  datasetWith,
  indexed,
  publishedAgent,
  transcriptOf,
  until,
} from '../../test-kit/sdk.ts'
import { SETS } from '../../test-kit/sets.ts'

const SLOW = { env: { MODEL_URI: 'scripted:?delay=50ms&chunks=400', SHUTDOWN_GRACE: '2s' } }
const question = (botId: string, content = 'For ever?', conversationId?: string) => ({
  bot_id: botId,
  user_id: 'u',
  ...(conversationId === undefined ? {} : { conversation_id: conversationId }),
  additional_messages: [{ role: 'user', content, content_type: 'text' } as never],
})
const books = (count: number, words = 40) =>
  Array.from({ length: count }, (_, i) => {
    const parts = Array.from({ length: words }, (_, n) => `Book ${i}, part ${n}: the clerk counts copper keys.`)
    return base64Document(`book ${i}.txt`, parts.join('\n\n'))
  })

/** The chat of a stream as soon as it has one; the stream is read on in the background. */
async function begun(stream: AsyncIterable<{ event: string; data: unknown }>): Promise<CreateChatData> {
  const { promise, resolve, reject } = Promise.withResolvers<CreateChatData>()
  const read = async () => {
    for await (const { event, data } of stream)
      if (event === 'conversation.chat.in_progress') resolve(data as CreateChatData)
  }
  read().catch(reject) // a killed server breaks it off; by then it has begun
  return promise
}

const both = ({ servers, user }: Replicas) => servers.map(({ url }) => cozeOf(url, user.token))

for (const [name, choice] of Object.entries(SETS)) {
  const options = { skip: withoutServers(choice), timeout: 600_000 }

  test(`${name}: a session, a document and a chat of one process are those of the other`, options, async () => {
    await using replicas = await startReplicas(choice, [SLOW, SLOW])
    const { user, coze, servers } = replicas
    const [first, second] = both(replicas)
    assert.ok(first !== undefined && second !== undefined)
    for (const { url } of servers) {
      const answer = await fetch(`${url}/api/passport/account/info/v2/`, {
        method: 'POST',
        headers: { cookie: user.cookie },
      })
      assert.equal(answer.status, 200)
    }

    const { datasetId, documentIds } = await datasetWith(coze, user.spaceId, books(8))
    for (const one of [first, second]) {
      const { total, document_infos } = await one.datasets.documents.list({
        dataset_id: datasetId,
        page: 1,
        page_size: 50,
      })
      assert.equal(total, documentIds.length)
      assert.deepEqual(new Set(document_infos.map(({ document_id }) => document_id)), new Set(documentIds))
    }

    const botId = await publishedAgent(coze, user.spaceId, [datasetId])
    const chat = await begun(first.chat.stream(question(botId)))
    const { conversation_id: conversationId, id: chatId } = chat
    assert.equal((await second.chat.retrieve(conversationId, chatId)).status, 'in_progress')
    assert.equal((await second.chat.cancel(conversationId, chatId)).status, 'canceled')
    await until(
      () => first.chat.retrieve(conversationId, chatId),
      ({ status }) => status === 'canceled',
    )
    const { data: messages } = await second.conversations.messages.list(conversationId)
    assert.deepEqual(
      messages.map(({ content }) => content),
      ['For ever?'],
    )

    const ids = (
      await Promise.all(
        Array.from({ length: 60 }, (_, i) => coze.bots.create({ space_id: user.spaceId, name: `agent ${i}` })),
      )
    ).map(({ bot_id }) => bot_id)
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(
      servers.every(({ url }) => (replicas.proxy.answered.get(url) ?? 0) > 20),
      'one process did all the work',
    )
  })

  test(`${name}: killing one of two processes loses nothing that was accepted`, options, async () => {
    await using replicas = await startReplicas(choice, [SLOW, SLOW])
    const { user, coze, servers, proxy } = replicas
    const [doomed, survivor] = both(replicas)
    assert.ok(doomed !== undefined && survivor !== undefined)
    const botId = await publishedAgent(coze, user.spaceId)
    const chat = await begun(doomed.chat.stream(question(botId)))
    const { dataset_id: datasetId } = await coze.datasets.create({ name: 'x', space_id: user.spaceId, format_type: 0 })
    const bases = books(20, 200)
    const made = await Promise.all(
      bases.map((base) => coze.datasets.documents.create({ dataset_id: datasetId, document_bases: [base] })),
    )
    const documentIds = made.flat().map(({ document_id }) => document_id)
    await servers[0]?.end('SIGKILL')
    proxy.setTargets([servers[1]?.url ?? ''])

    const look = async () => {
      const pages = [documentIds.slice(0, 10), documentIds.slice(10)]
      const answers = pages.map((ids) => survivor.datasets.process(datasetId, { document_ids: ids }))
      return (await Promise.all(answers)).flatMap(({ data }) => data)
    }
    const states = await until(look, (all) => all.every(({ status }) => status === 1), 150_000)
    assert.equal(states.length, documentIds.length)
    const { document_infos } = await survivor.datasets.documents.list({ dataset_id: datasetId, page: 1, page_size: 50 })
    assert.equal(document_infos.length, documentIds.length)
    assert.equal(new Set(document_infos.map(({ slice_count }) => slice_count)).size, 1, 'a document has chunks twice')

    const { conversation_id: conversationId, id: chatId } = chat
    const failed = await until(
      () => survivor.chat.retrieve(conversationId, chatId),
      ({ status }) => status !== 'in_progress',
      60_000,
    )
    assert.equal(failed.status, 'failed')
    const again = await begun(survivor.chat.stream(question(botId, 'Again?', conversationId)))
    await survivor.chat.cancel(again.conversation_id, again.id)
  })

  test(`${name}: the api and the worker run apart`, options, async () => {
    const roles = ['api', 'worker'].map((SNUG_ROLE) => ({ env: { SNUG_ROLE } }))
    await using replicas = await startReplicas(choice, [roles[0] ?? {}])
    const { user, coze, start } = replicas
    const { dataset_id: datasetId } = await coze.datasets.create({ name: 'x', space_id: user.spaceId, format_type: 0 })
    const made = await coze.datasets.documents.create({ dataset_id: datasetId, document_bases: books(2) })
    const ids = made.map(({ document_id }) => document_id)
    await sleep(1_500)
    const { data: waiting } = await coze.datasets.process(datasetId, { document_ids: ids })
    assert.deepEqual(
      waiting.map(({ status }) => status),
      [0, 0],
      'somebody does the work of a worker',
    )
    const worker = await start(roles[1])
    assert.deepEqual(
      (await indexed(coze, datasetId, ids)).map(({ status }) => status),
      [1, 1],
    )
    assert.equal((await fetch(`${worker.url}/readyz`)).status, 200)
    assert.equal((await fetch(`${worker.url}/v1/workspaces`)).status, 404)
  })

  test(`${name}: a rolling restart under load fails no request`, options, async () => {
    const quick = { env: { MODEL_URI: 'scripted:?reply=quick', SHUTDOWN_DELAY: '3s' } }
    await using replicas = await startReplicas(choice, [quick, quick])
    const { user, coze, proxy, start } = replicas
    const botId = await publishedAgent(coze, user.spaceId)
    const failures: unknown[] = []
    const names: string[] = []
    let isOver = false
    const client = async (n: number) => {
      for (let i = 0; !isOver; i++) {
        try {
          const conversation = await coze.conversations.create({ bot_id: botId })
          names.push(conversation.id)
          const { answer, chat } = await transcriptOf(coze.chat.stream(question(botId, `${n}/${i}`, conversation.id)))
          assert.equal(answer, 'quick', JSON.stringify(chat))
        } catch (err) {
          failures.push(err)
        }
        await sleep(200)
      }
    }
    const load = Array.from({ length: 4 }, (_, n) => client(n))
    let alive = [...replicas.servers]
    for (const old of alive) {
      alive = [...alive.filter((one) => one !== old), await start(quick)]
      proxy.setTargets([...alive, old].map(({ url }) => url))
      await sleep(500)
      assert.equal(await old.end('SIGTERM'), 0)
      proxy.setTargets(alive.map(({ url }) => url))
    }
    isOver = true
    await Promise.all(load)
    assert.deepEqual(failures, [])
    assert.ok(names.length > 20, `only ${names.length} rounds`)
    for (const id of names.slice(-10)) assert.equal((await coze.conversations.retrieve(id)).id, id)
  })
}
