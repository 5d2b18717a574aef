import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testActor, testKnowledge } from '../../../test-kit/knowledge.ts'

const anna = testActor(1)

test('a document is found by its words once it is done', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const [document] = await kit.add(anna, datasetId, {
    name: 'handbook.md',
    source: { kind: 'text', text: 'Holidays are booked with Berta.\n\nThe coffee machine is cleaned on Fridays.' },
  })
  assert.equal(document?.status, 1)
  assert.equal(document?.progress, 100)
  const [best] = await kit.knowledge.recall(['101'], [datasetId], 'Who cleans the coffee machine?')
  assert.match(best?.content ?? '', /coffee machine/)
  assert.equal(best?.documentName, 'handbook.md')
  await kit.checkIndex(datasetId)
  assert.deepEqual(kit.errors, [])
})
