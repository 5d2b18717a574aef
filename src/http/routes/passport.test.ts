import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerUser } from '../../../test-kit/account.ts'
import { accountApp } from '../../../test-kit/account-app.ts'
import type { App } from '../server.ts'

const REGISTER = '/api/passport/web/email/register/v2/'
const LOGIN = '/api/passport/web/email/login/'
const LOGOUT = '/api/passport/web/logout/'
const RESET = '/api/passport/web/email/password/reset/'
const INFO = '/api/passport/account/info/v2/'
const UPDATE = '/api/user/update_profile'
const AVATAR = '/api/web/user/update/upload_avatar/'
const ANNA = { email: 'anna@example.org', password: 'a long secret' }

const post = (app: App, url: string, payload: object = {}, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, payload, headers })
type Answer = Awaited<ReturnType<typeof post>>
const cookieOf = (answer: Answer): string => /^[^;]+/.exec(String(answer.headers['set-cookie']))?.[0] ?? ''
const statusAndCode = (answer: Answer) => [answer.statusCode, answer.json().code]

test('registering answers with the account and sets the cookie', async () => {
  await using world = await accountApp({ clock: () => Date.UTC(2026, 10, 21) })
  const answer = await post(world.app, REGISTER, ANNA, { 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' })
  const { data } = answer.json()
  assert.match(data.user_id_str, /^\d+$/)
  assert.deepEqual(data, {
    user_id_str: data.user_id_str,
    name: 'anna',
    user_unique_name: 'anna',
    email: 'anna@example.org',
    description: '',
    avatar_url: '',
    screen_name: 'anna',
    app_user_info: { user_unique_name: 'anna' },
    locale: 'de-DE',
    user_create_time: Date.UTC(2026, 10, 21) / 1000,
  })
  assert.match(
    String(answer.headers['set-cookie']),
    /^session_key=[\w-]{43}; Path=\/; Expires=Mon, 21 Dec 2026 00:00:00 GMT; HttpOnly; SameSite=Lax$/,
  )
  const info = await post(world.app, INFO, {}, { cookie: cookieOf(answer) })
  assert.deepEqual(info.json().data, data)
})

test('over TLS, here or at a proxy, the cookie stays on TLS', async () => {
  await using world = await accountApp()
  const answer = await post(world.app, REGISTER, ANNA, { 'x-forwarded-proto': 'https' })
  assert.match(String(answer.headers['set-cookie']), /; Secure/)
})

test('the locale is en-US when the browser names none that exists', async () => {
  await using world = await accountApp()
  const languages = ['', '*', 'no locale at all', 'x'.repeat(1_000)]
  for (const [i, language] of languages.entries()) {
    const person = { ...ANNA, email: `anna${i}@example.org` }
    const answer = await post(world.app, REGISTER, person, { 'accept-language': language })
    assert.equal(answer.json().data?.locale, 'en-US', language)
  }
})

test('all paths work without their last slash', async () => {
  await using world = await accountApp()
  const cookie = cookieOf(await post(world.app, REGISTER.slice(0, -1), ANNA))
  await post(world.app, LOGIN.slice(0, -1), ANNA)
  assert.equal((await post(world.app, INFO.slice(0, -1), {}, { cookie })).statusCode, 200)
  assert.equal((await world.app.inject({ url: LOGOUT.slice(0, -1), headers: { cookie } })).statusCode, 200)
})

test('a login renews the session, and logout ends it by GET and by POST', async () => {
  await using world = await accountApp()
  const first = cookieOf(await post(world.app, REGISTER, ANNA))
  const second = cookieOf(await post(world.app, LOGIN, ANNA, { cookie: first }))
  assert.notEqual(first, second)
  assert.deepEqual(statusAndCode(await post(world.app, INFO, {}, { cookie: first })), [401, 4100])
  const out = await world.app.inject({ url: LOGOUT, headers: { cookie: second } })
  assert.deepEqual(out.json(), { code: 0, msg: '', redirect_url: '' })
  assert.match(String(out.headers['set-cookie']), /^session_key=; .*Expires=Thu, 01 Jan 1970/)
  assert.deepEqual(statusAndCode(await post(world.app, INFO, {}, { cookie: second })), [401, 4100])
  const third = cookieOf(await post(world.app, LOGIN, ANNA))
  assert.equal((await post(world.app, LOGOUT, {}, { cookie: third })).statusCode, 200)
  assert.deepEqual(statusAndCode(await post(world.app, INFO, {}, { cookie: third })), [401, 4100])
})

const refusals: readonly [name: string, url: string, body: object, status: number, code: number, text: RegExp][] = [
  ['an address without @', REGISTER, { ...ANNA, email: 'anna' }, 400, 700000006, /email/],
  ['an address with a line end', REGISTER, { ...ANNA, email: 'a@b.c\r\nx' }, 400, 700000006, /email/],
  ['an address of 10,000 characters', REGISTER, { ...ANNA, email: 'a'.repeat(10_000) }, 400, 4000, /email/],
  ['no address', REGISTER, { password: 'a long secret' }, 400, 4000, /email/],
  ['an address that is an object', REGISTER, { ...ANNA, email: { $ne: '' } }, 400, 4000, /email/],
  ['an address that is a list', REGISTER, { ...ANNA, email: ['anna@example.org'] }, 400, 4000, /email/],
  ['no password', REGISTER, { email: 'ben@example.org' }, 400, 4000, /password/],
  ['a short password', REGISTER, { email: 'ben@example.org', password: '1234567' }, 400, 4000, /password/],
  ['an endless password', REGISTER, { email: 'ben@example.org', password: 'x'.repeat(257) }, 400, 4000, /password/],
  ['an address that is taken', REGISTER, { ...ANNA, email: 'ANNA@example.org' }, 400, 700000001, /email/],
  ['a wrong password', LOGIN, { ...ANNA, password: 'wrong' }, 401, 700000003, /wrong/],
  ['an unknown address', LOGIN, { ...ANNA, email: 'x@example.org' }, 401, 700000003, /wrong/],
  ['an empty login', LOGIN, {}, 400, 4000, /email/],
  ['a login with an endless password', LOGIN, { ...ANNA, password: 'x'.repeat(10_000) }, 400, 4000, /password/],
]
test('what is wrong is refused with its name, and sets no cookie', async (t) => {
  await using world = await accountApp()
  await post(world.app, REGISTER, ANNA)
  for (const [name, url, body, status, code, text] of refusals) {
    await t.test(name, async () => {
      const answer = await post(world.app, url, body)
      assert.deepEqual(statusAndCode(answer), [status, code], answer.body)
      assert.match(answer.json().msg, text)
      assert.equal(answer.headers['set-cookie'], undefined)
      assert.ok(!answer.body.includes('a long secret'))
    })
  }
})

test('after the first account registration is closed: 700000008', async () => {
  await using world = await accountApp({ allowRegistration: false })
  await post(world.app, REGISTER, ANNA)
  const answer = await post(world.app, REGISTER, { ...ANNA, email: 'ben@example.org' })
  assert.deepEqual(statusAndCode(answer), [403, 700000008])
})

test('of two first registrations at once one is let in', async () => {
  await using world = await accountApp({ allowRegistration: false })
  const people = ['anna@example.org', 'ben@example.org'].map((email) => ({ ...ANNA, email }))
  const answers = await Promise.all(people.map((person) => post(world.app, REGISTER, person)))
  assert.deepEqual(answers.map((answer) => answer.statusCode).sort(), [200, 403])
})

test('guessing passwords ends in 4013', async () => {
  await using world = await accountApp()
  await post(world.app, REGISTER, ANNA)
  const guesses = Array.from({ length: 30 }, (_, i) => post(world.app, LOGIN, { ...ANNA, password: `guess ${i}` }))
  const answers = (await Promise.all(guesses)).map(statusAndCode)
  assert.equal(answers.filter(([status]) => status === 401).length, 5)
  assert.equal(answers.filter(([status, code]) => status === 429 && code === 4013).length, 25)
  assert.deepEqual(statusAndCode(await post(world.app, LOGIN, ANNA)), [429, 4013])
})

test('pages of other sites neither register nor log in nor log out', async () => {
  await using world = await accountApp()
  const foreign = { origin: 'http://evil.example', 'content-type': 'text/plain' }
  const attempt = (url: string, headers: Record<string, string> = {}) =>
    world.app.inject({ method: 'POST', url, payload: JSON.stringify(ANNA), headers: { ...foreign, ...headers } })
  assert.equal((await attempt(REGISTER)).statusCode, 403)
  const cookie = cookieOf(await post(world.app, REGISTER, ANNA))
  assert.equal((await attempt(LOGIN)).statusCode, 403)
  assert.equal((await attempt(LOGOUT, { cookie })).statusCode, 403)
  const link = await world.app.inject({ url: LOGOUT, headers: { cookie, accept: 'text/html' } })
  assert.equal(link.statusCode, 403)
  assert.equal((await post(world.app, INFO, {}, { cookie })).statusCode, 200)
})

for (const method of ['GET', 'POST'] as const) {
  test(`the own password is set by ${method}, another's is not`, async () => {
    await using world = await accountApp()
    const [anna, ben] = [await registerUser(world.app, 'anna'), await registerUser(world.app, 'ben')]
    const reset = (email: string, password: string, cookie = ben.cookie) =>
      method === 'GET'
        ? world.app.inject({ url: `${RESET}?${new URLSearchParams({ email, password })}`, headers: { cookie } })
        : post(world.app, RESET, { email, password }, { cookie })
    assert.deepEqual(statusAndCode(await reset(anna.email, 'mine now, mine')), [403, 4101])
    assert.deepEqual(statusAndCode(await reset(ben.email, 'short')), [400, 4000])
    assert.deepEqual(statusAndCode(await reset(ben.email, 'x'.repeat(10_000))), [400, 4000])
    assert.deepEqual(statusAndCode(await reset(ben.email, 'quite new & better', 'session_key=x')), [401, 4100])
    assert.deepEqual((await reset(ben.email, 'quite new & better')).json(), { code: 0, msg: '' })
    assert.equal((await post(world.app, LOGIN, ben)).statusCode, 401)
    assert.equal((await post(world.app, LOGIN, { ...ben, password: 'quite new & better' })).statusCode, 200)
    assert.equal((await post(world.app, LOGIN, anna)).statusCode, 200)
  })
}

test('a link cannot set a password', async () => {
  await using world = await accountApp()
  const anna = await registerUser(world.app, 'anna')
  const url = `${RESET}?${new URLSearchParams({ email: anna.email, password: 'from a link, haha' })}`
  const headers = { cookie: anna.cookie, accept: 'text/html,application/xhtml+xml' }
  assert.equal((await world.app.inject({ url, headers })).statusCode, 403)
  assert.equal((await post(world.app, LOGIN, anna)).statusCode, 200)
})

test('a profile changes, and bad values change nothing', async () => {
  await using world = await accountApp()
  const { cookie } = await registerUser(world.app, 'anna')
  await registerUser(world.app, 'ben.berg')
  const update = (body: object) => post(world.app, UPDATE, body, { cookie })
  const change = { name: 'Anna', user_unique_name: 'anna-berg', description: 'hi', locale: 'fr' }
  assert.deepEqual((await update({ ...change, email: 'x@example.org', user_id_str: '1' })).json(), { code: 0, msg: '' })
  const bad: readonly [body: object, field: RegExp][] = [
    [{ name: '' }, /name/],
    [{ name: 'x'.repeat(10_000) }, /name/],
    [{ user_unique_name: 'abc' }, /user_unique_name/],
    [{ user_unique_name: 'x'.repeat(21) }, /user_unique_name/],
    [{ user_unique_name: '<b>anna</b>' }, /user_unique_name/],
    [{ user_unique_name: 'ben.berg' }, /user_unique_name/],
    [{ description: 'x'.repeat(10_000) }, /description/],
    [{ locale: 'not a locale' }, /locale/],
    [{ name: 'x\0y' }, /NUL/],
  ]
  for (const [body, field] of bad) {
    const answer = await update(body)
    assert.deepEqual(statusAndCode(answer), [400, 4000], JSON.stringify(body).slice(0, 60))
    assert.match(answer.json().msg, field)
  }
  const { data } = (await post(world.app, INFO, {}, { cookie })).json()
  const { name, user_unique_name, description, locale, email } = data
  assert.deepEqual({ name, user_unique_name, description, locale }, change)
  assert.equal(email, 'anna@example.org')
})

const PNG = '\x89PNG\r\n\x1a\n and so on'
const form = (name: string, content: string, type = 'image/png', fileName = '../../x.png') =>
  Buffer.from(
    `--b\r\ncontent-disposition: form-data; name="${name}"; filename="${fileName}"\r\ncontent-type: ${type}\r\n\r\n${content}\r\n--b--\r\n`,
    'latin1',
  )

test('a picture is uploaded and shown by a signed address', async () => {
  await using world = await accountApp()
  const { cookie } = await registerUser(world.app)
  const headers = { cookie, 'content-type': 'multipart/form-data; boundary=b' }
  const payload = form('avatar', PNG)
  const answer = await world.app.inject({ method: 'POST', url: AVATAR, headers, payload })
  const { web_uri } = answer.json().data
  const url = new URL(web_uri)
  const opened = await world.blob.openSigned(
    decodeURIComponent(url.pathname.slice('/api/blob/'.length)),
    Object.fromEntries(url.searchParams),
  )
  assert.equal(opened.meta.contentType, 'image/png')
  assert.equal((await Array.fromAsync(opened.body)).map((b) => Buffer.from(b).toString('latin1')).join(''), PNG)
  assert.notEqual((await post(world.app, INFO, {}, { cookie })).json().data.avatar_url, '')
})

const noPictures: readonly [name: string, payload: Buffer | string, type: string, status: number][] = [
  ['an SVG', form('avatar', '<svg onload="alert(1)"/>', 'image/svg+xml'), 'multipart/form-data; boundary=b', 400],
  ['a page that says it is a PNG', form('avatar', '<html>'), 'multipart/form-data; boundary=b', 400],
  ['a file over 2 MiB', form('avatar', PNG + 'x'.repeat(2 * 1024 ** 2)), 'multipart/form-data; boundary=b', 413],
  ['an empty form', '--b--\r\n', 'multipart/form-data; boundary=b', 400],
  ['a form without its end', form('avatar', PNG).subarray(0, 120), 'multipart/form-data; boundary=b', 400],
  ['a form without its boundary', form('avatar', PNG), 'multipart/form-data', 400],
  ['a picture in another field', form('file', PNG), 'multipart/form-data; boundary=b', 400],
  ['JSON', '{"avatar":"x"}', 'application/json', 400],
]
for (const [name, payload, type, status] of noPictures) {
  test(`${name} is refused as a picture`, async () => {
    await using world = await accountApp()
    const { cookie } = await registerUser(world.app)
    const headers = { cookie, 'content-type': type }
    const answer = await world.app.inject({ method: 'POST', url: AVATAR, headers, payload })
    assert.equal(answer.statusCode, status, answer.body)
    assert.equal((await post(world.app, INFO, {}, { cookie })).json().data.avatar_url, '')
  })
}
