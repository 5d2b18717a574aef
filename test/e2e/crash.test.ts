import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Api, Unanswered } from '../../test-kit/crash/api.ts'
import { type Crew, hireCrew, unrecalled } from '../../test-kit/crash/crew.ts'
import { type Client, Journal } from '../../test-kit/crash/facts.ts'
import { contradictions, leftovers, readTables } from '../../test-kit/crash/inspect.ts'
import { type Random, seededRandom } from '../../test-kit/crash/random.ts'
import { MODEL_URI } from '../../test-kit/crash/talker.ts'
import { spawnServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 30)
const SEED = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1e9))
const REPEAT = `CRASH_SEED=${SEED} CRASH_ROUNDS=${ROUNDS} node --test test/e2e/crash.test.ts`
/** Names of the clients that work; all of them when unset. See test-kit/crash/crew.ts. */
const ONLY = process.env.CRASH_ONLY?.split(',')
/** Keeps the data of a failed run. */
const KEEP = process.env.CRASH_KEEP === '1'
/** Every so many rounds the kill comes before the server is ready. */
const KILL_WHILE_STARTING_EVERY = 5
/** The kill comes after some answers, however fast the machine is, and never later than this. */
const MAX_STEPS = 70
const MAX_WORK_MS = 1_000
const MAX_PAUSE_MS = 6

test(`nothing that was answered is lost in ${ROUNDS} kills (seed ${SEED})`, { timeout: 600_000 }, async (t) => {
  await using folder = await temporaryFolder()
  const random = seededRandom(SEED)
  const journal = new Journal()
  const start = () => spawnServer({ home: folder.path, env: { MODEL_URI, ALLOW_REGISTRATION: '1' } })
  let crew: Crew | undefined
  let startMs = 500
  const startsMs: number[] = []
  let kills = 0
  const counts = { steps: 0, cut: 0 }

  for (let round = 1; round <= ROUNDS; round++) {
    if (round % KILL_WHILE_STARTING_EVERY === 1) {
      await using server = start()
      await sleep(random.int(0, startMs))
      await server.end('SIGKILL')
      kills++
    }
    const startedAtMs = performance.now()
    await using server = start()
    const url = await server.ready()
    startMs = Math.round(performance.now() - startedAtMs)
    startsMs.push(startMs)
    await lookAtData(folder.path, journal)
    crew ??= await hireCrew(url, random, journal)
    for (const client of crew.clients) await checked(client, url, 'fresh', journal)
    const active = crew.clients.filter(({ name }) => ONLY?.includes(name) ?? true)
    const ended = Promise.all(active.map((client) => workUntilCut(client, url, random.fork(), journal, counts)))
    const enough = counts.steps + random.int(0, MAX_STEPS)
    for (const end = Date.now() + MAX_WORK_MS; counts.steps < enough && Date.now() < end; ) await sleep(2)
    await sleep(random.int(0, 15))
    await server.end('SIGKILL')
    kills++
    await ended
    if (journal.problems.length > 0) fail(journal, `after kill ${kills}`, server)
  }

  assert.ok(crew !== undefined)
  await using server = start()
  const url = await server.ready()
  for (const client of crew.clients) await checked(client, url, 'all', journal)
  await settled(crew, url, server, journal)
  for (const problem of await unrecalled(crew, url, random)) journal.complain(problem)
  assert.equal(await server.end('SIGTERM'), 0)
  const words = new Map(
    crew.readers.flatMap(({ documents }) => documents.live.map(({ id, word }) => [id, word] as const)),
  )
  for (const problem of await contradictions(folder.path, words)) journal.complain(problem)
  if (journal.problems.length > 0) fail(journal, 'at the end', server)
  report(t, crew, journal, { kills, ...counts, medianStartMs: startsMs.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0 })
})

/** What must hold as soon as a server is ready. */
async function lookAtData(home: string, journal: Journal): Promise<void> {
  const tables = readTables(home)
  const running = tables.count(`SELECT count(*) FROM chat WHERE status = 'in_progress'`)
  if (running > 0) journal.complain(`${running} chats are in progress right after the start`)
  tables.close()
  for (const file of await leftovers(home, { isRunning: true }))
    journal.complain(`the file ${file} is left over after the start`)
}

async function checked(client: Client, url: string, which: 'fresh' | 'all', journal: Journal): Promise<void> {
  try {
    await client.check(url, which)
  } catch (err) {
    journal.complain(`${client.name} could not check: ${String(err)}`)
  }
}

async function workUntilCut(
  client: Client,
  url: string,
  random: Random,
  journal: Journal,
  counts: { steps: number; cut: number },
): Promise<void> {
  for (;;) {
    try {
      await client.step(url)
      counts.steps++
      await sleep(random.int(0, MAX_PAUSE_MS))
    } catch (err) {
      counts.cut++
      if (!(err instanceof Unanswered)) journal.complain(`${client.name}: ${String(err)}`)
      return
    }
  }
}

/** Waits until every document has ended and no event is left. */
async function settled(
  crew: Crew,
  url: string,
  server: { home: string; output(): string },
  journal: Journal,
): Promise<void> {
  const tables = readTables(server.home)
  const deadline = Date.now() + 60_000
  try {
    for (;;) {
      const waiting = tables.all('SELECT * FROM outbox WHERE dead_reason IS NULL')
      if (waiting.length === 0) break
      if (Date.now() > deadline) {
        const { providers } = await new Api(url).call<{ providers: object }>('GET', '/readyz')
        journal.complain(
          `${waiting.length} events still wait: ${JSON.stringify(waiting)}; ${JSON.stringify(providers)}`,
        )
        fail(journal, 'at the end', server)
      }
      await sleep(50)
    }
  } finally {
    tables.close()
  }
  for (const reader of crew.readers) assert.equal(await reader.unsettled(url), 0)
}

function fail(journal: Journal, when: string, server: { home: string; output(): string }): never {
  const shown = journal.problems.slice(0, 30).join('\n  ')
  const log = server.output().split('\n').slice(-20).join('\n')
  const kept = `${server.home}-kept`
  if (KEEP) cpSync(server.home, kept, { recursive: true })
  const where = KEEP ? `\nthe data is in ${kept}` : ''
  assert.fail(
    `${journal.problems.length} problems ${when}:\n  ${shown}\nrepeat with ${REPEAT}${where}\nthe server said:\n${log}`,
  )
}

function report(t: TestContext, crew: Crew, journal: Journal, counts: Record<string, number>): void {
  const sum = (facts: readonly { count: number }[]) => facts.reduce((all, { count }) => all + count, 0)
  const made = {
    accounts: crew.clerk.people.count,
    tokens: crew.clerk.tokens.count,
    files: crew.loader.files.count,
    datasets: sum(crew.readers.map((one) => one.datasets)),
    documents: sum(crew.readers.map((one) => one.documents)),
    agents: crew.maker.agents.count,
    conversations: sum(crew.talkers.map((one) => one.conversations)),
    messages: sum(crew.talkers.map((one) => one.messages)),
    chats: sum(crew.talkers.map((one) => one.chats)),
    ids: journal.idCount,
  }
  t.diagnostic(`seed ${SEED}: ${JSON.stringify({ ...counts, ...made })}`)
}
