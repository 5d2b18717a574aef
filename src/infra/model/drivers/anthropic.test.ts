import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { connectModel, modelHarness, testRecorded } from '../../../../test-kit/model.ts'
import { anthropicWire } from '../../../../test-kit/model-wires/anthropic.ts'
import { refusesUris } from '../../../../test-kit/uris.ts'
import { modelCases } from '../conformance.ts'
import { ask, play } from '../conformance-support.ts'
import type { ModelRequest } from '../model.ts'
import { openModel } from '../open.ts'

const vendor = (model = 'm1') => ({
  wire: anthropicWire,
  uri: (host: string) => `anthropic://${host}?model=${model}`,
})
const connect = (params = '', model = 'm1') => connectModel(vendor(model), params)

runConformance('anthropic:', modelCases, {
  features: new Set(['slow', 'remote', 'vision']),
  open: () => modelHarness(vendor()),
})

test('the request is the one that Anthropic documents', async () => {
  await using it = await connect()
  const request: ModelRequest = {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'Two.' },
      { role: 'user', content: 'Three?' },
    ],
    params: { temperature: 0.5, maxTokens: 99, presencePenalty: 0.1, frequencyPenalty: 0.2, topK: 5 },
  }
  assert.equal((await play(it.model, request)).text, 'Three?')
  const text = (text: string) => [{ type: 'text', text }]
  assert.deepEqual(it.server.bodies(), [
    {
      model: 'm1',
      max_tokens: 99,
      temperature: 0.5,
      top_k: 5,
      system: text('Be brief.'),
      messages: [
        { role: 'user', content: text('One?') },
        { role: 'assistant', content: text('Two.') },
        { role: 'user', content: text('Three?') },
      ],
      stream: true,
    },
  ])
  const headers = it.server.requests[0]?.headers
  assert.equal(headers?.['x-api-key'], it.apiKey)
  assert.equal(headers?.authorization, undefined)
})

testRecorded('anthropic', vendor(), {
  text: { text: 'Hello! 保修期👍', reason: 'stop', tokens: [125, 15] },
  thinking: {
    text: 'The greatest common divisor is **21**.',
    reasoning: 'I need to find the GCD of 1071 and 462.\n1071 = 2 × 462 + 147',
    reason: 'length',
    tokens: [40, 89],
  },
  'tool-use': { text: 'Let me look.', reason: 'other', tokens: [472, 89] },
  refusal: { text: 'I can', reason: 'content_filter', tokens: [30, 3] },
})

test('failures in the words of Anthropic have the code that fits', async () => {
  const table: [status: number, message: string, code: string, says: RegExp][] = [
    [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'invalid_argument', /too long for the model/],
    [400, 'Your credit balance is too low to access the Anthropic API.', 'resource_exhausted', /used up/],
    [401, 'invalid x-api-key', 'unauthenticated', /MODEL_API_KEY/],
    [404, 'model: m1', 'failed_precondition', /MODEL_URI/],
    [413, 'Request exceeds the maximum size', 'invalid_argument', /too long/],
    [429, 'This request would exceed your rate limit', 'rate_limited', /rate limit/],
  ]
  await using it = await connect('&max_retries=0')
  for (const [status, message, code, says] of table) {
    it.server.next({ status, body: anthropicWire.failure(status, message) })
    const { error } = await play(it.model, ask('hi'))
    assert.equal(error?.code, code, message)
    assert.match(error?.message ?? '', says)
  }
})

test('what an agent said before the user is told in the system message', async () => {
  await using it = await connect()
  const messages: ModelRequest['messages'] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'assistant', content: 'Welcome!' },
    { role: 'user', content: 'Hi' },
  ]
  assert.equal((await play(it.model, { messages })).text, 'Hi')
  const [body] = it.server.bodies()
  assert.match(JSON.stringify(body?.system), /Be brief\.\\n\\nYou opened .*Welcome!/)
  assert.deepEqual(body?.messages, [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }])
})

