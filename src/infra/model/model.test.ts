import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../base/errors.ts'
import type { DriverEvent, ModelDriver } from './driver.ts'
import { Model } from './model.ts'
import { estimatePromptTokens, estimateTokens } from './tokens.ts'

/** The worst provider that the front must survive: it plays its events and ignores every signal. */
function deaf(events: AsyncIterable<DriverEvent>): Model {
  const driver: ModelDriver = {
    info: { provider: 'deaf', id: 'deaf', name: 'Deaf' },
    features: new Set(),
    stream: () => events,
    health: () => new Promise(() => undefined),
    codeOf: () => 'unknown',
    close: async () => undefined,
  }
  return new Model(driver)
}
const QUESTION = { messages: [{ role: 'user' as const, content: 'Hello?' }] }
const codeIs = (code: string) => (err: unknown) => err instanceof AppError && err.code === code

test('an abort is heard even when the provider does not hear it', async () => {
  async function* silence(): AsyncGenerator<DriverEvent> {
    yield { type: 'text', text: 'a' }
    await new Promise(() => undefined)
  }
  const model = deaf(silence())
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 20)
  const pieces: string[] = []
  await assert.rejects(async () => {
    for await (const event of model.stream(QUESTION, { signal: controller.signal })) pieces.push(event.type)
  }, codeIs('canceled'))
  assert.deepEqual(pieces, ['text'])
})

test('an answer without an end is an error, and what comes after the end is dropped', async () => {
  async function* endless(): AsyncGenerator<DriverEvent> {
    yield { type: 'text', text: 'a' }
  }
  await assert.rejects(Array.fromAsync(deaf(endless()).stream(QUESTION)), codeIs('unavailable'))
  async function* twice(): AsyncGenerator<DriverEvent> {
    yield { type: 'finish', reason: 'stop' }
    yield { type: 'text', text: 'late' }
    yield { type: 'finish', reason: 'stop' }
  }
  assert.equal((await Array.fromAsync(deaf(twice()).stream(QUESTION))).length, 1)
})

test('a raw error of the provider is wrapped once, without its words', async () => {
  const raw = new Error('password=hunter2')
  async function* broken(): AsyncGenerator<DriverEvent> {
    yield { type: 'text', text: 'a' }
    throw raw
  }
  await assert.rejects(Array.fromAsync(deaf(broken()).stream(QUESTION)), (err: unknown) => {
    assert.ok(err instanceof AppError)
    assert.doesNotMatch(err.message, /hunter2/)
    assert.equal(err.cause, raw)
    return true
  })
})

test('tokens are guessed by script', () => {
  assert.equal(estimateTokens('warranty'), 2)
  assert.equal(estimateTokens('保修期'), 3)
  assert.equal(estimateTokens(''), 0)
  const image = { type: 'image' as const, data: new Uint8Array() }
  assert.ok(estimatePromptTokens([{ role: 'user', content: [image] }]) > estimatePromptTokens(QUESTION.messages))
})
