import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerUser } from '../../../test-kit/account.ts'
import { accountApp, type World } from '../../../test-kit/account-app.ts'
import { TestLibrary } from '../../../test-kit/chat.ts'
import { Agents } from '../../domain/agent/service.ts'
import { Databases } from '../../domain/database/service.ts'
import { openModel } from '../../infra/model/open.ts'
import { openSqlParser } from '../../infra/sqlparser/open.ts'
import { Tables } from '../../infra/tables/tables.ts'
import { databaseRoutes } from './databases.ts'
import { recordRoutes } from './records.ts'

const model = await openModel('scripted:')
const parser = await openSqlParser('sqlite')

function routes({ context }: World) {
  const { knowledge, fileService: files } = new TestLibrary()
  const { database, newId, clock } = context
  const agents = new Agents({ context, model, knowledge, files })
  const tables = new Tables({ database, parser, newId, clock })
  const databases = new Databases({ context, tables, files, agents })
  return [databaseRoutes({ databases }), recordRoutes({ databases })]
}

/** A logged-in person and their calls under /api/memory/database. */
async function open() {
  const world = await accountApp({ more: routes })
  const user = await registerUser(world.app, 'anna')
  const call = async (path: string, payload: object) => {
    const url = `/api/memory/database/${path}`
    const answer = await world.app.inject({ method: 'POST', url, headers: { cookie: user.cookie }, payload })
    return answer.json()
  }
  return { user, call, world, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

const CITIES = {
  table_name: 'cities',
  table_desc: 'All cities',
  field_list: [
    { name: 'city', desc: 'its name', type: 1, must_required: true },
    { name: 'people', type: 2 },
  ],
  rw_mode: 2,
}

test('a database is made, shown, changed and deleted', async () => {
  await using app = await open()
  const { user, call } = app
  const { code, database_info: made } = await call('add', { ...CITIES, space_id: user.spaceId, creator_id: '1' })
  assert.equal(code, 0)
  const { id, draft_id, create_time, update_time, datamodel_table_id, field_list, ...rest } = made
  assert.deepEqual([draft_id, datamodel_table_id, create_time], [id, id, update_time])
  assert.deepEqual(rest, {
    ...{ space_id: user.spaceId, project_id: '0', icon_uri: '', icon_url: '', table_name: 'cities' },
    ...{ table_desc: 'All cities', status: 1, creator_id: user.accountId, actual_table_name: 'cities', rw_mode: 2 },
    ...{ prompt_disabled: false, is_visible: true, is_added_to_bot: false },
  })
  assert.deepEqual(field_list[0], {
    ...{ name: 'city', desc: 'its name', type: 1, must_required: true, is_system_field: false },
    ...{ id: field_list[0].id, alterId: field_list[0].id },
  })
  const online = (await call('get_online_database_id', { id })).id
  const shown = await call('get_by_id', { id: online, is_draft: false, need_sys_fields: true })
  assert.deepEqual([shown.database_info.id, shown.database_info.draft_id], [online, id])
  assert.deepEqual(
    shown.database_info.field_list.map((field: { name: string; is_system_field: boolean }) => field.name),
    ['bstudio_id', 'bstudio_create_time', 'bstudio_connector_uid', 'bstudio_connector_id', 'city', 'people'],
  )
  const changed = await call('update', {
    ...{ id, table_name: 'towns', rw_mode: 1 },
    field_list: [
      { ...field_list[0], name: 'town' },
      { name: 'river', type: 1 },
    ],
  })
  assert.deepEqual(
    changed.database_info.field_list.map((field: { id: number; name: string }) => field.name),
    ['town', 'river'],
  )
  assert.equal(changed.database_info.field_list[0].id, field_list[0].id)
  const list = await call('list', { space_id: user.spaceId, table_type: 1, limit: 1, offset: 0 })
  assert.deepEqual([list.total_count, list.has_more, list.database_info_list[0].table_name], [1, false, 'towns'])
  assert.deepEqual(await call('delete', { id }), { code: 0, msg: '' })
  assert.equal((await call('get_by_id', { id })).code, 4200)
})

test('rows are text, with all digits, in both halves apart', async () => {
  await using app = await open()
  const { user, call } = app
  const { database_info: made } = await call('add', { ...CITIES, space_id: user.spaceId })
  const database_id = made.id
  const rows = [{ city: 'Ulm', people: '9223372036854775807' }, { city: 'Bern' }]
  assert.deepEqual(await call('update_records', { database_id, table_type: 2, record_data_add: rows }), {
    ...{ code: 0, msg: '', data: [] },
  })
  const page = await call('list_records', {
    ...{ database_id, table_type: 2, limit: 1 },
    order_by_list: [{ field: 'city', direction: 2 }],
    filter_criterion: { logic: 1, conditions: [{ left: 'city', operation: 10 }] },
  })
  assert.deepEqual([page.HasMore, page.TotalNum, page.field_list.length], [true, 2, 6])
  const [ulm] = page.data
  assert.deepEqual([ulm.city, ulm.people, ulm.bstudio_connector_uid], ['Ulm', '9223372036854775807', user.accountId])
  const { bstudio_id } = ulm
  const alter = { database_id, table_type: 2, record_data_alter: [{ bstudio_id, people: '-1' }] }
  assert.equal((await call('update_records', alter)).data[0].people, '-1')
  const gone = { database_id, table_type: 2, record_data_delete: [{ bstudio_id }] }
  assert.equal((await call('update_records', gone)).code, 0)
  assert.equal((await call('list_records', { database_id, table_type: 2 })).TotalNum, 1)
  assert.equal((await call('list_records', { database_id, table_type: 1 })).TotalNum, 0)
})

test('what is wrong is refused with the name of the field', async () => {
  await using app = await open()
  const { user, call } = app
  const { database_info: made } = await call('add', { ...CITIES, space_id: user.spaceId })
  const database_id = made.id
  const bad: readonly (readonly [string, object, RegExp])[] = [
    ['add', { ...CITIES, space_id: user.spaceId }, /table_name: another database/],
    ['add', { ...CITIES, space_id: user.spaceId, table_name: 'x'.repeat(65) }, /table_name/],
    ['add', { ...CITIES, space_id: user.spaceId, field_list: [{ name: 'a', type: 6 }] }, /field_list/],
    ['add', { ...CITIES, space_id: user.spaceId, table_name: 'o', rw_mode: 4 }, /rw_mode/],
    ['list', { space_id: user.spaceId }, /table_type/],
    ['list_records', { database_id, limit: 101 }, /limit/],
    ['list_records', { database_id, order_by_list: [{ field: 'x;', direction: 1 }] }, /no field "x;"/],
    ['update_records', { database_id, record_data_add: [{ city: 'a', people: 'many' }] }, /people: must be a whole/],
    ['update_records', { database_id, record_data_add: [{ city: 5 }] }, /record_data_add/],
    ['update_records', { database_id, record_data_delete: [{}] }, /bstudio_id/],
  ]
  for (const [path, payload, message] of bad) {
    const { code, msg } = await call(path, payload)
    assert.deepEqual([code, message.test(msg)], [4000, true], `${path}: ${code} ${msg}`)
  }
})
