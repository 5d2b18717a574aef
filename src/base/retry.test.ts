import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RetryOptions, retry } from './retry.ts'

async function count(failures: number, options: Partial<RetryOptions> = {}) {
  let calls = 0
  const run = retry(
    async () => {
      calls++
      if (calls <= failures) throw new Error(`failure ${calls}`)
      return 'done'
    },
    { retries: 3, baseMs: 1, isRetryable: () => true, ...options },
  )
  const outcome = await run.catch((err: unknown) => (err instanceof Error ? err.message : 'unknown'))
  return { calls, outcome }
}

test('a call that recovers succeeds', async () => {
  assert.deepEqual(await count(3), { calls: 4, outcome: 'done' })
})

test('the last error comes out when the retries are used up', async () => {
  assert.deepEqual(await count(9), { calls: 4, outcome: 'failure 4' })
})

test('what cannot be retried fails at once', async () => {
  assert.deepEqual(await count(9, { isRetryable: () => false }), { calls: 1, outcome: 'failure 1' })
})

test('the wait that the other side asks for is kept, and one that is too long is not waited for', async () => {
  const startedMs = performance.now()
  assert.equal((await count(1, { askedMs: () => 60 })).outcome, 'done')
  assert.ok(performance.now() - startedMs >= 55)
  assert.deepEqual(await count(1, { askedMs: () => 60_000 }), { calls: 1, outcome: 'failure 1' })
})

test('an abort ends the waiting', async () => {
  const controller = new AbortController()
  const running = count(9, { askedMs: () => 15_000, signal: controller.signal })
  setTimeout(() => controller.abort(), 10)
  assert.equal((await running).calls, 1)
})
