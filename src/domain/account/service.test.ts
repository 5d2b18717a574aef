import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { testAccounts, WEAK_SCRYPT } from '../../../test-kit/account.ts'
import { AppError } from '../../base/errors.ts'
import { Accounts } from './service.ts'
import { claimOwnership } from './store.ts'

const ANNA = { email: 'anna@example.org', password: 'a long secret' }
const BEN = { email: 'ben@example.org', password: 'another secret' }
const DAY_MS = 86_400_000
const PNG = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1')

const body = (bytes: Uint8Array) => Readable.from([bytes])

/** Matches an `AppError` by its code, and by its reason when one is given. */
const failure = (code: string, reason?: string) => (err: unknown) =>
  err instanceof AppError && err.code === code && (reason === undefined || err.details.reason === reason)

const clockAt = (nowMs: number) => {
  const time = { nowMs, clock: () => time.nowMs }
  return time
}

test('the first account is the owner, has a space of its own and is logged in', async () => {
  await using world = await testAccounts({ allowRegistration: false })
  const { profile, session } = await world.accounts.register({ ...ANNA, locale: 'zh-cn' })
  assert.deepEqual(
    { ...profile, id: '', createdAtMs: 0 },
    {
      id: '',
      email: 'anna@example.org',
      name: 'anna',
      uniqueName: 'anna',
      description: '',
      locale: 'zh-CN',
      avatarUrl: '',
      isOwner: true,
      createdAtMs: 0,
    },
  )
  const actor = await world.accounts.bySession(session.cookie)
  assert.equal(actor.accountId, profile.id)
  assert.deepEqual([...actor.spaces], [[actor.personalSpaceId, 'owner']])
})

test('after the first account registration is closed, and does not tell who is there', async () => {
  await using world = await testAccounts({ allowRegistration: false })
  await world.accounts.register(ANNA)
  for (const credentials of [ANNA, BEN])
    await assert.rejects(world.accounts.register(credentials), failure('permission_denied', 'registration_closed'))
})

test('of many first registrations at once one wins while registration is closed', async () => {
  await using world = await testAccounts({ allowRegistration: false })
  const people = Array.from({ length: 10 }, (_, i) => ({ email: `p${i}@example.org`, password: 'a long secret' }))
  const outcomes = await Promise.allSettled(people.map((person) => world.accounts.register(person)))
  const won = outcomes.filter((o) => o.status === 'fulfilled')
  assert.equal(won.length, 1)
  assert.equal(won[0]?.value.profile.isOwner, true)
  for (const lost of outcomes.filter((o) => o.status === 'rejected'))
    assert.ok(failure('permission_denied', 'registration_closed')(lost.reason), String(lost.reason))
  const rows = await world.database.db.selectFrom('space_member').select('account_id').execute()
  assert.equal(rows.length, 1, 'nothing is left of those who lost')
})

test('of many first registrations at once one is the owner while registration is open', async () => {
  await using world = await testAccounts()
  const people = Array.from({ length: 10 }, (_, i) => ({ email: `same@${i}.example.org`, password: 'a long secret' }))
  const made = await Promise.all(people.map((person) => world.accounts.register(person)))
  assert.equal(made.filter(({ profile }) => profile.isOwner).length, 1)
  assert.equal(new Set(made.map(({ profile }) => profile.uniqueName)).size, 10)
})

test('ownership is claimed once, whatever two transactions have seen', async () => {
  await using world = await testAccounts()
  await world.database.transaction((tx) => claimOwnership(tx, '1', 0))
  await assert.rejects(
    world.database.transaction((tx) => claimOwnership(tx, '2', 0)),
    failure('already_exists'),
  )
})

test('one address has one account, in every spelling', async () => {
  await using world = await testAccounts()
  const outcomes = await Promise.allSettled([world.accounts.register(ANNA), world.accounts.register(ANNA)])
  assert.deepEqual(outcomes.map((o) => o.status).sort(), ['fulfilled', 'rejected'])
  for (const email of ['ANNA@Example.org', ' anna@example.org', '\uFF41nna@example.org'])
    await assert.rejects(world.accounts.register({ ...ANNA, email }), failure('already_exists', 'email_taken'), email)
})

test('a bad address, a short and an endless password are refused', async () => {
  await using world = await testAccounts()
  await assert.rejects(world.accounts.register({ ...ANNA, email: 'anna' }), failure('invalid_argument', 'bad_email'))
  for (const password of ['', '1234567', 'x'.repeat(257), 'x'.repeat(10_000)])
    await assert.rejects(world.accounts.register({ ...ANNA, password }), /^AppError: password:/)
})

