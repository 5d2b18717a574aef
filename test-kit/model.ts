import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ModelHarness } from '../src/infra/model/conformance-remote.ts'
import { ask, play } from '../src/infra/model/conformance-support.ts'
import type { FinishReason, Model } from '../src/infra/model/model.ts'
import { openModel } from '../src/infra/model/open.ts'
import { type ModelServerOptions, type ModelWire, startModelServer } from './model-server.ts'

/** A vendor: how its endpoint speaks, and the URI of a model `m1` behind it. */
export type Vendor = { wire: ModelWire; uri: (host: string) => string }

const API_KEY = 'sk-secret-of-the-test'

/** A model and the endpoint that it talks to; `params` are added to the URI, with "&" in front. */
export async function connectModel(vendor: Vendor, params = '', options: ModelServerOptions = {}) {
  const server = await startModelServer(vendor.wire, options)
  const warnings: string[] = []
  const warn = (text: string) => warnings.push(text)
  const model = await openModel(`${vendor.uri(server.host)}${params}`, { apiKey: API_KEY, warn })
  const close = async () => {
    await model.close()
    await server.close()
  }
  return { server, model, warnings, apiKey: API_KEY, close, [Symbol.asyncDispose]: close }
}

/** What the conformance suite needs of a remote model: one that answers, one that is slow, and more when asked for. */
export async function modelHarness(vendor: Vendor, params = '') {
  const open: { model: Model; close(): Promise<void> }[] = []
  const connect: NonNullable<ModelHarness['connect']> = async (more, options) => {
    const it = await connectModel(vendor, `${params}${more}`, options)
    open.push(it)
    const { server, model, apiKey } = it
    const remote = {
      next: server.next,
      requests: () => server.bodies().length,
      hungUp: () => server.requests.filter((request) => request.closedEarly).length,
      down: () => server.close(),
    }
    return { model, remote, apiKey }
  }
  const { model } = await connect('')
  const slow = await connect('', { delayMs: 300 })
  const harness: ModelHarness = { model, slow: slow.model, connect }
  return { harness, close: () => Promise.all(open.map((it) => it.close())) }
}

/** A stream as the vendor documents it, to be sent in pieces of a few bytes. */
function recorded(name: string): { raw: string[] } {
  const text = readFileSync(new URL(`model-wires/recorded/${name}.sse`, import.meta.url), 'utf8')
  return { raw: text.match(/[\s\S]{1,97}/gu) ?? [] }
}

/** What is to be read from a recorded stream: `tokens` are those of input and output. */
export type Reading = { text: string; reasoning?: string; reason: FinishReason; tokens: [number, number] }

/**
 * Hands over the tests with a vendor's recorded streams, by the names of their files without the vendor's. Two more files
 * are those of an overload, "overloaded-at-once" and "overloaded-later".
 */
export function testRecorded(name: string, vendor: Vendor, readings: Readonly<Record<string, Reading>>): void {
  for (const [file, reading] of Object.entries(readings))
    test(`${name}: the recorded stream "${file}"`, async () => {
      await using it = await connectModel(vendor)
      it.server.next(recorded(`${name}-${file}`))
      const { text, reasoning, finish, error } = await play(it.model, ask('hi'))
      assert.deepEqual([text, reasoning, error], [reading.text, reading.reasoning ?? '', undefined])
      const [inputTokens, outputTokens] = reading.tokens
      const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
      assert.deepEqual(finish, { type: 'finish', reason: reading.reason, usage })
    })

  test(`${name}: an overload is tried again while nothing was said, and ends an answer that had begun`, async () => {
    await using it = await connectModel(vendor)
    it.server.next(recorded(`${name}-overloaded-at-once`), { status: 529 })
    assert.equal((await play(it.model, ask('back again'))).text, 'back again')
    assert.equal(it.server.bodies().length, 3)
    it.server.next(recorded(`${name}-overloaded-later`))
    const { text, error, finish } = await play(it.model, ask('hi'))
    assert.deepEqual([text, error?.code, finish], ['Hello', 'unavailable', undefined])
    assert.match(error?.message ?? '', /overloaded/i)
    assert.equal(it.server.bodies().length, 4)
  })
}
