import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerUser, testAccounts } from '../../../test-kit/account.ts'
import { createServer } from '../server.ts'
import { accessTokenRoutes } from './access-tokens.ts'
import { passportRoutes } from './passport.ts'
import { spaceRoutes } from './spaces.ts'
import { userRoutes } from './users.ts'

test('GET /v1/users/me: the account of the token', async () => {
  await using world = await testAccounts()
  const routes = [passportRoutes(world), accessTokenRoutes(world), spaceRoutes(world), userRoutes(world)]
  const app = await createServer({ authenticator: world.accounts, routes, maxBodyBytes: 1_000_000 })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const anna = await registerUser(url, 'anna')
  const ben = await registerUser(app, 'ben')
  for (const [user, name] of [
    [anna, 'anna'],
    [ben, 'ben'],
  ] as const) {
    const answer = await app.inject({ url: '/v1/users/me', headers: { authorization: `Bearer ${user.token}` } })
    assert.deepEqual(answer.json(), {
      code: 0,
      msg: '',
      data: { user_id: user.accountId, user_name: name, nick_name: name, avatar_url: '' },
    })
  }
  await app.close()
})
