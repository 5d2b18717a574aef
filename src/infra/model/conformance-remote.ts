import assert from 'node:assert/strict'
import type { Case } from '../../base/conformance.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { ask, play } from './conformance-support.ts'
import type { Model } from './model.ts'

/** The other end of a remote model, where a test can make it fail. It gives the question back word by word. */
export type RemoteEnd = {
  /** What the coming requests get instead of an answer, one each. */
  next(
    ...faults: (
      | { status: number; body?: unknown; headers?: Record<string, string> }
      | { raw: readonly string[]; contentType?: string }
      | { fault: 'stall' | 'stall-after-one' | 'cut' | 'cut-after-one' | 'end-early' }
    )[]
  ): void
  /** Requests for an answer so far. */
  requests(): number
  /** Requests that the client hung up on. */
  hungUp(): number
  /** Ends the endpoint. */
  down(): Promise<void>
}

/**
 * `model` answers at least a few words to any question; `slow` takes at least two seconds to finish an answer. `connect`
 * opens one more model with an endpoint of its own, for
 * providers that declare `remote`; the suite's opener closes both.
 */
export type ModelHarness = {
  model: Model
  slow?: Model
  connect?(params: string, options?: { delayMs?: number }): Promise<{ model: Model; remote: RemoteEnd; apiKey: string }>
}

const connect = (harness: ModelHarness, params = '', options: { delayMs?: number } = {}) => {
  assert.ok(harness.connect)
  return harness.connect(params, options)
}

const TOO_LONG = "This model's maximum context length is 8192 tokens. Your messages are longer."

