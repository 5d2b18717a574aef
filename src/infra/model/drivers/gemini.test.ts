import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { connectModel, modelHarness, testRecorded } from '../../../../test-kit/model.ts'
import { geminiWire } from '../../../../test-kit/model-wires/gemini.ts'
import { refusesUris } from '../../../../test-kit/uris.ts'
import { modelCases } from '../conformance.ts'
import { ask, play } from '../conformance-support.ts'
import type { ModelRequest } from '../model.ts'
import { openModel } from '../open.ts'

const vendor = (model = 'm1') => ({ wire: geminiWire, uri: (host: string) => `gemini://${host}?model=${model}` })
const connect = (params = '', model = 'm1') => connectModel(vendor(model), params)

runConformance('gemini:', modelCases, {
  features: new Set(['slow', 'remote', 'vision']),
  open: () => modelHarness(vendor()),
})

test('the request is the one that Google documents', async () => {
  await using it = await connect()
  const request: ModelRequest = {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'assistant', content: 'Welcome!' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'Two.' },
      { role: 'user', content: 'Three?' },
    ],
    params: { temperature: 0.5, topP: 0.9, topK: 5, maxTokens: 99, responseFormat: 'json' },
  }
  assert.equal((await play(it.model, request)).text, 'Three?')
  const [body] = it.server.bodies()
  assert.deepEqual(body?.contents, [
    { role: 'user', parts: [{ text: 'One?' }] },
    { role: 'model', parts: [{ text: 'Two.' }] },
    { role: 'user', parts: [{ text: 'Three?' }] },
  ])
  assert.deepEqual(body?.generationConfig, {
    temperature: 0.5,
    topP: 0.9,
    topK: 5,
    maxOutputTokens: 99,
    responseMimeType: 'application/json',
  })
  assert.match(JSON.stringify(body?.systemInstruction), /Be brief\..*JSON.*Welcome!/)
  const [sent] = it.server.requests
  assert.equal(sent?.path, '/v1beta/models/m1:streamGenerateContent?alt=sse')
  assert.equal(sent.headers['x-goog-api-key'], it.apiKey)
})

testRecorded('gemini', vendor(), {
  text: { text: 'Hello! 保修期👍', reason: 'stop', tokens: [25, 15] },
  thoughts: {
    text: 'The greatest common divisor is **21**.',
    reasoning: '**Finding the GCD**\n\nI divide once more.',
    reason: 'length',
    tokens: [40, 43],
  },
  safety: { text: 'I can', reason: 'content_filter', tokens: [30, 3] },
  'prompt-blocked': { text: '', reason: 'content_filter', tokens: [30, 0] },
  'function-call': { text: 'Let me look.', reason: 'other', tokens: [472, 89] },
  'malformed-call': { text: '', reason: 'other', tokens: [25, 1] },
})

test('failures in the words of Google have the code that fits', async () => {
  const type = (name: string) => `type.googleapis.com/google.rpc.${name}`
  const reason = [{ '@type': type('ErrorInfo'), reason: 'API_KEY_INVALID', domain: 'googleapis.com' }]
  const daily = [
    { '@type': type('QuotaFailure'), violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }] },
  ]
  const wait = [{ '@type': type('RetryInfo'), retryDelay: '3600s' }]
  const table: [status: number, message: string, details: unknown[], code: string, says: RegExp][] = [
    [400, 'API key not valid. Please pass a valid API key.', reason, 'unauthenticated', /MODEL_API_KEY/],
    [
      400,
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      [],
      'invalid_argument',
      /too long for the model/,
    ],
    [400, 'User location is not supported for the API use.', [], 'invalid_argument', /location/],
    [403, 'Method does not allow unregistered callers', [], 'permission_denied', /403/],
    [404, 'models/m1 is not found for API version v1beta', [], 'failed_precondition', /not found.*MODEL_URI/],
    [429, 'You exceeded your current quota', daily, 'resource_exhausted', /quota/],
    [429, 'You exceeded your current quota', wait, 'rate_limited', /quota/],
    [504, 'Deadline expired', [], 'deadline_exceeded', /expired/],
  ]
  await using it = await connect('&max_retries=0')
  for (const [status, message, details, code, says] of table) {
    const { error: body } = geminiWire.failure(status, message) as { error: object }
    it.server.next({ status, body: { error: { ...body, details } } })
    const { error } = await play(it.model, ask('hi'))
    assert.equal(error?.code, code, message)
    assert.match(error?.message ?? '', says)
    if (details === wait) assert.equal(error?.details.retryAfterMs, 3_600_000)
  }
})

test('images are sent as bytes or by their address', async () => {
  const content = [
    { type: 'text' as const, text: 'What is it?' },
    { type: 'image' as const, mediaType: 'image/png', data: Uint8Array.of(137, 80, 78, 71) },
    { type: 'image' as const, url: 'https://example.com/a.png' },
  ]
  await using it = await connect()
  await play(it.model, { messages: [{ role: 'user', content }] })
  assert.deepEqual(it.server.bodies()[0]?.contents, [
    {
      role: 'user',
      parts: [
        { text: 'What is it?' },
        { inlineData: { mimeType: 'image/png', data: 'iVBORw==' } },
        { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a.png' } },
      ],
    },
  ])
})

test('thoughts are asked for where reasoning is set', async () => {
  const thinking = async (model: string, params: string) => {
    await using it = await connect(params, model)
    await play(it.model, ask('hi'))
    const [body] = it.server.bodies() as { generationConfig: { thinkingConfig?: Record<string, unknown> } }[]
    return body?.generationConfig.thinkingConfig
  }
  assert.equal(await thinking('gemini-2.5-flash', ''), undefined)
  assert.deepEqual(await thinking('gemini-2.5-flash', '&reasoning=none'), { thinkingBudget: 0 })
  const budget = await thinking('gemini-2.5-flash', '&reasoning=medium')
  assert.ok(budget?.includeThoughts === true && Number(budget.thinkingBudget) > 0)
  assert.deepEqual(await thinking('gemini-3-pro-preview', '&reasoning=low'), {
    includeThoughts: true,
    thinkingLevel: 'low',
  })
})

test('URIs are checked', async () => {
  const good = [
    'gemini:?model=gemini-2.5-flash',
    'gemini://?model=a&reasoning=high',
    'gemini://127.0.0.1:1/v1beta?model=a&tls=0&timeout=5m&max_retries=0&vision=0&api_key=hunter2',
  ]
  for (const uri of good) await (await openModel(uri)).close()
  await refusesUris(openModel, [
    ['gemini:?api_key=hunter2', /"model": is required/],
    ['gemini://a,b?model=m&api_key=hunter2', /one host/],
    ['gemini:?model=m&reasoning=hunter2', /"reasoning"/],
    ['gemini:?model=m&api_key=hunter2&max_retries=11', /"max_retries"/],
    ['gemini:?model=m&key=hunter2', /no parameter "key"/],
    ['gemini://user:hunter2@host?model=m', /password/],
  ])
})
