import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CozeAPI, CozeError } from '@coze/api'
import type { ServiceName } from '../../scripts/services/names.ts'
import { startService, stopService } from '../../scripts/services/run.ts'
import { readState } from '../../scripts/services/state.ts'
import { registerUser } from '../../test-kit/account.ts'
import { deploy, type External, withoutServers } from '../../test-kit/external.ts'
import { halt } from '../../test-kit/halt.ts'
import { base64Document, cozeOf, indexed, publishedAgent, transcriptOf, until } from '../../test-kit/sdk.ts'
import { startServer } from '../../test-kit/server.ts'
import { SETS } from '../../test-kit/sets.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

/** A request gets its answer, good or bad, within this time, whatever is the matter with a server. */
const ANSWER_WITHIN_MS = 60_000
const DOWN_FOR_MS = 3_000

type Ready = { status: string; providers: Record<string, { status: string; error?: string }> }

const readiness = async (url: string): Promise<Ready> => (await (await fetch(`${url}/readyz`)).json()) as Ready

const downIn = ({ providers }: Ready): string[] =>
  Object.entries(providers).flatMap(([name, { status }]) => (status === 'down' ? [name] : []))

/** PostgreSQL answers each connection by a process of its own. */
function childrenOf(pid: number): number[] {
  const files = globSync('/proc/[0-9]*/stat').map((file) => {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return '' // it has just ended
    }
  })
  const fields = files.map((text) => /^(\d+) \(.*\) \S (\d+) /s.exec(text))
  return fields.flatMap((match) => (Number(match?.[2]) === pid ? [Number(match?.[1])] : []))
}

/** Stops a server or lets it hang, and gives it back. */
const OUTAGES: Readonly<Record<string, (name: ServiceName, home: string) => Promise<() => Promise<unknown>>>> = {
  stopped: async (name, home) => {
    await stopService(name, home)
    return () => startService(name, () => undefined, home)
  },
  frozen: async (name, home) => {
    const parents = readState(home).services[name]?.processes.map(({ pid }) => pid) ?? []
    const pids = [...parents, ...parents.flatMap(childrenOf)]
    for (const pid of pids) halt(pid)
    return async () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  },
}

/** People who go on working. What was accepted is remembered; what is refused must say so in the API's own words. */
class Crowd {
  readonly conversations: string[] = []
  readonly documents: string[] = []
  readonly rude: string[] = []
  refused = 0
  readonly #stop = new AbortController()
  readonly #work: Promise<unknown>

  constructor(coze: CozeAPI, botId: string, datasetId: string) {
    const ask = async () => {
      const { id } = await coze.conversations.create({ bot_id: botId })
      this.conversations.push(id)
      const message = { role: 'user', content: 'Who counts?', content_type: 'text' } as never
      const chat = { bot_id: botId, user_id: 'u', conversation_id: id, additional_messages: [message] }
      await transcriptOf(coze.chat.stream(chat))
    }
    const upload = async () => {
      const bases = [base64Document(`note ${Math.random()}.txt`, 'The clerk counts the copper keys of the harbour.')]
      const made = await coze.datasets.documents.create({ dataset_id: datasetId, document_bases: bases })
      this.documents.push(...made.map(({ document_id }) => document_id))
    }
    this.#work = Promise.all([this.#repeat(ask, 300), this.#repeat(ask, 300), this.#repeat(upload, 1_000)])
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#work
  }

  async #repeat(work: () => Promise<void>, pauseMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const startedAtMs = performance.now()
      try {
        await work()
      } catch (err) {
        this.refused++
        if (!(err instanceof CozeError)) this.rude.push(String(err))
      }
      const tookMs = performance.now() - startedAtMs
      if (tookMs > ANSWER_WITHIN_MS) this.rude.push(`an answer took ${Math.round(tookMs)} ms`)
      await sleep(pauseMs)
    }
  }
}

async function allIndexed(coze: CozeAPI, datasetId: string, ids: readonly string[]): Promise<void> {
  for (let i = 0; i < ids.length; i += 50) {
    const states = await until(
      () => indexed(coze, datasetId, ids.slice(i, i + 50)),
      (all) => all.every(({ status }) => status === 1),
      120_000,
    )
    assert.equal(states.length, ids.slice(i, i + 50).length)
  }
}

/** Servers that have gone and come back: what both sets have goes away in one of them. */
const gone = new Set<ServiceName>()

for (const [set, choice] of Object.entries(SETS)) {
  const options = { skip: withoutServers(choice), timeout: 900_000 }
  test(`${set}: each server goes away under load, and comes back`, options, async (t) => {
    await using folder = await temporaryFolder()
    const home = folder.path
    const names = Object.values(choice)
    await using cleanUp = new AsyncDisposableStack()
    for (const name of names) cleanUp.defer(async () => void (await stopService(name, home)))
    for (const name of names) await startService(name, () => undefined, home)
    process.env.SERVICES_HOME = home
    await using deployment = await deploy(choice)
    await using server = await startServer({ env: { ...deployment.env, MODEL_URI: 'extractive:' } })
    const user = await registerUser(server.url, 'owner')
    const coze = cozeOf(server.url, user.token)
    const { dataset_id: datasetId } = await coze.datasets.create({ name: 'x', space_id: user.spaceId, format_type: 0 })
    const botId = await publishedAgent(coze, user.spaceId, [datasetId])
    const crowd = new Crowd(coze, botId, datasetId)

    for (const [capability, name] of Object.entries(choice) as [keyof External, ServiceName][]) {
      if (gone.has(name)) continue
      gone.add(name)
      for (const [how, begin] of Object.entries(OUTAGES))
        await t.test(`${name} ${how}`, async () => {
          const end = await begin(name, home)
          try {
            const down = await until(
              () => readiness(server.url),
              ({ providers }) => providers[capability]?.status === 'down',
            )
            // without vectors there still is an answer, by words
            assert.equal(down.status, capability === 'vector' ? 'ready' : 'not_ready')
            assert.deepEqual(downIn(down), [capability])
            assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
            await sleep(DOWN_FOR_MS)
          } finally {
            await end()
          }
          await until(
            () => readiness(server.url),
            (seen) => seen.status === 'ready' && downIn(seen).length === 0,
            60_000,
          )
          const before = crowd.conversations.length
          await until(
            async () => crowd.conversations.length,
            (count) => count > before + 3,
            60_000,
          )
        })
    }

    await crowd.end()
    assert.deepEqual(crowd.rude, [])
    assert.ok(crowd.refused < crowd.conversations.length, `${crowd.refused} of ${crowd.conversations.length} refused`)
    for (const id of crowd.conversations) assert.equal((await coze.conversations.retrieve(id)).id, id)
    await allIndexed(coze, datasetId, crowd.documents)
    assert.equal(await server.end('SIGTERM'), 0)
  })
}