test('images are sent as bytes or by their address, and noted where vision is off', async () => {
  const content = [
    { type: 'text' as const, text: 'What is it?' },
    { type: 'image' as const, mediaType: 'image/png', data: Uint8Array.of(137, 80, 78, 71) },
    { type: 'image' as const, url: 'https://example.com/a.png' },
    { type: 'image' as const, url: 'data:image/gif;base64,R0lGODdh' },
  ]
  await using sees = await connect()
  await play(sees.model, { messages: [{ role: 'user', content }] })
  assert.deepEqual(sees.server.bodies()[0]?.messages, [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw==' } },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'R0lGODdh' } },
      ],
    },
  ])
  await using blind = await connect('&vision=0')
  await play(blind.model, { messages: [{ role: 'user', content }] })
  assert.match(JSON.stringify(blind.server.bodies()[0]?.messages), /cannot see images/)
})

test('reasoning is asked for in the way that the model takes', async () => {
  const table: [model: string, params: string, thinking: unknown][] = [
    ['claude-opus-4-8', '', undefined],
    ['claude-opus-4-8', '&reasoning=low', { type: 'adaptive', display: 'summarized' }],
    ['claude-sonnet-4-5', '&reasoning=none', { type: 'disabled' }],
  ]
  for (const [model, params, thinking] of table) {
    await using it = await connect(params, model)
    await play(it.model, ask('hi'))
    assert.deepEqual(it.server.bodies()[0]?.thinking, thinking, `${model}${params}`)
  }
  await using it = await connect('&reasoning=medium', 'claude-sonnet-4-5')
  await play(it.model, ask('hi'))
  const [body] = it.server.bodies() as { thinking: { type: string } }[]
  assert.equal(body?.thinking.type, 'enabled')
})

test('a setting that a model does not take is left out from then on', async () => {
  await using it = await connect()
  it.server.next({ status: 400, body: anthropicWire.failure(400, '`temperature` is deprecated for this model.') })
  const request = ask('hi', { params: { temperature: 0.5, topK: 3 } })
  assert.equal((await play(it.model, request)).text, 'hi')
  assert.equal((await play(it.model, request)).text, 'hi')
  assert.deepEqual(
    it.server.bodies().map(({ temperature, top_k }) => [temperature, top_k]),
    [
      [0.5, 3],
      [undefined, 3],
      [undefined, 3],
    ],
  )
  assert.equal(it.warnings.length, 1)
})

test('no variable of the SDK changes where it calls and with which key', async () => {
  const before = { ...process.env }
  Object.assign(process.env, { ANTHROPIC_API_KEY: 'sk-another', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' })
  try {
    await using it = await connect()
    assert.equal((await play(it.model, ask('hi'))).text, 'hi')
    const keyless = await openModel(`anthropic://${it.server.host}?model=m1`)
    await play(keyless, ask('hi'))
    await keyless.close()
    assert.deepEqual(
      it.server.requests.map((request) => request.headers['x-api-key']),
      [it.apiKey, ''],
    )
  } finally {
    process.env = before
  }
})

test('URIs are checked', async () => {
  const good = [
    'anthropic:?model=claude-opus-4-8',
    'anthropic://?model=a&reasoning=high',
    'anthropic://127.0.0.1:1/v1?model=a&tls=0&timeout=5m&max_retries=0&vision=0&api_key=hunter2',
  ]
  for (const uri of good) await (await openModel(uri)).close()
  await refusesUris(openModel, [
    ['anthropic:?api_key=hunter2', /"model": is required/],
    ['anthropic:?model=&api_key=hunter2', /"model": is required/],
    ['anthropic://a,b?model=m&api_key=hunter2', /one host/],
    ['anthropic:?model=m&reasoning=hunter2', /"reasoning"/],
    ['anthropic:?model=m&api_key=hunter2&tls=maybe', /"tls"/],
    ['anthropic:?model=m&api_key=hunter2&timeout=1h', /"timeout"/],
    ['anthropic:?model=m&api_key=hunter2&thinking=1', /no parameter "thinking"/],
    ['anthropic://user:hunter2@host?model=m', /password/],
  ])
})
