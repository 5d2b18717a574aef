import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, BOB } from '../../../test-kit/chat.ts'
import { fieldsFrom, testDatabases } from '../../../test-kit/databases.ts'
import type { RecordQuery } from './types.ts'

const CITIES = { city: 'text!', people: 'integer', founded: 'date', area: 'float', big: 'boolean' } as const
const PLAIN = { description: '', access: 'limited', isPromptDisabled: false } as const
const ALL: RecordQuery = { environment: 'draft', limit: 50, offset: 0, allUsers: true, allConnectors: true }
const asked = (name: string) => ({ ...PLAIN, spaceId: '201', name, fields: fieldsFrom(CITIES) })
const LIST = { environment: 'draft', offset: 0, limit: 10, newestFirst: true } as const

test('a database has two halves with the fields that were asked for', async () => {
  await using world = await testDatabases()
  const { databases } = world
  const made = await databases.create(ANN, { ...asked('cities'), description: 'All', access: 'read_only' })
  assert.notEqual(made.id, made.onlineId)
  assert.deepEqual(
    made.fields.map(({ name, type, isRequired }) => [name, type, isRequired]),
    [
      ['city', 'text', true],
      ['people', 'integer', false],
      ['founded', 'date', false],
      ['area', 'float', false],
      ['big', 'boolean', false],
    ],
  )
  assert.deepEqual(await databases.get(ANN, made.id), made)
  assert.deepEqual(await databases.get(ANN, made.onlineId), { ...made, environment: 'online' })
  const { views, total } = await databases.list(ANN, { ...LIST, name: 'CIT' })
  assert.deepEqual([total, views], [1, [made]])
  assert.deepEqual((await databases.list(ANN, { ...LIST, name: 'no' })).views, [])
})

test('names of databases and fields are checked', async () => {
  await using world = await testDatabases()
  const { databases } = world
  await databases.create(ANN, asked('cities'))
  await assert.rejects(databases.create(ANN, asked('Cities')), { code: 'already_exists' })
  await assert.rejects(databases.create(ANN, asked('a"b')), { code: 'invalid_argument' })
  for (const name of ['a b', '1a', 'bstudio_id', 'x'.repeat(65), 'a;drop'])
    await assert.rejects(databases.create(ANN, { ...asked('other'), fields: fieldsFrom({ [name]: 'text' }) }), {
      code: 'invalid_argument',
    })
  const twice = fieldsFrom({ a: 'text', A: 'text' })
  await assert.rejects(databases.create(ANN, { ...asked('other'), fields: twice }), { code: 'invalid_argument' })
  assert.equal((await databases.list(ANN, LIST)).total, 1)
  assert.equal((await world.database.db.selectFrom('user_table').selectAll().execute()).length, 2)
})

test('a change keeps what is renamed, even when names are swapped, and drops what is left out', async () => {
  await using world = await testDatabases()
  const { databases } = world
  const { id, fields } = await databases.create(ANN, asked('cities'))
  const row = { city: 'Ulm', people: '130000', founded: '1854-07-22', area: '118.7', big: 'false' }
  await databases.updateRecords(ANN, id, { environment: 'draft', add: [row], alter: [], deleteIds: [] })
  const [city, people] = fields
  assert.ok(city && people)
  const changed = await databases.update(ANN, id, {
    ...{ ...PLAIN, name: 'towns', description: 'changed', access: 'full' },
    fields: [
      { ...city, name: 'people', isRequired: false },
      { ...people, name: 'city', type: 'text' },
      { name: 'mayor', description: '', type: 'text', isRequired: false },
    ],
  })
  assert.deepEqual([changed.name, changed.description, changed.access], ['towns', 'changed', 'full'])
  assert.deepEqual(changed.fields.map(({ name, type }) => `${name} ${type}`).sort(), [
    'city text',
    'mayor text',
    'people text',
  ])
  const { records } = await databases.listRecords(ANN, id, ALL)
  assert.deepEqual([records[0]?.people, records[0]?.city, records[0]?.mayor], ['Ulm', '130000', ''])
  const online = await databases.listRecords(ANN, id, { ...ALL, environment: 'online' })
  assert.deepEqual([online.total, online.view.fields.length], [0, 3])
})

