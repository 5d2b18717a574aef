import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerUser } from '../../../test-kit/account.ts'
import { accountApp } from '../../../test-kit/account-app.ts'

test('GET /v1/users/me: everybody is the account of the own token', async () => {
  await using world = await accountApp()
  const [anna, ben] = [await registerUser(world.app, 'anna'), await registerUser(world.app, 'ben')]
  for (const [user, name] of [
    [anna, 'anna'],
    [ben, 'ben'],
  ] as const) {
    const answer = await world.app.inject({ url: '/v1/users/me', headers: { authorization: `Bearer ${user.token}` } })
    assert.deepEqual(answer.json(), {
      code: 0,
      msg: '',
      data: { user_id: user.accountId, user_name: name, nick_name: name, avatar_url: '' },
    })
  }
})

test('GET /v1/users/me without a token: 401', async () => {
  await using world = await accountApp()
  const { cookie } = await registerUser(world.app)
  const answer = await world.app.inject({ url: '/v1/users/me', headers: { cookie } })
  assert.deepEqual([answer.statusCode, answer.json().code], [401, 4100])
})
