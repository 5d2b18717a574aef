import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testAccounts } from '../../../test-kit/account.ts'
import { AppError } from '../../base/errors.ts'
import { type Operation, operations } from '../../base/observe.ts'
import { Accounts } from './service.ts'

const START_MS = Date.UTC(2026, 10, 21)
const DAY_MS = 86_400_000
const unauthenticated = (err: unknown) => err instanceof AppError && err.code === 'unauthenticated'
const notFound = (err: unknown) => err instanceof AppError && err.code === 'not_found'

async function worldWithAnna() {
  const time = { nowMs: START_MS }
  const world = await testAccounts({ clock: () => time.nowMs })
  const signUp = async (name: string) => {
    const made = await world.accounts.register({ email: `${name}@example.org`, password: 'a long secret' })
    return world.accounts.bySession(made.session.cookie)
  }
  return Object.assign(world, { time, signUp, anna: await signUp('anna'), tokens: world.accounts.tokens })
}

test('a token is the account it was made by, through the API channel', async () => {
  await using world = await worldWithAnna()
  const { token, accessToken } = await world.tokens.create(world.anna, { name: 'ci', lifetime: 'permanent' })
  assert.match(token, /^pat_[0-9a-f]{64}$/)
  assert.deepEqual(await world.accounts.byToken(token), { ...world.anna, connectorId: '1024' })
  assert.deepEqual(
    { ...accessToken, id: '' },
    { id: '', name: 'ci', createdAtMs: START_MS, updatedAtMs: START_MS, lastUsedAtMs: null, expiresAtMs: null },
  )
})

test('the secret is not in the database', async () => {
  await using world = await worldWithAnna()
  const { token } = await world.tokens.create(world.anna, { name: 'ci', lifetime: 'permanent' })
  const rows = await world.database.db.selectFrom('access_token').selectAll().execute()
  assert.ok(!JSON.stringify(rows).includes(token.slice(4)))
})

const forged = [
  '',
  'pat_',
  'null',
  'undefined',
  `pat_${'0'.repeat(64)}`,
  `pat_${'0'.repeat(100_000)}`,
  "pat_' or 1=1 --",
]
for (const token of forged) {
  test(`the token ${JSON.stringify(token.slice(0, 20))}… is nobody's`, async () => {
    await using world = await worldWithAnna()
    await assert.rejects(world.accounts.byToken(token), unauthenticated)
  })
}

const lifetimes = [
  ['1', undefined, START_MS + DAY_MS],
  ['365', undefined, START_MS + 365 * DAY_MS],
  ['customize', START_MS + 5_000, START_MS + 5_000],
  ['permanent', undefined, null],
] as const
for (const [lifetime, expiresAtMs, end] of lifetimes) {
  test(`a token of lifetime ${lifetime} ends when it should, in the middle of its use`, async () => {
    await using world = await worldWithAnna()
    const made = await world.tokens.create(world.anna, { name: 'ci', lifetime, expiresAtMs })
    assert.equal(made.accessToken.expiresAtMs, end)
    world.time.nowMs = (end ?? START_MS + 9_000 * DAY_MS) - 1
    await world.accounts.byToken(made.token)
    world.time.nowMs += 1
    if (end === null) await world.accounts.byToken(made.token)
    else await assert.rejects(world.accounts.byToken(made.token), /expired/)
  })
}

test('a custom end lies in the future, and not in the year 50000', async () => {
  await using world = await worldWithAnna()
  for (const expiresAtMs of [undefined, -1, 0, START_MS, START_MS * 1_000, Number.NaN])
    await assert.rejects(
      world.tokens.create(world.anna, { name: 'ci', lifetime: 'customize', expiresAtMs }),
      /expire_at/,
      String(expiresAtMs),
    )
})

test('a deleted token stops at once, also while calls with it are under way', async () => {
  await using world = await worldWithAnna()
  const { token, accessToken } = await world.tokens.create(world.anna, { name: 'ci', lifetime: 'permanent' })
  await world.accounts.byToken(token)
  const underWay = Array.from({ length: 20 }, () => world.accounts.byToken(token).catch(() => undefined))
  await world.tokens.delete(world.anna, accessToken.id)
  await assert.rejects(world.accounts.byToken(token), unauthenticated)
  await Promise.all(underWay)
  await assert.rejects(world.accounts.byToken(token), unauthenticated)
})

