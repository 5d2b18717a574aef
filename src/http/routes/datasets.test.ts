import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { knowledgeServer } from '../../../test-kit/knowledge-server.ts'

let server: Awaited<ReturnType<typeof knowledgeServer>>
before(async () => {
  server = await knowledgeServer()
})
after(() => server[Symbol.asyncDispose]())

const create = async (body: object = {}) => {
  const answer = await server.call('anna', 'POST', '/v1/datasets', {
    space_id: '101',
    name: 'd',
    format_type: 0,
    ...body,
  })
  assert.equal(answer.status, 200, answer.text)
  return String(answer.body.data.dataset_id)
}
const list = async (query = '') => {
  const answer = await server.call('anna', 'GET', `/v1/datasets?space_id=101${query}`)
  assert.equal(answer.status, 200, answer.text)
  return answer.body.data
}

test('a new dataset has every field that the SDKs need, and nothing is null but the unset strategy', async () => {
  const icon = (await server.upload('anna', 'icon.png', 'png')).body.data.id
  const id = await create({ name: 'full', description: 'about', file_id: icon })
  const [dataset] = (await list('&name=full')).dataset_list
  const { create_time, update_time, icon_url, ...rest } = dataset
  assert.ok(Number.isInteger(create_time) && create_time < 10_000_000_000 && update_time >= create_time)
  assert.match(icon_url, /^http:\/\/snug\.test\/api\/blob\//)
  assert.deepEqual(rest, {
    dataset_id: id,
    space_id: '101',
    creator_id: '100',
    name: 'full',
    description: 'about',
    icon_uri: icon,
    avatar_url: '',
    creator_name: '',
    status: 1,
    format_type: 0,
    can_edit: true,
    doc_count: 0,
    slice_count: 0,
    hit_count: 0,
    bot_used_count: 0,
    all_file_size: 0,
    file_list: [],
    failed_file_list: [],
    processing_file_list: [],
    processing_file_id_list: [],
    chunk_strategy: null,
  })
})

test('what the Python SDK sends is understood: nulls, numbers for ids, empty query values', async () => {
  const id = await create({ name: 'python', space_id: 101, description: null, file_id: null })
  const { total_count, dataset_list } = await list('&name=&format_type=&page_size=300&page_num=1')
  assert.ok(dataset_list.some((dataset: { dataset_id: string }) => dataset.dataset_id === id))
  assert.equal(total_count, dataset_list.length)
})

test('the list is filtered by part of the name and by kind, and comes in pages, latest change first', async () => {
  const ids = [await create({ name: 'page one' }), await create({ name: 'page two' }), await create({ name: 'PAGE 3' })]
  await create({ name: '100%_page', format_type: 2 })
  const found = await list('&name=page&format_type=0&page_size=2')
  assert.equal(found.total_count, 3)
  assert.deepEqual(
    found.dataset_list.map((dataset: { dataset_id: string }) => dataset.dataset_id),
    [ids[2], ids[1]],
  )
  assert.equal((await list('&name=page&format_type=0&page_size=2&page_num=2')).dataset_list[0].dataset_id, ids[0])
  assert.equal((await list(`&name=${encodeURIComponent('0%_p')}`)).total_count, 1)
  assert.equal((await list('&name=page&format_type=2')).total_count, 1)
})

test('an update replaces name, description and icon', async () => {
  const id = await create({ name: 'before', description: 'old' })
  const answer = await server.call('anna', 'PUT', `/v1/datasets/${id}`, { name: 'after' })
  assert.deepEqual([answer.status, answer.body], [200, { code: 0, msg: '' }])
  const [dataset] = (await list('&name=after')).dataset_list
  assert.deepEqual([dataset.dataset_id, dataset.description], [id, ''])
})

test('counts and file lists follow the documents', async () => {
  const id = await create({ name: 'counted' })
  await server.add(
    { accountId: '100', personalSpaceId: '101', spaces: new Map([['101', 'owner']]), connectorId: '1024' },
    id,
    { name: 'good.txt', source: { kind: 'text', text: 'some words' } },
    { name: 'bad.pdf', source: { kind: 'bytes', bytes: Buffer.from('no pdf'), type: 'pdf' } },
  )
  const [dataset] = (await list('&name=counted')).dataset_list
  assert.deepEqual(
    [dataset.doc_count, dataset.slice_count, dataset.all_file_size, dataset.file_list, dataset.failed_file_list],
    [2, 1, 16, ['bad.pdf', 'good.txt'], ['bad.pdf']],
  )
  assert.deepEqual(dataset.chunk_strategy, {})
})

test('a deleted dataset is gone', async () => {
  const id = await create({ name: 'gone' })
  assert.equal((await server.call('anna', 'DELETE', `/v1/datasets/${id}`)).status, 200)
  assert.equal((await list('&name=gone')).total_count, 0)
  assert.equal((await server.call('anna', 'DELETE', `/v1/datasets/${id}`)).status, 404)
})

const REFUSED: readonly [what: string, body: object, field: RegExp][] = [
  ['no name', { name: undefined }, /name/],
  ['an empty name', { name: '' }, /name/],
  ['a blank name', { name: ' \n ' }, /name/],
  ['a long name', { name: 'x'.repeat(101) }, /name/],
  ['a very long description', { description: 'x'.repeat(10_000) }, /description/],
  ['no space', { space_id: undefined }, /space_id/],
  ['a kind that is none', { format_type: 3 }, /format_type/],
  ['an icon that is no id', { file_id: '../x' }, /file_id/],
]
for (const [what, body, field] of REFUSED) {
  test(`${what} is refused with the name of the field`, async () => {
    const payload = { space_id: '101', name: 'd', format_type: 0, ...body }
    const answer = await server.call('anna', 'POST', '/v1/datasets', payload)
    assert.deepEqual([answer.status, answer.body.code], [400, 4000], answer.text)
    assert.match(answer.body.msg, field)
  })
}

test("another person's space, dataset, icon and documents", async () => {
  const id = await create({ name: 'private' })
  const icon = (await server.upload('anna', 'icon.png', 'png')).body.data.id
  const document_ids = ['1']
  const cases = [
    ['POST', '/v1/datasets', { space_id: '101', name: 'x', format_type: 0 }, 403],
    ['POST', '/v1/datasets', { space_id: '201', name: 'x', format_type: 0, file_id: icon }, 404],
    ['GET', '/v1/datasets?space_id=101', undefined, 403],
    ['PUT', `/v1/datasets/${id}`, { name: 'x' }, 404],
    ['DELETE', `/v1/datasets/${id}`, undefined, 404],
    ['POST', `/v1/datasets/${id}/process`, { document_ids }, 404],
    ['GET', `/v1/datasets/${id}/images`, undefined, 404],
    ['PUT', `/v1/datasets/${id}/images/1`, { caption: 'x' }, 404],
  ] as const
  for (const [method, url, body, status] of cases) {
    const answer = await server.call('ben', method, url, body)
    assert.deepEqual([answer.status, answer.body.code], [status, status === 403 ? 4101 : 4200], `${method} ${url}`)
  }
  assert.equal((await list('&name=private')).total_count, 1)
})
