import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ChatKitOptions, chatKit } from '../../../test-kit/chat.ts'

type SentEvent = { event: string; data: Record<string, unknown> | string }

/** Reads a stream as strictly as the Python SDK: exactly two lines an event, then a blank one. */
function readEvents(text: string): SentEvent[] {
  assert.ok(text.endsWith('\n\n'), 'the stream must end in a blank line')
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const match = /^event:([a-z_.]+)\ndata:(.+)$/.exec(block)
      assert.ok(match, `not an event: ${block}`)
      return { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') }
    })
}

async function open(options?: ChatKitOptions) {
  const kit = await chatKit(options)
  const app = await kit.server()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const post = (path: string, body?: unknown, token = 'pat_ann', signal?: AbortSignal) =>
    fetch(url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': body === undefined ? 'application/x-www-form-urlencoded' : 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  const get = (path: string, token = 'pat_ann') =>
    fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  const ask = (text: string, extra: object = {}, query = '') =>
    post(`/v3/chat${query}`, {
      bot_id: kit.agentId,
      user_id: 'u-1',
      additional_messages: [{ role: 'user', type: 'question', content: text, content_type: 'text' }],
      ...extra,
    })
  const stream = async (text: string, extra: object = {}, query = '') => {
    const answer = await ask(text, { stream: true, ...extra }, query)
    assert.match(String(answer.headers.get('content-type')), /^text\/event-stream/)
    return readEvents(await answer.text())
  }
  return { ...kit, url, post, get, ask, stream }
}

test('a stream tells every step, and its deltas make the answer', async () => {
  await using kit = await open({ model: 'scripted:?reply=one%20two%20three' })
  const events = await kit.stream('hello')
  const names = events.map(({ event }) => event)
  assert.deepEqual(names, [
    'conversation.chat.created',
    'conversation.chat.in_progress',
    'conversation.message.delta',
    'conversation.message.delta',
    'conversation.message.delta',
    'conversation.message.completed',
    'conversation.message.completed',
    'conversation.chat.completed',
    'done',
  ])
})