test('a change that values do not fit changes nothing', async () => {
  await using world = await testDatabases()
  const { databases } = world
  const made = await databases.create(ANN, asked('cities'))
  await databases.updateRecords(ANN, made.id, {
    ...{ environment: 'online' },
    add: [{ city: 'Ulm' }],
    alter: [],
    deleteIds: [],
  })
  const fields = made.fields.map((field) => (field.name === 'city' ? { ...field, type: 'integer' as const } : field))
  await assert.rejects(databases.update(ANN, made.id, { ...PLAIN, name: 'towns', fields }), { code: 'conflict' })
  assert.deepEqual(await databases.get(ANN, made.id), made)
})

test('rows keep whole numbers exactly, and are changed all or none', async () => {
  await using world = await testDatabases()
  const { databases } = world
  const { id } = await databases.create(ANN, asked('cities'))
  const change = { environment: 'draft', add: [], alter: [], deleteIds: [] } as const
  const big = '9223372036854775807'
  await databases.updateRecords(ANN, id, {
    ...change,
    add: [{ city: 'Ulm', people: big }, { city: 'Bern', people: '-9007199254740993', big: '1' }, { city: 'Rom' }],
  })
  const before = await databases.listRecords(ANN, id, { ...ALL, orderBy: [{ field: 'people', descending: true }] })
  assert.deepEqual(
    before.records.map(({ city, people, big: isBig, bstudio_connector_uid }) => [
      city,
      people,
      isBig,
      bstudio_connector_uid,
    ]),
    [
      ['Ulm', big, '', ANN.accountId],
      ['Bern', '-9007199254740993', 'true', ANN.accountId],
      ['Rom', '', '', ANN.accountId],
    ],
  )
  const [ulm, bern] = before.records
  const bad = { bstudio_id: bern?.bstudio_id ?? '', people: 'many' }
  const half = { ...change, add: [{ city: 'Genf' }], alter: [bad], deleteIds: [ulm?.bstudio_id ?? ''] }
  await assert.rejects(databases.updateRecords(ANN, id, half), { code: 'wrong_type', message: /^people: / })
  await assert.rejects(databases.updateRecords(ANN, id, { ...change, deleteIds: ['77'] }), { code: 'not_found' })
  await assert.rejects(
    databases.updateRecords(ANN, id, { ...change, add: [{ people: '1' }] }),
    /city: a value is required/,
  )
  assert.equal((await databases.listRecords(ANN, id, ALL)).total, 3)
  const changed = await databases.updateRecords(ANN, id, {
    ...change,
    alter: [{ bstudio_id: bern?.bstudio_id ?? '', city: 'Biel', people: '' }],
    deleteIds: [ulm?.bstudio_id ?? ''],
  })
  assert.deepEqual(
    changed.map(({ city, people }) => [city, people]),
    [['Biel', '']],
  )
  assert.equal((await databases.listRecords(ANN, id, ALL)).total, 2)
})

test('rows are looked up by conditions', async () => {
  await using world = await testDatabases()
  const { databases } = world
  const { id } = await databases.create(ANN, asked('cities'))
  const add = ['Ulm', 'Bern', 'Basel', 'Rom'].map((city, i) => ({ city, people: String(i * 100) }))
  await databases.updateRecords(ANN, id, { environment: 'draft', add, alter: [], deleteIds: [] })
  const cities = async (field: string, operator: '=' | 'IN' | 'LIKE' | '>' | 'IS NULL', value: string, any = false) => {
    const conditions = [
      { field, operator, value },
      ...(any ? [{ field: 'city', operator: '=' as const, value: 'Ulm' }] : []),
    ]
    const { records, total } = await databases.listRecords(ANN, id, { ...ALL, filter: { any, conditions } })
    assert.equal(total, records.length)
    return records.map(({ city }) => city).join()
  }
  assert.equal(await cities('city', '=', 'Bern'), 'Bern')
  assert.equal(await cities('city', 'LIKE', 'b%'), 'Bern,Basel')
  assert.equal(await cities('people', '>', '100'), 'Basel,Rom')
  assert.equal(await cities('people', '>', '200', true), 'Ulm,Rom')
  assert.equal(await cities('people', 'IN', '[0, 300]'), 'Ulm,Rom')
  assert.equal(await cities('founded', 'IS NULL', ''), 'Ulm,Bern,Basel,Rom')
  assert.equal(await cities('city', '=', `' OR 1=1 --`), '')
  await assert.rejects(cities('nothing', '=', '1'), { code: 'invalid_argument' })
  await assert.rejects(cities('people', '>', 'x'), { code: 'wrong_type' })
})