/** What a provider at the other end of a wire must keep when that end fails. */
export const remoteCases: readonly Case<ModelHarness>[] = [
  {
    name: 'MODEL-22 failures have the code that fits, and never the key',
    needs: 'remote',
    run: async (h) => {
      const { model, remote, apiKey } = await connect(h, '&max_retries=0')
      const message = `Incorrect API key provided: ${apiKey}`
      const table: [status: number, body: unknown, code: ErrorCode, says: RegExp][] = [
        [400, { error: { message: 'bad tool' } }, 'invalid_argument', /bad tool/],
        [400, { error: { message: TOO_LONG } }, 'invalid_argument', /too long for the model: This/],
        [401, { error: { message } }, 'unauthenticated', /check MODEL_API_KEY/],
        [403, { error: { message } }, 'permission_denied', /403/],
        [404, { error: { message: 'no model m1' } }, 'failed_precondition', /no model.*MODEL_URI/],
        [413, 'too big', 'invalid_argument', /too long/],
        [422, { detail: 'no' }, 'invalid_argument', /no/],
        [429, { error: { message: 'quota', code: 'insufficient_quota' } }, 'resource_exhausted', /quota/],
        [500, { error: { message } }, 'unavailable', /\*\*\*/],
        [503, '<html>nginx</html>', 'unavailable', /503$/],
        [529, { error: { message: 'Overloaded' } }, 'unavailable', /Overloaded/],
        [302, '', 'invalid_argument', /302/],
      ]
      for (const [status, body, code, says] of table) {
        remote.next({ status, body, headers: status === 302 ? { location: 'http://127.0.0.1:1' } : {} })
        const { error } = await play(model, ask('hi'))
        assert.equal(error?.code, code, `${status}: ${error?.message}`)
        assert.match(error?.message ?? '', says)
        assert.ok(!JSON.stringify([error?.message, error?.details, String(error?.cause)]).includes(apiKey))
      }
    },
  },
  {
    name: 'MODEL-23 what may pass is tried again before the first piece, and the wait that is asked for is kept',
    needs: 'remote',
    run: async (h) => {
      const { model, remote } = await connect(h)
      remote.next({ status: 503 }, { fault: 'cut' })
      assert.equal((await play(model, ask('back again'))).text, 'back again')
      assert.equal(remote.requests(), 3)
      remote.next({ status: 429, headers: { 'retry-after': '7200' } })
      const { error } = await play(model, ask('hi'))
      assert.equal(error?.code, 'rate_limited')
      assert.equal(error?.details.retryAfterMs, 7_200_000)
      assert.equal(remote.requests(), 4)
      remote.next({ status: 503 }, { status: 529 }, { status: 503 })
      assert.equal((await play(model, ask('hi'))).error?.code, 'unavailable')
      assert.equal(remote.requests(), 7)
    },
  },
  {
    name: 'MODEL-24 an answer that breaks off keeps its pieces and then fails, without a second try',
    needs: 'remote',
    run: async (h) => {
      for (const fault of ['cut-after-one', 'end-early'] as const) {
        const { model, remote } = await connect(h)
        remote.next({ fault })
        const { text, error, finish } = await play(model, ask('one two three'))
        assert.equal(text, 'one', fault)
        assert.equal(error?.code, 'unavailable', fault)
        assert.equal(finish, undefined)
        assert.equal(remote.requests(), 1)
      }
    },
  },
  {
    name: 'MODEL-25 silence ends with deadline_exceeded, at the start and in the middle',
    needs: 'remote',
    run: async (h) => {
      for (const fault of ['stall', 'stall-after-one'] as const) {
        const { model, remote } = await connect(h, '&timeout=200ms')
        remote.next({ fault })
        const { error } = await play(model, ask('one two three'))
        assert.equal(error?.code, 'deadline_exceeded', fault)
        assert.equal(remote.requests(), 1)
      }
    },
  },
  {
    name: 'MODEL-26 the timeout is for silence, not for the whole answer',
    needs: 'remote',
    run: async (h) => {
      const { model } = await connect(h, '&timeout=1s', { delayMs: 150 })
      assert.equal((await play(model, ask('1 2 3 4 5 6 7 8 9'))).error, undefined)
    },
  },
  {
    name: 'MODEL-27 an answer that is no event stream, or none of this protocol, is an error',
    needs: 'remote',
    run: async (h) => {
      const { model, remote } = await connect(h, '&max_retries=0')
      remote.next({ raw: ['<html>Welcome</html>'], contentType: 'text/html' })
      const { error } = await play(model, ask('hi'))
      assert.equal(error?.code, 'unavailable')
      assert.match(error?.message ?? '', /MODEL_URI/)
      remote.next({ raw: ['data: {not json}\n\n'] })
      assert.equal((await play(model, ask('hi'))).error?.code, 'corrupt')
    },
  },
  {
    name: 'MODEL-28 leaving and aborting hang up on the endpoint',
    needs: 'remote',
    run: async (h) => {
      const { model, remote } = await connect(h, '', { delayMs: 50 })
      for await (const event of model.stream(ask('one two three four five six'))) if (event.type === 'text') break
      const controller = new AbortController()
      await assert.rejects(async () => {
        for await (const _ of model.stream(ask('one two three four five six'), { signal: controller.signal }))
          controller.abort()
      })
      while (remote.hungUp() < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  },
  {
    name: 'MODEL-29 an endpoint that is away is unavailable, in health too',
    needs: 'remote',
    run: async (h) => {
      const { model, remote } = await connect(h, '&max_retries=0')
      await remote.down()
      assert.equal((await play(model, ask('hi'))).error?.code, 'unavailable')
      assert.equal((await model.health()).status, 'down')
    },
  },
  {
    name: 'MODEL-30 an image by an address that is no web address is refused before anything is sent',
    needs: 'vision',
    run: async (h) => {
      const { model, remote } = await connect(h)
      for (const url of ['file:///etc/passwd', 'not a url', 'javascript:1']) {
        const { error } = await play(model, { messages: [{ role: 'user', content: [{ type: 'image', url }] }] })
        assert.equal(error?.code, 'invalid_argument')
      }
      assert.equal(remote.requests(), 0)
    },
  },
]
