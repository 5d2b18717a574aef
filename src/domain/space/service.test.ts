import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testAccounts } from '../../../test-kit/account.ts'
import type { Actor } from '../actor.ts'

test('an account sees its own spaces, oldest first, with its role in each', async () => {
  await using world = await testAccounts()
  const signUp = async (name: string): Promise<Actor> => {
    const { session } = await world.accounts.register({ email: `${name}@example.org`, password: 'a long secret' })
    return world.accounts.bySession(session.cookie)
  }
  const [anna, ben] = [await signUp('anna'), await signUp('ben')]
  const id = world.context.newId()
  const { db } = world.database
  const team = { id, name: 'Team Blue', description: 'all', kind: 'team', owner_id: ben.accountId } as const
  await db
    .insertInto('space')
    .values({ ...team, created_at_ms: 1, updated_at_ms: 1 })
    .execute()
  for (const [actor, role] of [[anna, 'member'] as const, [ben, 'owner'] as const])
    await db
      .insertInto('space_member')
      .values({ space_id: id, account_id: actor.accountId, role, created_at_ms: 1 })
      .execute()

  const { spaces, total } = await world.spaces.list(anna, { number: 1, size: 10 })
  assert.equal(total, 2)
  assert.deepEqual(
    spaces.map((space) => [space.id, space.name, space.kind, space.role]),
    [
      [anna.personalSpaceId, 'Personal Space', 'personal', 'owner'],
      [id, 'Team Blue', 'team', 'member'],
    ],
  )
  assert.deepEqual((await world.spaces.list(anna, { number: 2, size: 1 })).spaces, [spaces[1]])
  assert.deepEqual((await world.spaces.list(anna, { number: 1, size: 9, search: 'blue' })).spaces, [spaces[1]])
  assert.deepEqual((await world.spaces.list(anna, { number: 3, size: 1 })).spaces, [])
  const memberships = await world.spaces.membershipsOf(ben.accountId)
  assert.equal(memberships.personalSpaceId, ben.personalSpaceId)
  assert.equal(memberships.spaces.get(id), 'owner')
})