test('where the access is limited a person sees the own rows, unless told otherwise', async () => {
  await using world = await testDatabases()
  const { databases, sql } = world
  const { id } = await world.bound('notes', { text: 'text' })
  await sql('end user', `INSERT INTO notes (text) VALUES ('hers')`)
  await world.add(ANN, id, { text: 'mine' })
  const texts = async (allUsers: boolean) => {
    const query = { ...ALL, environment: 'online', allUsers, allConnectors: false } as const
    return (await databases.listRecords(ANN, id, query)).records.map(({ text }) => text)
  }
  assert.deepEqual(await texts(false), ['mine'])
  assert.deepEqual(await texts(true), ['hers', 'mine'])
})

test('everything of another space is not found', async () => {
  await using world = await testDatabases()
  const { databases, kit } = world
  const { id, onlineId } = await databases.create(ANN, asked('cities'))
  await assert.rejects(databases.create(BOB, asked('mine')), { code: 'permission_denied' })
  await assert.rejects(databases.list(BOB, { ...LIST, spaceId: '201' }), { code: 'permission_denied' })
  await assert.rejects(databases.list(BOB, { ...LIST, agentId: kit.agentId }), { code: 'not_found' })
  assert.equal((await databases.list(BOB, LIST)).total, 0)
  const change = { environment: 'draft', add: [], alter: [], deleteIds: [] } as const
  for (const half of [id, onlineId])
    for (const attempt of [
      () => databases.get(BOB, half),
      () => databases.update(BOB, half, asked('mine')),
      () => databases.delete(BOB, half),
      () => databases.bind(BOB, kit.agentId, half),
      () => databases.unbind(BOB, kit.agentId, half),
      () => databases.listRecords(BOB, half, ALL),
      () => databases.updateRecords(BOB, half, change),
    ])
      await assert.rejects(attempt, { code: 'not_found' })
  const own = await databases.create(BOB, { ...asked('cities'), spaceId: BOB.personalSpaceId })
  await assert.rejects(databases.bind(BOB, kit.agentId, own.id), { code: 'not_found' })
})

test('bindings come and go, also with their database and their agent', async () => {
  await using world = await testDatabases()
  const { databases, kit, database } = world
  const bindings = async () => (await database.db.selectFrom('agent_database').selectAll().execute()).length
  const first = await world.bound('first', { a: 'text' })
  const second = await world.bound('second', { a: 'text' })
  await assert.rejects(databases.bind(ANN, kit.agentId, first.onlineId), { code: 'already_exists' })
  const { views } = await databases.list(ANN, { ...LIST, agentId: kit.agentId })
  assert.deepEqual(
    views.map(({ name, isBound }) => [name, isBound]),
    [
      ['second', true],
      ['first', true],
    ],
  )
  await databases.unbind(ANN, kit.agentId, first.id)
  await assert.rejects(databases.unbind(ANN, kit.agentId, first.id), { code: 'failed_precondition' })
  await databases.bind(ANN, kit.agentId, first.id)
  await databases.delete(ANN, second.id)
  assert.equal(await bindings(), 1)
  await assert.rejects(databases.get(ANN, second.onlineId), { code: 'not_found' })
  assert.equal((await database.db.selectFrom('user_table').selectAll().execute()).length, 2)
  await kit.agents.delete(ANN, kit.agentId)
  assert.equal(await bindings(), 0)
})
