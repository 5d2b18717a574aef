import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerUser } from '../../../test-kit/account.ts'
import { accountApp } from '../../../test-kit/account-app.ts'

test('both lists show the own space, with every field the SDKs require, and nobody else’s', async () => {
  await using world = await accountApp()
  const [anna, ben] = [await registerUser(world.app, 'anna'), await registerUser(world.app, 'ben')]
  assert.notEqual(anna.spaceId, ben.spaceId)
  for (const user of [anna, ben]) {
    const headers = { authorization: `Bearer ${user.token}` }
    const api = await world.app.inject({ url: '/v1/workspaces?page_num=1&page_size=10&enterprise_id=', headers })
    const workspace = { id: user.spaceId, name: 'Personal Space', icon_url: '', role_type: 'owner' }
    assert.deepEqual(api.json(), {
      code: 0,
      msg: '',
      data: { total_count: 1, workspaces: [{ ...workspace, workspace_type: 'personal', enterprise_id: '' }] },
    })
    const url = '/api/playground_api/space/list'
    const list = await world.app.inject({ method: 'POST', url, headers: { cookie: user.cookie } })
    const space = {
      id: user.spaceId,
      name: 'Personal Space',
      description: '',
      icon_url: '',
      space_type: 1,
      role_type: 1,
    }
    assert.deepEqual(list.json().data, {
      bot_space_list: [space],
      recently_used_space_list: [space],
      has_personal_space: true,
      team_space_num: 0,
      max_team_space_num: 0,
      total: 1,
      has_more: false,
    })
  }
})

const bad: readonly [url: string, field: RegExp][] = [
  ['/v1/workspaces?page_num=0', /page_num/],
  ['/v1/workspaces?page_num=-1', /page_num/],
  ['/v1/workspaces?page_num=two', /page_num/],
  ['/v1/workspaces?page_size=51', /page_size/],
  ['/v1/workspaces?page_num=1.5', /page_num/],
]
for (const [url, field] of bad) {
  test(`GET ${url} is refused`, async () => {
    await using world = await accountApp()
    const { token } = await registerUser(world.app)
    const answer = await world.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
    assert.deepEqual([answer.statusCode, answer.json().code], [400, 4000])
    assert.match(answer.json().msg, field)
  })
}

test('a page behind the last one is empty and still knows the total', async () => {
  await using world = await accountApp()
  const { token } = await registerUser(world.app)
  const answer = await world.app.inject({
    url: '/v1/workspaces?page_num=7',
    headers: { authorization: `Bearer ${token}` },
  })
  assert.deepEqual(answer.json().data, { total_count: 1, workspaces: [] })
})