test('a token deleted by another process stops within two seconds', async () => {
  await using world = await worldWithAnna()
  const other = new Accounts({ ...world, allowRegistration: false })
  const { token, accessToken } = await world.tokens.create(world.anna, { name: 'ci', lifetime: 'permanent' })
  await world.accounts.byToken(token)
  await other.tokens.delete(world.anna, accessToken.id)
  world.time.nowMs += 2_000
  await assert.rejects(world.accounts.byToken(token), unauthenticated)
})

test('a thousand calls at once ask the database once', async () => {
  await using world = await worldWithAnna()
  const { token } = await world.tokens.create(world.anna, { name: 'ci', lifetime: 'permanent' })
  let selects = 0
  const count = (message: unknown) => {
    if ((message as Operation).op === 'select') selects++
  }
  subscribe(operations.name, count)
  await Promise.all(Array.from({ length: 1_000 }, () => world.accounts.byToken(token)))
  unsubscribe(operations.name, count)
  assert.equal(selects, 2, 'the token and its spaces')
})

test('the last use is known to the minute', async () => {
  await using world = await worldWithAnna()
  const { token, accessToken } = await world.tokens.create(world.anna, { name: 'ci', lifetime: 'permanent' })
  const usedAt = async (nowMs: number) => {
    world.time.nowMs = nowMs
    await world.accounts.byToken(token)
    // it is written beside the call
    for (let i = 0; i < 50; i++) {
      const { lastUsedAtMs } = await world.tokens.get(world.anna, accessToken.id)
      if (lastUsedAtMs === nowMs) return lastUsedAtMs
      await sleep(2)
    }
    return (await world.tokens.get(world.anna, accessToken.id)).lastUsedAtMs
  }
  assert.equal(await usedAt(START_MS + 1_000), START_MS + 1_000)
  assert.equal(await usedAt(START_MS + 30_000), START_MS + 1_000)
  assert.equal(await usedAt(START_MS + 62_000), START_MS + 62_000)
})

test('tokens are listed newest first, page by page', async () => {
  await using world = await worldWithAnna()
  for (let i = 1; i <= 5; i++) await world.tokens.create(world.anna, { name: `t${i}`, lifetime: '1' })
  const page = async (number: number) => {
    const { items, hasMore } = await world.tokens.list(world.anna, { number, size: 2 })
    return [items.map((item) => item.name), hasMore]
  }
  assert.deepEqual(await page(1), [['t5', 't4'], true])
  assert.deepEqual(await page(2), [['t3', 't2'], true])
  assert.deepEqual(await page(3), [['t1'], false])
  assert.deepEqual(await page(4), [[], false])
})

test("another account's token is not there: not to read, rename, delete or list", async () => {
  await using world = await worldWithAnna()
  const ben = await world.signUp('ben')
  const { token, accessToken } = await world.tokens.create(world.anna, { name: 'ci', lifetime: '1' })
  await assert.rejects(world.tokens.get(ben, accessToken.id), notFound)
  await assert.rejects(world.tokens.rename(ben, accessToken.id, 'mine'), notFound)
  await assert.rejects(world.tokens.delete(ben, accessToken.id), notFound)
  assert.deepEqual((await world.tokens.list(ben, { number: 1, size: 10 })).items, [])
  await world.tokens.rename(world.anna, accessToken.id, 'build')
  assert.equal((await world.tokens.get(world.anna, accessToken.id)).name, 'build')
  assert.equal((await world.accounts.byToken(token)).accountId, world.anna.accountId)
})

test('an account has 200 tokens at most', async () => {
  await using world = await worldWithAnna()
  for (let i = 0; i < 200; i++) await world.tokens.create(world.anna, { name: 'ci', lifetime: '1' })
  await assert.rejects(world.tokens.create(world.anna, { name: 'ci', lifetime: '1' }), /at most 200/)
})