test('a login starts a new session, ends the one this browser had, and no other', async () => {
  await using world = await testAccounts()
  const phone = (await world.accounts.register(ANNA)).session
  const laptop = (await world.accounts.login(ANNA)).session
  const again = (await world.accounts.login(ANNA, laptop.cookie)).session
  assert.equal(new Set([phone.cookie, laptop.cookie, again.cookie]).size, 3)
  await assert.rejects(world.accounts.bySession(laptop.cookie), failure('unauthenticated'))
  await world.accounts.bySession(phone.cookie)
  await world.accounts.bySession(again.cookie)
})

test('a session ends at logout and after 30 days', async () => {
  const time = clockAt(Date.UTC(2026, 10, 21))
  await using world = await testAccounts({ clock: time.clock })
  const first = (await world.accounts.register(ANNA)).session
  await world.accounts.logout(first.cookie)
  await assert.rejects(world.accounts.bySession(first.cookie), failure('unauthenticated'))
  const second = (await world.accounts.login(ANNA)).session
  assert.equal(second.expiresAtMs, time.nowMs + 30 * DAY_MS)
  time.nowMs += 30 * DAY_MS - 1
  await world.accounts.bySession(second.cookie)
  time.nowMs += 1
  await assert.rejects(world.accounts.bySession(second.cookie), failure('unauthenticated'))
  await world.accounts.login(ANNA)
  const rows = await world.database.db.selectFrom('session').selectAll().execute()
  assert.equal(rows.length, 1, 'a login clears expired sessions away')
})

test('neither cookies nor passwords are in the database', async () => {
  await using world = await testAccounts()
  const { session } = await world.accounts.register(ANNA)
  const { db } = world.database
  const rows = [
    await db.selectFrom('session').selectAll().execute(),
    await db.selectFrom('account').selectAll().execute(),
  ]
  const text = JSON.stringify(rows)
  assert.ok(!text.includes(session.cookie) && !text.includes(ANNA.password))
})

const forged = ['', 'null', 'undefined', 'x'.repeat(43), 'x'.repeat(100_000), "' or 1=1 --"]
test('forged cookies are refused', async () => {
  await using world = await testAccounts()
  await world.accounts.register(ANNA)
  for (const cookie of forged) await assert.rejects(world.accounts.bySession(cookie), failure('unauthenticated'))
})

test('a wrong password and an unknown address are answered alike', async () => {
  await using world = await testAccounts()
  await world.accounts.register(ANNA)
  const wrong = await world.accounts.login({ ...ANNA, password: 'wrong' }).catch((err: AppError) => err)
  const unknown = await world.accounts.login(BEN).catch((err: AppError) => err)
  assert.ok(wrong instanceof AppError && unknown instanceof AppError)
  assert.deepEqual([wrong.code, wrong.message, wrong.details], [unknown.code, unknown.message, unknown.details])
  assert.equal(wrong.details.reason, 'bad_credentials')
})

test('guessing is stopped for a while, for the right password and for unknown addresses too', async () => {
  const time = clockAt(Date.UTC(2026, 10, 21))
  await using world = await testAccounts({ clock: time.clock })
  await world.accounts.register(ANNA)
  for (const email of [ANNA.email, 'nobody@example.org']) {
    for (let i = 0; i < 5; i++)
      await assert.rejects(world.accounts.login({ email, password: `guess ${i}` }), failure('unauthenticated'))
    await assert.rejects(world.accounts.login({ email, password: ANNA.password }), failure('rate_limited'))
  }
  time.nowMs += 60_000
  await world.accounts.login(ANNA)
})

test('a password stored with older parameters is stored anew at the next login', async () => {
  await using world = await testAccounts()
  await world.accounts.register(ANNA)
  const hashes = async () => (await world.database.db.selectFrom('account').select('password_hash').execute())[0]
  const before = await hashes()
  const stronger = new Accounts({
    ...world,
    allowRegistration: false,
    passwordCost: { ...WEAK_SCRYPT, cost: 32 },
  })
  await stronger.login(ANNA)
  assert.notDeepEqual(await hashes(), before)
  assert.match(String((await hashes())?.password_hash), /ln=5/)
  await stronger.login(ANNA)
})

