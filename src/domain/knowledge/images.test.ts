import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testActor, testKnowledge } from '../../../test-kit/knowledge.ts'

const anna = testActor()

test('a caption that comes while the image is being indexed is the one that is found', async () => {
  const caption = { done: async () => undefined as unknown }
  await using kit = await testKnowledge({
    tap: async (call) => {
      if (call === 'search.put') await caption.done()
    },
  })
  const datasetId = await kit.dataset(anna, 2)
  let isFirst = true
  const { promise: imageId, resolve } = Promise.withResolvers<string>()
  caption.done = async () => {
    if (!isFirst) return
    isFirst = false
    await kit.knowledge.captionImage(anna, datasetId, await imageId, 'A red boat')
  }
  const [image] = await kit.knowledge.createDocuments(anna, {
    datasetId,
    documents: [
      { name: 'boat.png', source: { kind: 'bytes', bytes: Buffer.from('png'), type: 'png' }, caption: 'Fog' },
    ],
    rule: { caption_type: 1 },
  })
  resolve(image?.id ?? '')
  await kit.settled()
  assert.equal(isFirst, false)
  await kit.checkIndex(datasetId)
  const found = await kit.knowledge.recall(['101'], [datasetId], 'boat')
  assert.deepEqual(
    found.map(({ content }) => content),
    ['A red boat'],
  )
})
