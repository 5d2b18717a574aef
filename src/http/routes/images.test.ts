import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { knowledgeServer } from '../../../test-kit/knowledge-server.ts'

let server: Awaited<ReturnType<typeof knowledgeServer>>
let datasetId: string
before(async () => {
  server = await knowledgeServer()
  const body = { space_id: '101', name: 'pictures', format_type: 2 }
  datasetId = (await server.call('anna', 'POST', '/v1/datasets', body)).body.data.dataset_id
})
after(() => server[Symbol.asyncDispose]())

const create = (name: string, more: object = {}, base: object = {}) => {
  const source_info = { file_base64: Buffer.from('picture').toString('base64'), file_type: 'png' }
  const body = { dataset_id: datasetId, document_bases: [{ name, source_info, ...base }], format_type: 2, ...more }
  return server.call('anna', 'POST', '/open_api/knowledge/document/create', body)
}
const list = async (query = '') =>
  (await server.call('anna', 'GET', `/v1/datasets/${datasetId}/images${query}`)).body.data

test('images are described by hand and found by what was written', async () => {
  assert.deepEqual(await list(), { photo_infos: [], total_count: 0 })
  const created = await create('cat.png')
  assert.equal(created.status, 200, created.text)
  const id = created.body.document_infos[0].document_id
  await create('dog.png', { chunk_strategy: { caption_type: 1 } }, { caption: 'a dog in the snow' })
  await server.settled()
  const images = await list()
  assert.equal(images.total_count, 2)
  const { url, create_time, update_time, ...cat } = images.photo_infos[1]
  assert.match(url, /^http:\/\/snug\.test\/api\/blob\//)
  assert.ok(create_time <= update_time)
  const rest = { name: 'cat.png', type: 'png', size: 7, status: 1, source_type: 0 }
  assert.deepEqual(cat, { document_id: id, creator_id: '100', caption: '', ...rest })

  const caption = { caption: 'a cat asleep on the radiator' }
  const updated = await server.call('anna', 'PUT', `/v1/datasets/${datasetId}/images/${id}`, caption)
  assert.deepEqual(updated.body, { code: 0, msg: '' })
  await server.settled()
  const [best] = await server.knowledge.recall(['101'], [datasetId], 'Where does the cat sleep?')
  assert.deepEqual([best?.documentId, best?.content], [id, caption.caption])
  await server.checkIndex(datasetId)
  assert.deepEqual(
    [(await list('?has_caption=true')).total_count, (await list('?has_caption=false')).total_count],
    [2, 0],
  )
  assert.equal((await list('?keyword=radiator')).photo_infos[0].document_id, id)
  assert.equal((await list('?keyword=&has_caption=&page_size=1&page_num=2')).photo_infos.length, 1)

  await server.call('anna', 'PUT', `/v1/datasets/${datasetId}/images/${id}`, { caption: '' })
  await server.settled()
  assert.equal((await list('?has_caption=false')).photo_infos[0].document_id, id)
  assert.equal((await list('?has_caption=false')).photo_infos[0].status, 1)
  await server.checkIndex(datasetId)
})

test('captions by a model are refused in words that help', async () => {
  const answer = await create('a.png', { chunk_strategy: { caption_type: 0 } })
  assert.deepEqual([answer.status, answer.body.code], [400, 4000])
  assert.match(answer.body.msg, /caption_type.*not available/)
})

test('what is no image here cannot be described', async () => {
  const long = { caption: 'x'.repeat(10_000) }
  assert.equal(
    (await server.call('anna', 'PUT', `/v1/datasets/${datasetId}/images/12345`, { caption: 'x' })).status,
    404,
  )
  assert.equal((await server.call('anna', 'PUT', `/v1/datasets/${datasetId}/images/abc`, { caption: 'x' })).status, 400)
  assert.equal((await server.call('anna', 'PUT', `/v1/datasets/${datasetId}/images/12345`, long)).status, 400)
})