test('a new password ends the other sessions and the old password, not this session nor the tokens', async () => {
  await using world = await testAccounts()
  const other = (await world.accounts.register(ANNA)).session
  const mine = (await world.accounts.login(ANNA)).session
  const actor = await world.accounts.bySession(mine.cookie)
  const { token } = await world.accounts.tokens.create(actor, { name: 'ci', lifetime: 'permanent' })
  const changed = { email: 'Anna@example.org', password: 'quite another secret' }
  await world.accounts.changePassword(actor, changed, mine.cookie)
  await world.accounts.bySession(mine.cookie)
  await world.accounts.byToken(token)
  await world.accounts.login(changed)
  await assert.rejects(world.accounts.bySession(other.cookie), failure('unauthenticated'))
  await assert.rejects(world.accounts.login(ANNA), failure('unauthenticated', 'bad_credentials'))
})

test('nobody sets the password of somebody else', async () => {
  await using world = await testAccounts()
  await world.accounts.register(ANNA)
  const { session } = await world.accounts.register(BEN)
  const ben = await world.accounts.bySession(session.cookie)
  const attempt = { email: ANNA.email, password: 'mine now, mine' }
  await assert.rejects(world.accounts.changePassword(ben, attempt, session.cookie), failure('permission_denied'))
  await assert.rejects(
    world.accounts.changePassword(ben, { email: BEN.email, password: 'short' }, session.cookie),
    failure('invalid_argument'),
  )
  await world.accounts.login(ANNA)
  await world.accounts.login(BEN)
})

test('a profile changes by the fields that are given', async () => {
  await using world = await testAccounts()
  const anna = await world.accounts.bySession((await world.accounts.register(ANNA)).session.cookie)
  await world.accounts.register(BEN)
  await world.accounts.updateProfile(anna, { name: 'Anna Berg', uniqueName: 'anna.berg' })
  await world.accounts.updateProfile(anna, { description: 'hello', locale: 'de-de' })
  const { name, uniqueName, description, locale, email } = await world.accounts.profile(anna)
  assert.deepEqual(
    [name, uniqueName, description, locale, email],
    ['Anna Berg', 'anna.berg', 'hello', 'de-DE', 'anna@example.org'],
  )
  await assert.rejects(world.accounts.updateProfile(anna, { uniqueName: 'ben' }), /user_unique_name/)
  await assert.rejects(world.accounts.updateProfile(anna, { locale: 'no locale' }), /locale/)
  await world.accounts.updateProfile(anna, { uniqueName: 'anna.berg' })
})

test('a unique name that is taken becomes the whole address', async () => {
  await using world = await testAccounts()
  await world.accounts.register(ANNA)
  const second = await world.accounts.register({ ...ANNA, email: 'Anna@example.com' })
  assert.deepEqual([second.profile.name, second.profile.uniqueName], ['Anna', 'Anna'])
  const third = await world.accounts.register({ ...ANNA, email: 'anna@example.net' })
  assert.deepEqual([third.profile.name, third.profile.uniqueName], ['anna', 'anna@example.net'])
})

test('a picture is known by its content, replaced in place and read by a signed address', async () => {
  await using world = await testAccounts()
  const anna = await world.accounts.bySession((await world.accounts.register(ANNA)).session.cookie)
  const JPEG = Buffer.from('\xff\xd8\xff and so on', 'latin1')
  const [first, second] = [
    await world.accounts.setAvatar(anna, body(PNG)),
    await world.accounts.setAvatar(anna, body(JPEG)),
  ]
  for (const url of [first, second]) assert.match(url, /^http:\/\/snug\.test\/api\/blob\/avatar\//)
  assert.notEqual((await world.accounts.profile(anna)).avatarUrl, '')
  const { files } = await world.blob.list('')
  assert.deepEqual(
    files.map((file) => [file.key, file.contentType]),
    [[`avatar/${anna.accountId}`, 'image/jpeg']],
  )
})

const noPictures: readonly [name: string, bytes: Uint8Array][] = [
  ['nothing', Buffer.alloc(0)],
  ['an SVG that runs code', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['a picture over the limit', Buffer.concat([PNG, Buffer.alloc(2 * 1024 ** 2)])],
]
for (const [name, bytes] of noPictures) {
  test(`${name} does not become a picture`, async () => {
    await using world = await testAccounts()
    const anna = await world.accounts.bySession((await world.accounts.register(ANNA)).session.cookie)
    await assert.rejects(world.accounts.setAvatar(anna, body(bytes)), /^AppError: avatar:/)
    assert.deepEqual((await world.blob.list('')).files, [])
  })
}
