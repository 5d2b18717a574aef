import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumeOptions, Handler, Message, Mq, Subscription } from '../mq.ts'

/** `mq` is open and empty; `topic` is declared with the groups `a` and `b`. */
export type MqHarness = { mq: Mq; topic: string }

export const QUICK: ConsumeOptions = { backoff: { baseMs: 5, factor: 1, maxMs: 5 } }
const PATIENCE_MS = 20_000

/** Waits until the condition holds; fails with `what` when it never does. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  while (!(await condition())) {
    assert.ok(performance.now() < endMs, `waited in vain: ${what}`)
    await sleep(2)
  }
}

/** Publishes `count` messages whose bodies are `{ n: 0… }`, one after the other in one call. */
export const publishNumbers = (h: MqHarness, count: number, keyOf?: (n: number) => string): Promise<void> =>
  h.mq.publishMany(
    h.topic,
    Array.from({ length: count }, (_, n) => ({ body: { n }, ...(keyOf === undefined ? {} : { key: keyOf(n) }) })),
  )

export const numberOf = (message: Message): number => message.json<{ n: number }>().n

/** A consumer of group `a` that keeps what it got, in the order in which handlers began. */
export async function collect(
  h: MqHarness,
  options: ConsumeOptions = {},
  handler?: Handler,
): Promise<{ got: Message[]; subscription: Subscription }> {
  const got: Message[] = []
  const keep = async (message: Message) => {
    got.push(message)
    return (await handler?.(message)) ?? undefined
  }
  return { got, subscription: await h.mq.consume(h.topic, 'a', keep, { ...QUICK, ...options }) }
}

/** A promise and its key. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

export async function lettersOf(h: MqHarness, group = 'a') {
  return Array.fromAsync(h.mq.deadLetters(h.topic, group))
}
