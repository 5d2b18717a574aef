import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testActor, testKnowledge } from '../../test-kit/knowledge.ts'
import { openBlob } from '../infra/blob/open.ts'
import { dropBlobs, expectBlobs, keepBlobs, sweepBlobs } from './pending-blobs.ts'

type Kit = Awaited<ReturnType<typeof testKnowledge>>
const anna = testActor()
const NOW = 1_700_000_000_000

async function* body(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text)
}
const keysOf = async ({ blob }: Kit) => (await Array.fromAsync(blob.listAll(''))).map(({ key }) => key)
const notesOf = async ({ database }: Kit) =>
  (await database.db.selectFrom('pending_blob').select('blob_key').execute()).map((row) => row.blob_key)

test('a blob that a killed process left without a row is gone after the next start', async () => {
  await using kit = await testKnowledge()
  const file = await kit.files.upload(anna, { name: 'a.txt', body: body('whole') })
  await expectBlobs(kit.database.db, ['files/1/2.txt', 'files/1/3.txt'], NOW)
  await kit.blob.put('files/1/2.txt', 'written, and then the power was cut')
  assert.equal(await sweepBlobs(kit), 2)
  assert.deepEqual(await keysOf(kit), [file.blob_key])
  assert.deepEqual(await notesOf(kit), [])
  assert.equal(await sweepBlobs(kit), 0)
})

test('what was taken in leaves no note', async () => {
  await using kit = await testKnowledge({ paused: true })
  await kit.files.upload(anna, { name: 'a.txt', body: body('one') })
  const datasetId = await kit.knowledge.createDataset(anna, { spaceId: anna.personalSpaceId, name: 'd', formatType: 0 })
  const documents = [{ name: 'd.txt', source: { kind: 'text', text: 'two' } as const }]
  await kit.knowledge.createDocuments(anna, { datasetId, documents })
  assert.deepEqual(await notesOf(kit), [])
  await sweepBlobs(kit)
  assert.equal((await keysOf(kit)).length, 2)
})

test('a note goes only with the transaction that names the blob', async () => {
  await using kit = await testKnowledge()
  await expectBlobs(kit.database.db, ['a'], NOW)
  const undone = kit.database.transaction(async (tx) => {
    await keepBlobs(tx, ['a'])
    throw new Error('no')
  })
  await assert.rejects(undone)
  assert.deepEqual(await notesOf(kit), ['a'])
})

test('after a failure only what was not kept is removed', async () => {
  await using kit = await testKnowledge()
  await expectBlobs(kit.database.db, ['kept', 'lost'], NOW)
  await kit.blob.put('kept', '1')
  await kit.blob.put('lost', '2')
  await kit.database.transaction((tx) => keepBlobs(tx, ['kept']))
  await dropBlobs(kit, ['kept', 'lost'])
  assert.deepEqual(await keysOf(kit), ['kept'])
  assert.deepEqual(await notesOf(kit), [])
})

test('a blob that cannot be removed now is removed by the next start', async () => {
  await using kit = await testKnowledge()
  await expectBlobs(kit.database.db, ['lost'], NOW)
  await kit.blob.put('lost', '2')
  await kit.blob.close()
  await dropBlobs(kit, ['lost'])
  assert.deepEqual(await notesOf(kit), ['lost'])
  const blob = await openBlob('file://./blob', { home: kit.folder, publicUrl: () => 'http://snug.test' })
  assert.equal(await sweepBlobs({ context: kit.context, blob }), 1)
  assert.equal(await blob.head('lost'), null)
  await blob.close()
})
