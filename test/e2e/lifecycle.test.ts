import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runSnug } from '../../test-kit/cli.ts'
import { Api } from '../../test-kit/crash/api.ts'
import { contradictions, readTables } from '../../test-kit/crash/inspect.ts'
import {
  base64Document,
  cozeOf,
  datasetWith,
  indexed,
  publishedAgent,
  sourcesOf,
  startSdkWorld,
  transcriptOf,
} from '../../test-kit/sdk.ts'
import { spawnServer, startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const PRELOAD = new URL('../../test-kit/without-duckdb.ts', import.meta.url).href
const SERVE = ['serve', '--lite', '--listen', '127.0.0.1:0']
const ask = (botId: string, content: string) => {
  const question = { role: 'user', content, content_type: 'text' } as never
  return { bot_id: botId, user_id: 'u', additional_messages: [question] }
}
const books = (count: number, paragraphs: number) =>
  Array.from({ length: count }, (_, i) => {
    const paragraph = (n: number) =>
      `Book ${i}, part ${n}. ${'The clerks count the copper keys of the harbour. '.repeat(18)}`
    return base64Document(`book ${i}.txt`, Array.from({ length: paragraphs }, (_, n) => paragraph(n)).join('\n\n'))
  })

test('with the default settings SIGTERM ends everything within 10 s', async () => {
  await using world = await startSdkWorld({ env: { MODEL_URI: 'scripted:?delay=50ms&chunks=2000' } })
  const { server, coze, user } = world
  const botId = await publishedAgent(coze, user.spaceId)
  const answering = transcriptOf(coze.chat.stream(ask(botId, 'For ever?')))
  await sleep(100)
  const startedAtMs = performance.now()
  const ended = server.end('SIGTERM')
  const { chat, events } = await answering
  assert.deepEqual([chat.status, events.at(-1)?.event], ['failed', 'done'])
  assert.equal(await ended, 0)
  const tookMs = performance.now() - startedAtMs
  assert.ok(tookMs < 10_000, `${Math.round(tookMs)} ms`)
})

test('indexing that SIGTERM interrupts goes on at the next start', async () => {
  await using folder = await temporaryFolder()
  await using world = await startSdkWorld({ home: folder.path, env: { SHUTDOWN_GRACE: '50ms' } })
  const { server, coze, user } = world
  const { dataset_id: datasetId } = await coze.datasets.create({ name: 'x', space_id: user.spaceId, format_type: 0 })
  const made = await coze.datasets.documents.create({ dataset_id: datasetId, document_bases: books(3, 300) })
  const documentIds = made.map((document) => document.document_id)
  await sleep(200)
  assert.equal(await server.end('SIGTERM'), 0)
  assert.doesNotMatch(server.output(), /"level":[56]0/)
  const tables = readTables(folder.path)
  assert.ok(tables.count('SELECT count(*) FROM outbox WHERE dead_reason IS NULL') > 0, 'nothing was interrupted')
  assert.equal(tables.count('SELECT count(*) FROM document WHERE status = 9'), 0)
  tables.close()

  await using next = await startServer({ home: folder.path })
  const states = await indexed(cozeOf(next.url, user.token), datasetId, documentIds)
  const done = documentIds.map(() => 1)
  assert.deepEqual(
    states.map(({ status }) => status),
    done,
  )
  assert.equal(await next.end(), 0)
  assert.deepEqual(await contradictions(folder.path, new Map()), [])
})

test('a request that is on its way when SIGTERM comes is answered, and what it brought is there afterwards', async () => {
  await using folder = await temporaryFolder()
  await using world = await startSdkWorld({ home: folder.path })
  const { server, user } = world
  const pieces = Array.from({ length: 10 }, (_, i) => Buffer.alloc(10_000, String(i)))
  const uploading = new Api(server.url, user).upload<{ data: { id: string } }>('slow.txt', pieces, 80)
  await sleep(200)
  const ended = server.end('SIGTERM')
  const { data } = await uploading
  assert.equal(await ended, 0)
  await using next = await startServer({ home: folder.path })
  const found = await new Api(next.url, user).call<{ data: { bytes: number } }>(
    'GET',
    `/v1/files/retrieve?file_id=${data.id}`,
  )
  assert.equal(found.data.bytes, 100_000)
})

test('a second signal ends the server at once, and two that come together count as one', async () => {
  const env = { MODEL_URI: 'scripted:?delay=50ms&chunks=2000' }
  await using world = await startSdkWorld({ env })
  const { server, coze, user } = world
  const botId = await publishedAgent(coze, user.spaceId)
  const answering = transcriptOf(coze.chat.stream(ask(botId, 'For ever?'))).catch(() => undefined)
  await sleep(100)
  process.kill(server.pid, 'SIGINT')
  const ended = server.end('SIGTERM')
  const early = await Promise.race([ended, sleep(800, 'running')])
  assert.equal(early, 'running')
  const startedAtMs = performance.now()
  process.kill(server.pid, 'SIGTERM')
  assert.equal(await ended, 1)
  assert.ok(performance.now() - startedAtMs < 3_000)
  await answering
})

test('a server that is told to stop while it starts ends with 0', async () => {
  await using folder = await temporaryFolder()
  await using server = spawnServer({ home: folder.path })
  while (!server.output().includes('log_level')) await sleep(5)
  assert.equal(await server.end('SIGTERM'), 0)
  await using next = await startServer({ home: folder.path })
  assert.equal((await fetch(`${next.url}/healthz`)).status, 200)
})

test('a second server on the same data is refused with the pid of the first, which does not notice', async () => {
  await using world = await startSdkWorld()
  const { server, coze, user } = world
  const { datasetId } = await datasetWith(coze, user.spaceId, [
    base64Document('keys.txt', 'Copper keys are kept in bay seven.'),
  ])
  const second = await runSnug(SERVE, { env: { COZE_HOME: server.home } })
  assert.equal(second.code, 1)
  assert.match(second.stderr, new RegExp(`in use by another Snug process \\(pid ${server.pid}\\)`))
  const other = await runSnug(['migrate', '--lite'], { env: { COZE_HOME: server.home } })
  assert.equal(other.code, 1)
  const botId = await publishedAgent(coze, user.spaceId, [datasetId])
  const { messages } = await transcriptOf(coze.chat.stream(ask(botId, 'Where are the copper keys?')))
  assert.match(sourcesOf(messages)?.[0]?.slice ?? '', /bay seven/)
  assert.equal(await server.end(), 0)
})

test('without lite mode and with nothing to reach, every service is named, and how to do without', async () => {
  await using folder = await temporaryFolder()
  const env = { DB_URI: 'mysql://coze:hush-1@127.0.0.1:1/coze', REDIS_ADDR: '127.0.0.1:1', REDIS_PASSWORD: 'hush-2' }
  const { code, stdout, stderr } = await runSnug(['serve', '--listen', '127.0.0.1:0'], { cwd: folder.path, env })
  assert.equal(code, 1)
  const reasons = stderr.slice(stderr.indexOf('snug serve:'))
  for (const name of ['DB_URI', 'KV_URI', 'SEARCH_URI', 'MQ_URI', 'BLOB_URI']) assert.match(reasons, new RegExp(name))
  assert.match(reasons, /snug serve --lite/)
  assert.doesNotMatch(stdout + stderr, /hush/)
  assert.match(stderr, /db\.uri +mysql:\/\/coze:\*\*\*@127\.0\.0\.1:1\/coze +env/)
})

test('wrong settings are reported all together, by name and without their values', async () => {
  await using folder = await temporaryFolder()
  const env = {
    COZE_LITE: 'maybe-hush',
    DB_URI: 'hush://user:hush@',
    LISTEN_ADDR: 'hush',
    PUBLIC_URL: 'ftp://hush',
    SHUTDOWN_GRACE: 'hush',
    MAX_REQUEST_BODY_SIZE: 'hush',
    MODEL_API_KEY: 'hush',
  }
  const { code, stdout, stderr } = await runSnug(['serve'], { cwd: folder.path, env })
  assert.equal(code, 1)
  for (const name of Object.keys(env).filter((key) => key !== 'MODEL_API_KEY' && key !== 'DB_URI'))
    assert.match(stderr, new RegExp(`^ +${name} `, 'm'))
  assert.doesNotMatch(stdout + stderr, /hush/)
})

test('secrets do not stand in the table that is printed at the start', async () => {
  await using server = await startServer({
    env: {
      MODEL_URI: 'openai://anna:hush@127.0.0.1:1/v1?model=m&api_key=hush',
      MODEL_API_KEY: 'hush',
      EMBEDDING_API_KEY: 'hush',
    },
  }).catch((err: Error) => ({ output: () => err.message, [Symbol.asyncDispose]: async () => undefined }))
  assert.match(server.output(), /model\.api_key +\*\*\* +env/)
  assert.doesNotMatch(server.output(), /hush/)
})

test('data that cannot be written is explained, with the setting that moves it', async (t) => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const below = await runSnug(SERVE, { cwd: folder.path, env: { COZE_HOME: join(file, 'data') } })
  assert.equal(below.code, 1)
  assert.match(below.stderr, /cannot be written .*COZE_HOME/)
  if (process.getuid?.() === 0)
    return t.diagnostic('root may write everywhere: a folder without permission is not tried')
  const closed = join(folder.path, 'closed')
  await mkdir(closed)
  await chmod(closed, 0o500)
  const refused = await runSnug(SERVE, { cwd: folder.path, env: { COZE_HOME: closed } })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /cannot be written .*COZE_HOME/)
})

