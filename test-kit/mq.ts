import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AppError, type ErrorCode } from '../src/base/errors.ts'
import { numberOf, QUICK, until } from '../src/infra/mq/conformance/kit.ts'
import type { Message, Mq } from '../src/infra/mq/mq.ts'
import { openMq } from '../src/infra/mq/open.ts'
import type { Broker } from './brokers.ts'
import { withParams } from './uris.ts'

/** Whether an error has one of the codes. Fits `assert.rejects`. */
export const hasCode =
  (...codes: ErrorCode[]) =>
  (err: unknown): boolean =>
    err instanceof AppError && codes.includes(err.code)

/** Starts another process with a consumer of group `a`; resolves with the id of the first message that it holds. */
export async function startMember(uri: string, topic: string): Promise<{ holds: string; kill(): Promise<void> }> {
  const script = fileURLToPath(new URL('mq-member/run.ts', import.meta.url))
  const child = spawn(process.execPath, [script, uri, topic], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)])
  if (first === undefined) assert.fail('the member has ended before its first message')
  return { holds: String(first[0]).split('\n')[0] ?? '', kill }
}

/** What the tests of brokers declare. */
export const TOPIC = 'topic.one'
export const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => ({ body: { n: from + n } }))
export const openBroker = (text: string): Promise<Mq> => openMq(text, { home: '/nowhere' })

/** An open queue with the topic, which is closed whatever happens; `text` is its URI. */
export type OpenQueue = { mq: Mq; text: string } & AsyncDisposable

export async function openedBroker(text: string): Promise<OpenQueue> {
  const mq = await openBroker(text)
  await mq.declare([{ topic: TOPIC, groups: ['a', 'b'] }])
  return { mq, text, [Symbol.asyncDispose]: () => mq.close() }
}

/** A queue of its own on a server that tests share. `remove` takes away what has its prefix. */
export async function scratchQueue(
  uri: string,
  remove: (uri: string, prefix: string) => Promise<void>,
  params = '',
): Promise<OpenQueue> {
  const prefix = `t${randomUUID().slice(0, 8)}`
  const { mq, text } = await openedBroker(withParams(uri, `prefix=${prefix}`, params))
  const dispose = async () => {
    await mq.close()
    await remove(uri, prefix)
  }
  return { mq, text, [Symbol.asyncDispose]: dispose }
}

/** Publishes until the broker takes it, as the relay does. */
export async function insist(mq: Mq, n: number): Promise<void> {
  for (const endMs = performance.now() + 30_000; performance.now() < endMs; await sleep(50))
    try {
      return await mq.publish(TOPIC, { body: { n } })
    } catch (err) {
      assert.ok(hasCode('unavailable')(err), String(err))
    }
  assert.fail('the broker never took the message')
}

/** Publishes and consumes while `trouble` goes on; nothing accepted may be missing in the end. */
export async function survive(text: string, trouble: () => Promise<void>): Promise<void> {
  await using world = await openedBroker(text)
  const { mq } = world
  const seen = new Set<number>()
  const handle = async (message: Message) => {
    await sleep(2)
    seen.add(numberOf(message))
  }
  await mq.consume(TOPIC, 'a', handle, QUICK)
  let isOver = false
  let count = 0
  const sending = (async () => {
    while (!isOver && count < 5_000) await insist(mq, count++)
  })()
  await trouble()
  isOver = true
  await sending
  await until(() => seen.size === count, `all of ${count}`)
  await until(async () => (await mq.lag(TOPIC, 'a')) === 0, 'nothing left')
}

/** Kills the broker and starts it again: who opens it then gets all that was published before. */
export async function expectKept(broker: Broker, mq: Mq, count: number): Promise<void> {
  await broker.stop('SIGKILL')
  await mq.close()
  await broker.start()
  await using next = await openedBroker(broker.uri)
  const seen = new Set<number>()
  await next.mq.consume(TOPIC, 'a', async (m) => void seen.add(numberOf(m)))
  await until(() => seen.size === count, 'all of them')
}

/** Calls everything on a broker that is dead, with a `timeout` of half a second: each is `unavailable`, in time. */
export async function expectUnavailable(mq: Mq, letterId: string): Promise<void> {
  const calls: [string, () => Promise<unknown>][] = [
    ['publish', () => mq.publish(TOPIC, { body: {} })],
    ['consume', () => mq.consume(TOPIC, 'a', async () => {})],
    ['lag', () => mq.lag(TOPIC, 'a')],
    ['declare', () => mq.declare([{ topic: TOPIC, groups: ['a'] }])],
    ['dead letters', () => Array.fromAsync(mq.deadLetters(TOPIC, 'a'))],
    ['requeue', () => mq.requeueDead([letterId])],
  ]
  for (const [name, call] of calls) {
    const startedMs = performance.now()
    await assert.rejects(call(), hasCode('unavailable'), name)
    assert.ok(performance.now() - startedMs < 2_500, `${name} took too long`)
  }
  assert.equal((await mq.health()).status, 'down')
}
