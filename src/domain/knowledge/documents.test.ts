import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testActor, testKnowledge } from '../../../test-kit/knowledge.ts'
import { AppError } from '../../base/errors.ts'
import type { NewDocument } from './types.ts'

const anna = testActor()
const text = (name: string): NewDocument => ({ name, source: { kind: 'text', text: `about ${name}` } })
type Kit = Awaited<ReturnType<typeof testKnowledge>>
const keys = async ({ blob }: Kit) => (await Array.fromAsync(blob.listAll(''))).map(({ key }) => key)
const counts = async ({ database, outbox }: Kit) => {
  const rows = await database.db.selectFrom('document').select('id').execute()
  return { documents: rows.length, events: (await outbox.count()).waiting }
}

test('originals are stored before the rows that name them, and events come with the rows', async () => {
  const calls: string[] = []
  await using kit = await testKnowledge({ paused: true, tap: (call) => void calls.push(call) })
  const datasetId = await kit.dataset(anna)
  calls.length = 0
  await kit.knowledge.createDocuments(anna, { datasetId, documents: [text('a'), text('b')] })
  assert.deepEqual(calls, ['blob.put', 'blob.put', 'database.transaction'])
  assert.deepEqual(await counts(kit), { documents: 2, events: 2 })
})

for (const fault of ['blob.put', 'database.transaction']) {
  test(`when ${fault} fails nothing of the call stays`, async () => {
    let calls = 0
    const tap = (call: string) => {
      if (call === fault && ++calls === (fault === 'blob.put' ? 3 : 1))
        throw new AppError('resource_exhausted', 'the disk is full')
    }
    await using kit = await testKnowledge({ paused: true, tap })
    const datasetId = await kit.dataset(anna)
    const documents = [text('a'), text('b'), text('c')]
    await assert.rejects(kit.knowledge.createDocuments(anna, { datasetId, documents }), { code: 'resource_exhausted' })
    assert.deepEqual(await keys(kit), [])
    assert.deepEqual(await counts(kit), { documents: 0, events: 0 })
  })
}

test('a dataset that goes while documents come in takes them along', async () => {
  let remove = async () => {}
  await using kit = await testKnowledge({
    paused: true,
    tap: async (call) => {
      if (call === 'blob.put') await remove()
    },
  })
  const datasetId = await kit.dataset(anna)
  remove = () => kit.knowledge.deleteDataset(anna, datasetId)
  const created = kit.knowledge.createDocuments(anna, { datasetId, documents: [text('late')] })
  await assert.rejects(created, { code: 'not_found' })
  assert.deepEqual(await keys(kit), [])
  assert.deepEqual(await counts(kit), { documents: 0, events: 1 })
})

test('deleting removes rows at once, index entries and originals soon after', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const [one, two] = await kit.add(anna, datasetId, text('one'), text('two'))
  await kit.knowledge.deleteDocuments(anna, [one?.id ?? ''])
  await kit.settled()
  assert.deepEqual(await keys(kit), [two?.blob_key])
  await kit.checkIndex(datasetId)
  await kit.knowledge.deleteDataset(anna, datasetId)
  await kit.settled()
  assert.deepEqual(await keys(kit), [])
  assert.deepEqual(await kit.search.indexes(), [])
  assert.equal((await kit.database.db.selectFrom('chunk').select('id').execute()).length, 0)
  assert.deepEqual(kit.errors, [])
})

test('a retry leaves documents alone that are being processed', async () => {
  await using kit = await testKnowledge({ paused: true })
  const datasetId = await kit.dataset(anna)
  const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text('busy')] })
  const [after] = await kit.knowledge.retryDocuments(anna, [row?.id ?? ''])
  assert.equal(after?.status, 0)
  assert.deepEqual(await counts(kit), { documents: 1, events: 1 })
})

test('a document that is done can be indexed again', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const [row] = await kit.add(anna, datasetId, text('again'))
  await kit.knowledge.retryDocuments(anna, [row?.id ?? ''])
  await kit.settled()
  const [{ document } = assert.fail()] = await kit.knowledge.progress(anna, datasetId, [row?.id ?? ''])
  assert.deepEqual([document.status, document.chunk_count], [1, 1])
  await kit.checkIndex(datasetId)
})

test('many documents of one dataset are indexed side by side', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const names = Array.from({ length: 60 }, (_, i) => `number${i}`)
  for (let i = 0; i < names.length; i += 10)
    await kit.knowledge.createDocuments(anna, { datasetId, documents: names.slice(i, i + 10).map(text) })
  await kit.settled()
  await kit.checkIndex(datasetId)
  assert.deepEqual(kit.errors, [])
  const [best] = await kit.knowledge.recall(['101'], [datasetId], 'number37')
  assert.equal(best?.documentName, 'number37')
})
