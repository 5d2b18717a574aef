import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { contradictions } from '../../test-kit/crash/inspect.ts'
import {
  base64Document,
  cozeOf,
  datasetWith,
  indexed,
  publishedAgent,
  startSdkWorld,
  transcriptOf,
} from '../../test-kit/sdk.ts'
import { spawnServer, startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const DISK_MIB = 48

/** A disk of its own, or why there is none. */
function mountDisk(path: string): (() => void) | string {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', path], { stdio: 'pipe' })
    return () => void execFileSync('umount', ['-l', path])
  } catch (err) {
    return `no file system can be mounted here: ${String(err).split('\n')[0]}`
  }
}

/** Takes all the room there is, to the last byte. Call the result to give it back. */
function fill(path: string): () => void {
  const file = join(path, 'filler')
  const handle = openSync(file, 'w')
  for (const size of [1024 ** 2, 4096, 1]) {
    try {
      for (;;) if (writeSync(handle, Buffer.alloc(size)) < size) break
    } catch {
      // full for pieces of this size
    }
  }
  closeSync(handle)
  return () => rmSync(file)
}

type Answer = { status: number; body: { code: number; msg: string; data?: { id?: string; dataset_id?: string } } }

test('on a full disk writes are refused in words, reads go on, nothing that was answered is lost, and room is enough to recover', async (t) => {
  await using folder = await temporaryFolder()
  const unmount = mountDisk(folder.path)
  if (typeof unmount === 'string') return t.skip(unmount)
  try {
    const env = { MODEL_URI: 'scripted:?delay=20ms&chunks=50' }
    await using world = await startSdkWorld({ home: folder.path, env })
    const { server, coze, user } = world
    const facts = base64Document('keys.txt', 'Copper keys are kept in bay seven.')
    const { datasetId } = await datasetWith(coze, user.spaceId, [facts])
    const botId = await publishedAgent(coze, user.spaceId, [datasetId])
    const { id: conversationId } = await coze.conversations.create({ bot_id: botId })
    const question = (content: string) => {
      const message = { role: 'user', content, content_type: 'text' } as never
      return { bot_id: botId, user_id: 'u', conversation_id: conversationId, additional_messages: [message] }
    }
    const send = async (method: string, path: string, body?: object | FormData): Promise<Answer> => {
      const isForm = body instanceof FormData
      const headers = {
        authorization: `Bearer ${user.token}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      }
      const content = isForm ? body : body && JSON.stringify(body)
      const answer = await fetch(server.url + path, {
        method,
        headers,
        ...(content === undefined ? {} : { body: content }),
      })
      return { status: answer.status, body: (await answer.json()) as Answer['body'] }
    }
    const upload = (bytes: number) => {
      const form = new FormData()
      form.append('file', new File([Buffer.alloc(bytes, 'x')], 'x.txt'))
      return send('POST', '/v1/files/upload', form)
    }
    const dataset = (name: string) => send('POST', '/v1/datasets', { name, space_id: user.spaceId, format_type: 0 })

    const answering = transcriptOf(coze.chat.stream(question('What happens now?')))
    await sleep(150)
    const free = fill(folder.path)
    const answers: Answer[] = []
    const files: string[] = []
    const datasets: string[] = []
    for (let i = 0; i < 40; i++) {
      const made = await dataset(`full ${i} ${'x'.repeat(60)}`)
      if (made.body.data?.dataset_id !== undefined) datasets.push(made.body.data.dataset_id)
      const uploaded = await upload(i % 2 === 0 ? 10 : 100_000)
      if (uploaded.body.data?.id !== undefined) files.push(uploaded.body.data.id)
      answers.push(made, uploaded)
    }
    const text = { name: 'late.txt', source_info: { document_source: 2, custom_content: 'Late. '.repeat(20_000) } }
    const body = { dataset_id: datasetId, document_bases: [text], chunk_strategy: { chunk_type: 0 } }
    answers.push(await send('POST', '/open_api/knowledge/document/create', body))
    answers.push(await send('POST', '/v3/chat', { ...question('And now?'), conversation_id: undefined, stream: true }))
    const refused = answers.filter(({ status }) => status !== 200)
    assert.ok(refused.length > 20, `${refused.length} of ${answers.length} were refused`)
    for (const { status, body } of refused) {
      assert.deepEqual([status, body.code], [507, 5000], JSON.stringify(body))
      assert.match(body.msg, /no room is left/)
    }
    const cut = await answering
    assert.equal(cut.events.at(-1)?.event, 'done')
    assert.match(cut.chat.status, /^(completed|failed)$/)
    assert.equal((await send('GET', '/v1/users/me')).status, 200)
    assert.equal((await send('GET', `/v1/bots/${botId}`)).status, 200)

    free()
    assert.equal((await upload(100_000)).status, 200)
    assert.equal((await dataset('after')).status, 200)
    for (const id of files) assert.equal((await send('GET', `/v1/files/retrieve?file_id=${id}`)).status, 200)
    const listed = await coze.datasets.list({ space_id: user.spaceId, page_size: 300 } as never)
    const names = new Set(listed.dataset_list.map((one) => one.dataset_id))
    for (const id of datasets) assert.ok(names.has(id), `dataset ${id} was answered and is not there`)
    const more = await coze.datasets.documents.create({
      dataset_id: datasetId,
      document_bases: [base64Document('more.txt', 'The ferry leaves at nine.')],
    })
    const { document_infos: all } = await coze.datasets.documents.list({
      dataset_id: datasetId,
      page_size: 50,
    } as never)
    const ids = [...new Set([...all, ...more].map((one) => one.document_id))]
    const states = await indexed(coze, datasetId, ids)
    assert.deepEqual([...new Set(states.map(({ status }) => status))], [1])
    const again = await takesChat(() => transcriptOf(coze.chat.stream(question('Does it go on?'))))
    assert.equal(again.chat.status, 'completed')
    assert.equal(await server.end(), 0)
    assert.deepEqual(await contradictions(folder.path, new Map()), [])
  } finally {
    unmount()
  }
})

/** A chat that could not be stored as failed while the disk was full is stored a moment later. */
async function takesChat<T>(chat: () => Promise<T>): Promise<T> {
  for (let left = 40; ; left--) {
    try {
      return await chat()
    } catch (err) {
      if (left === 0 || (err as { status?: number }).status !== 400) throw err
      await sleep(100)
    }
  }
}

test('a server that cannot start on a full disk says so, and starts with all its data once there is room', async (t) => {
  await using folder = await temporaryFolder()
  const unmount = mountDisk(folder.path)
  if (typeof unmount === 'string') return t.skip(unmount)
  try {
    await using world = await startSdkWorld({ home: folder.path })
    const { server, coze, user } = world
    const { datasetId } = await datasetWith(coze, user.spaceId, [base64Document('keys.txt', 'Copper keys.')])
    const free = fill(folder.path)
    await server.end('SIGKILL')
    await using stuck = spawnServer({ home: folder.path })
    const code = await Promise.race([stuck.ended, stuck.ready()]).catch(() => stuck.ended)
    assert.equal(code, 1, stuck.output())
    assert.match(stuck.output(), /no room is left|no space left|disk is full/i)
    free()
    await using next = await startServer({ home: folder.path })
    const { document_infos } = await cozeOf(next.url, user.token).datasets.documents.list({ dataset_id: datasetId })
    assert.deepEqual(
      document_infos.map(({ name }) => name),
      ['keys.txt'],
    )
    assert.equal(await next.end(), 0)
    assert.deepEqual(await contradictions(folder.path, new Map()), [])
  } finally {
    unmount()
  }
})
