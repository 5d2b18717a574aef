import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { AppError } from '../../../base/errors.ts'
import { modelCases } from '../conformance.ts'
import type { ModelEvent, ModelRequest } from '../model.ts'
import { openModel } from '../open.ts'

runConformance('scripted:', modelCases, {
  features: new Set(['slow']),
  open: async () => {
    const model = await openModel('scripted:?reasoning=Thinking about {{question}}')
    const slow = await openModel('scripted:?chunks=10&delay=200ms')
    return { harness: { model, slow }, close: () => Promise.all([model.close(), slow.close()]) }
  },
})

const ask = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content: text }],
  ...more,
})

async function play(uri: string, request: ModelRequest, home?: string) {
  const model = await openModel(uri, home === undefined ? {} : { home })
  const events: ModelEvent[] = []
  let error: AppError | undefined
  try {
    for await (const event of model.stream(request)) events.push(event)
  } catch (err) {
    assert.ok(err instanceof AppError)
    error = err
  }
  await model.close()
  const of = (type: 'text' | 'reasoning') => events.flatMap((event) => (event.type === type ? [event.text] : []))
  return { text: of('text').join(''), pieces: of('text'), reasoning: of('reasoning').join(''), events, error }
}

test('the reply is a template over the prompt that was rendered', async () => {
  const request: ModelRequest = {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ],
    params: { temperature: 0.5 },
  }
  const uri = 'scripted:?reply={{question}}|{{system}}|{{history}}|{{params}}|{{other}}'
  const { text } = await play(uri, request)
  assert.equal(text, 'three|Be brief.|user: one\nassistant: two|{"temperature":0.5}|{{other}}')
})

test('chunks gives exactly that many pieces', async () => {
  for (const chunks of [1, 7, 50]) {
    const { pieces } = await play(`scripted:?reply=Hello%20world&chunks=${chunks}`, ask('hi'))
    assert.equal(pieces.length, chunks)
  }
  assert.equal((await play('scripted:?reply=Hello%20world&chunks=4', ask('hi'))).text, 'Hello world')
})

test('a failure comes after the pieces that were asked for, with its code', async () => {
  const { pieces, error } = await play('scripted:?reply=a%20b%20c%20d&fail=rate_limited@3', ask('hi'))
  assert.equal(pieces.length, 3)
  assert.equal(error?.code, 'rate_limited')
  assert.equal((await play('scripted:?fail=unavailable@0', ask('hi'))).events.length, 0)
  assert.equal((await play('scripted:?reply=a%20b%20c%20d&fail=internal', ask('hi'))).pieces.length, 2)
})

test('fail_times lets later answers through', async () => {
  const model = await openModel('scripted:?reply=fine&fail=unavailable@0&fail_times=2')
  const outcomes: string[] = []
  for (let i = 0; i < 3; i++) {
    try {
      for await (const event of model.stream(ask('hi'))) if (event.type === 'text') outcomes.push(event.text)
    } catch {
      outcomes.push('failed')
    }
  }
  assert.deepEqual(outcomes, ['failed', 'failed', 'fine'])
})

test('reasoning and the reason of the end are played', async () => {
  const { reasoning, events } = await play('scripted:?reasoning=hmm%20{{question}}&reply=no&finish=length', ask('why'))
  assert.equal(reasoning, 'hmm why')
  assert.deepEqual(events.at(-1)?.type === 'finish' && events.at(-1), events.at(-1))
  assert.ok(events.some((event) => event.type === 'finish' && event.reason === 'length'))
})

test('a script file answers by what the question contains', async () => {
  await using folder = await temporaryFolder()
  const script = [
    { match: 'Weather', reply: 'Rain.' },
    { match: 'broken', reply: 'x', fail: 'unavailable@0' },
    { reply: 'Something else: {{question}}' },
  ]
  await writeFile(join(folder.path, 'script.json'), JSON.stringify(script))
  const uri = 'scripted:?file=script.json'
  assert.equal((await play(uri, ask('the weather?'), folder.path)).text, 'Rain.')
  assert.equal((await play(uri, ask('broken?'), folder.path)).error?.code, 'unavailable')
  assert.equal((await play(uri, ask('news?'), folder.path)).text, 'Something else: news?')
})

test('a thousand streams at a time finish, each complete', async () => {
  const model = await openModel('scripted:?chunks=20&delay=1ms')
  const counts = await Promise.all(
    Array.from({ length: 1_000 }, async (_, i) => {
      let pieces = 0
      for await (const event of model.stream(ask(`question ${i}`))) if (event.type === 'text') pieces++
      return pieces
    }),
  )
  assert.deepEqual(new Set(counts), new Set([20]))
})

test('URIs are checked', async () => {
  for (const uri of ['scripted:', 'scripted:?reply=a&chunks=3&delay=5ms', 'scripted:?fail=busy', 'scripted:?x-note=1'])
    await (await openModel(uri)).close()
  const bad: [uri: string, says: RegExp][] = [
    ['scripted:?repl=a', /no parameter "repl"/],
    ['scripted:?chunks=-1', /"chunks"/],
    ['scripted:?delay=5', /"delay".*duration/],
    ['scripted:?fail=boom', /known codes/],
    ['scripted:?fail=Boom!', /"fail"/],
    ['scripted:?file=/nowhere/at/all.json', /"file"/],
    ['scripted:something', /parameters only/],
    ['scripted://user:hunter2@host', /parameters only/],
  ]
  for (const [uri, says] of bad)
    await assert.rejects(openModel(uri), (err: unknown) => {
      assert.ok(err instanceof AppError && err.code === 'invalid_argument')
      assert.match(err.message, says)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    })
})