test('a port that is taken is explained, with the setting that changes it, and the data is free again', async () => {
  await using folder = await temporaryFolder()
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  const args = ['serve', '--lite', '--listen', `127.0.0.1:${port}`]
  const { code, stderr } = await runSnug(args, { env: { COZE_HOME: folder.path } })
  other.close()
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`port ${port} of 127\\.0\\.0\\.1 is taken.*LISTEN_ADDR`))
  await using server = await startServer({ home: folder.path })
  assert.equal(await server.end(), 0)
})

test('without DuckDB the server warns loudly and searches all the same; with it again, everything is indexed anew', async () => {
  await using folder = await temporaryFolder()
  const env = { NODE_OPTIONS: `--import=${PRELOAD}` }
  const question = 'Where are the copper keys?'
  await using world = await startSdkWorld({ home: folder.path, env })
  const { server, coze, user } = world
  assert.match(server.output(), /SEARCH RUNS ON THE FALLBACK.*Cannot find module '@duckdb/)
  const ready = (await (await fetch(`${server.url}/readyz`)).json()) as {
    providers: { search: { status: string; provider: string } }
  }
  assert.equal(ready.providers.search.provider, 'sqlite_fallback')
  assert.equal(ready.providers.search.status, 'degraded')
  const keys = base64Document('keys.txt', 'Copper keys are kept in bay seven.')
  const { datasetId, documentIds } = await datasetWith(coze, user.spaceId, [keys])
  const botId = await publishedAgent(coze, user.spaceId, [datasetId])
  const { messages } = await transcriptOf(coze.chat.stream(ask(botId, question)))
  assert.match(sourcesOf(messages)?.[0]?.slice ?? '', /bay seven/)
  assert.equal(await server.end(), 0)

  await using next = await startServer({ home: folder.path })
  const again = cozeOf(next.url, user.token)
  assert.match(next.output(), /DuckDB works again/)
  await indexed(again, datasetId, documentIds)
  const found = await transcriptOf(again.chat.stream(ask(botId, question)))
  assert.match(sourcesOf(found.messages)?.[0]?.slice ?? '', /bay seven/)
})
