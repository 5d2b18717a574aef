import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { codeOf } from '../base/errors.ts'
import { createServer, type Routes } from './server.ts'
import { openEventStream } from './sse.ts'

/** A server whose stream never ends by itself, and what became of it. */
async function endless(stalledMs?: number) {
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  const routes: Routes = (app) => {
    app.get('/stream', { config: { public: true } }, async (_request, reply) => {
      const stream = openEventStream(reply, stalledMs)
      try {
        for (;;) await stream.send('x', 'x'.repeat(100_000))
      } catch (err) {
        end(codeOf(err))
      }
    })
  }
  const authenticator = { byToken: assert.fail, bySession: assert.fail }
  const app = await createServer({ maxBodyBytes: 1_000, authenticator, routes: [routes] })
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(url.port), url.hostname)
  socket.on('error', () => undefined)
  socket.write('GET /stream HTTP/1.1\r\nhost: x\r\n\r\n')
  return { socket, ended, [Symbol.asyncDispose]: () => app.close() }
}

test('a client that takes nothing any more is dropped, and the server can close', async () => {
  await using stream = await endless(50)
  stream.socket.pause()
  assert.equal(await stream.ended, 'canceled')
})

test('a client that leaves ends the stream', async () => {
  await using stream = await endless()
  stream.socket.once('data', () => stream.socket.destroy())
  assert.equal(await stream.ended, 'canceled')
})

test('a client that reads slowly is waited for', async () => {
  await using stream = await endless(1_000)
  let sizeBytes = 0
  for await (const chunk of stream.socket) {
    sizeBytes += chunk.length
    if (sizeBytes > 5_000_000) break
    if (sizeBytes % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  assert.ok(sizeBytes > 5_000_000)
  assert.equal(await stream.ended, 'canceled', 'leaving ends it')
})
