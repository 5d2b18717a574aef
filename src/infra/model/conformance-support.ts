import assert from 'node:assert/strict'
import { AppError, type ErrorCode } from '../../base/errors.ts'
import type { Model, ModelEvent, ModelRequest } from './model.ts'

/** A question of the user, and what else the request holds. */
export const ask = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content: text }],
  ...more,
})

/** Every event of an answer. */
export async function collect(stream: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

/** The text of an answer. */
export const textIn = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('')

/** Asserts that a call fails with a code, and gives the error. */
export async function refuses(code: ErrorCode, run: () => Promise<unknown>): Promise<AppError> {
  try {
    await run()
  } catch (err) {
    assert.ok(err instanceof AppError, `threw ${String(err)}`)
    assert.equal(err.code, code, err.message)
    return err
  }
  assert.fail(`expected ${code}`)
}

/** An answer played to its end: its text and reasoning, its last event, and the error that it broke off with. */
export async function play(model: Model, request: ModelRequest) {
  const events: ModelEvent[] = []
  let error: AppError | undefined
  try {
    for await (const event of model.stream(request)) events.push(event)
  } catch (err) {
    assert.ok(err instanceof AppError, String(err))
    error = err
  }
  const reasoning = events.flatMap((event) => (event.type === 'reasoning' ? [event.text] : [])).join('')
  const last = events.at(-1)
  return { text: textIn(events), reasoning, finish: last?.type === 'finish' ? last : undefined, error }
}
