import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../base/errors.ts'
import { LoginGuard } from './login-guard.ts'

const MINUTE_MS = 60_000
const wrong = async () => null
const right = async () => 'in'

function guardAt(start = 0) {
  const time = { nowMs: start }
  const guard = new LoginGuard(() => time.nowMs)
  const isLocked = async (key = 'a') => {
    try {
      await guard.run(key, right)
      return false
    } catch (err) {
      assert.ok(err instanceof AppError && err.code === 'rate_limited', String(err))
      return true
    }
  }
  const fail = async (times: number, key = 'a') => {
    for (let i = 0; i < times; i++) assert.equal(await guard.run(key, wrong), null)
  }
  return { guard, time, isLocked, fail }
}

test('four failures are forgiven, the fifth locks for a minute', async () => {
  const { time, isLocked, fail } = guardAt()
  await fail(4)
  assert.equal(await isLocked(), false)
  await fail(5)
  assert.equal(await isLocked(), true)
  time.nowMs += MINUTE_MS - 1
  assert.equal(await isLocked(), true)
  time.nowMs += 1
  assert.equal(await isLocked(), false)
})

test('each further failure locks twice as long, up to a quarter of an hour', async () => {
  const { time, isLocked, fail } = guardAt()
  await fail(5)
  for (const minutes of [1, 2, 4, 8, 15, 15]) {
    time.nowMs += minutes * MINUTE_MS - 1
    assert.equal(await isLocked(), true, `${minutes} min`)
    time.nowMs += 1
    await fail(1)
  }
})

test('failures of one key lock no other', async () => {
  const { isLocked, fail } = guardAt()
  await fail(5, 'a')
  assert.equal(await isLocked('b'), false)
})

test('a success and an hour of silence start the count again', async () => {
  const { time, guard, isLocked, fail } = guardAt()
  await fail(4)
  await guard.run('a', right)
  await fail(4)
  time.nowMs += 61 * MINUTE_MS
  await fail(4)
  assert.equal(await isLocked(), false)
})

test('attempts at once get no more guesses than attempts in a row', async () => {
  const { guard } = guardAt()
  let guesses = 0
  const attempt = async () => {
    guesses++
    await new Promise(setImmediate)
    return null
  }
  const outcomes = await Promise.allSettled(Array.from({ length: 1_000 }, () => guard.run('a', attempt)))
  assert.equal(guesses, 5)
  assert.equal(outcomes.filter((o) => o.status === 'rejected').length, 995)
})

test('an attempt that fails for another reason does not count and blocks nobody', async () => {
  const { guard, isLocked } = guardAt()
  for (let i = 0; i < 10; i++)
    await assert.rejects(
      guard.run('a', () => Promise.reject(new Error('disk'))),
      /disk/,
    )
  assert.equal(await isLocked(), false)
})
