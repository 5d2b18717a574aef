import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { registerUser, type TestUser } from '../../../test-kit/account.ts'
import { accountApp } from '../../../test-kit/account-app.ts'

const NOW_MS = Date.UTC(2026, 10, 21)
const BASE = '/api/permission_api/pat'
const CREATE = `${BASE}/create_personal_access_token_and_permission`
const LIST = `${BASE}/list_personal_access_tokens`
const GET = `${BASE}/get_personal_access_token_and_permission`
const UPDATE = `${BASE}/update_personal_access_token_and_permission`
const DELETE = `${BASE}/delete_personal_access_token_and_permission`

let world: Awaited<ReturnType<typeof accountApp>>
let anna: TestUser
let ben: TestUser
before(async () => {
  world = await accountApp({ clock: () => NOW_MS })
  anna = await registerUser(world.app, 'anna')
  ben = await registerUser(world.app, 'ben')
})
after(() => world[Symbol.asyncDispose]())

const get = (user: TestUser, url: string) => world.app.inject({ url, headers: { cookie: user.cookie } })
const post = (user: TestUser, url: string, payload: object) =>
  world.app.inject({ method: 'POST', url, payload, headers: { cookie: user.cookie } })

test('a token is made, seen once, listed, renamed and deleted', async () => {
  const made = await post(anna, CREATE, { name: 'ci', duration_day: '30', organization_id: '' })
  const { token, personal_access_token: pat } = made.json().data
  const seconds = NOW_MS / 1000
  const times = { created_at: seconds, updated_at: seconds, last_used_at: -1, expire_at: seconds + 30 * 86_400 }
  assert.deepEqual(pat, { id: pat.id, name: 'ci', ...times })
  assert.match(token, /^pat_[0-9a-f]{64}$/)

  const me = () => world.app.inject({ url: '/v1/users/me', headers: { authorization: `Bearer ${token}` } })
  assert.equal((await me()).json().data.user_id, anna.accountId)
  assert.deepEqual((await post(anna, UPDATE, { id: pat.id, name: 'build' })).json(), { code: 0, msg: '' })
  const one = await get(anna, `${GET}?id=${pat.id}`)
  assert.equal(one.json().data.personal_access_token.name, 'build')
  assert.ok(!one.body.includes(token))

  const list = await get(anna, LIST)
  assert.ok(!list.body.includes(token))
  const { personal_access_tokens: items, has_more } = list.json().data
  assert.equal(has_more, false)
  assert.deepEqual(items[0], {
    ...one.json().data.personal_access_token,
    creator_name: 'anna',
    creator_unique_name: 'anna',
    creator_avatar_url: '',
    creator_icon_url: '',
    locked: false,
    creator_status: 'active',
  })

  assert.deepEqual((await post(anna, DELETE, { id: pat.id })).json(), { code: 0, msg: '' })
  assert.deepEqual([(await me()).statusCode, (await me()).json().code], [401, 4100])
  assert.equal((await get(anna, `${GET}?id=${pat.id}`)).statusCode, 404)
})

test('an id may come as a number', async () => {
  const { id } = (await post(anna, CREATE, { name: 'ci', duration_day: '1' })).json().data.personal_access_token
  const headers = { cookie: anna.cookie, 'content-type': 'application/json' }
  const answer = await world.app.inject({ method: 'POST', url: DELETE, payload: `{"id":${id}}`, headers })
  assert.equal(answer.statusCode, 200, answer.body)
})

test('a token that never ends says so', async () => {
  const { personal_access_token: pat } = (await post(anna, CREATE, { name: 'ci', duration_day: 'permanent' })).json()
    .data
  assert.equal(pat.expire_at, -1)
})

test("another account's token is not found", async () => {
  const { id } = (await post(anna, CREATE, { name: 'ci', duration_day: '1' })).json().data.personal_access_token
  for (const answer of [
    await get(ben, `${GET}?id=${id}`),
    await post(ben, UPDATE, { id, name: 'mine' }),
    await post(ben, DELETE, { id }),
  ])
    assert.deepEqual([answer.statusCode, answer.json().code], [404, 4200], answer.body)
  assert.ok(!(await get(ben, `${LIST}?size=100`)).body.includes(id))
  assert.equal((await get(anna, `${GET}?id=${id}`)).json().data.personal_access_token.name, 'ci')
})

const bad: readonly [name: string, body: object, field: RegExp][] = [
  ['no name', { duration_day: '1' }, /name/],
  ['a blank name', { name: '   ', duration_day: '1' }, /name/],
  ['a name of 10,000 characters', { name: 'x'.repeat(10_000), duration_day: '1' }, /name/],
  ['no lifetime', { name: 'ci' }, /duration_day/],
  ['a lifetime that is none', { name: 'ci', duration_day: '7' }, /duration_day/],
  ['a custom end that is missing', { name: 'ci', duration_day: 'customize' }, /expire_at/],
  ['a custom end in the past', { name: 'ci', duration_day: 'customize', expire_at: NOW_MS / 1000 - 1 }, /expire_at/],
  ['an end in milliseconds', { name: 'ci', duration_day: 'customize', expire_at: NOW_MS * 2 }, /expire_at/],
  ['an end that is a text', { name: 'ci', duration_day: 'customize', expire_at: 'soon' }, /expire_at/],
  ['a lifetime that is an object', { name: 'ci', duration_day: { $gt: '' } }, /duration_day/],
]
for (const [name, body, field] of bad) {
  test(`a token with ${name} is refused`, async () => {
    const answer = await post(anna, CREATE, body)
    assert.deepEqual([answer.statusCode, answer.json().code], [400, 4000], answer.body)
    assert.match(answer.json().msg, field)
  })
}

for (const id of ['', 'abc', '0', '-1', '99999999999999999999'])
  test(`the id ${JSON.stringify(id)} is refused`, async () => {
    assert.equal((await get(anna, `${GET}?id=${id}`)).statusCode, 400)
    assert.equal((await post(anna, DELETE, { id })).statusCode, 400)
  })

test('a token manages no tokens', async () => {
  const headers = { authorization: `Bearer ${anna.token}` }
  for (const url of [CREATE, UPDATE, DELETE])
    assert.equal((await world.app.inject({ method: 'POST', url, headers, payload: {} })).statusCode, 401, url)
  for (const url of [LIST, GET]) assert.equal((await world.app.inject({ url, headers })).statusCode, 401, url)
})
