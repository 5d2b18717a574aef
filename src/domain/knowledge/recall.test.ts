import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { handbooks } from '../../../test-kit/documents.ts'
import { testActor, testKnowledge } from '../../../test-kit/knowledge.ts'
import type { NewDocument } from './types.ts'

const anna = testActor(1)
const ben = testActor(2)
let kit: Awaited<ReturnType<typeof testKnowledge>>
let animals: string
let plants: string
let bens: string
before(async () => {
  kit = await testKnowledge()
  animals = await kit.dataset(anna)
  plants = await kit.dataset(anna)
  bens = await kit.dataset(ben)
  await kit.add(
    anna,
    animals,
    text('badger', 'The badger digs a sett.'),
    text('otter', 'The otter swims in the river.'),
  )
  await kit.add(anna, plants, text('fern', 'The fern grows in the shade by the river.'))
  await kit.add(ben, bens, text('secret', 'The badger of Ben is a secret.'))
})
after(() => kit[Symbol.asyncDispose]())

const text = (name: string, content: string): NewDocument => ({ name, source: { kind: 'text', text: content } })
const names = (passages: readonly { documentName: string }[]) => passages.map(({ documentName }) => documentName)

test('a passage says where it comes from', async () => {
  const [best, ...rest] = await kit.knowledge.recall(['101'], [animals, plants], 'Where does the badger dig?')
  assert.equal(best?.documentName, 'badger')
  assert.equal(best?.datasetId, animals)
  assert.equal(best?.content, 'The badger digs a sett.')
  assert.match(`${best?.chunkId} ${best?.documentId}`, /^\d+ \d+$/)
  assert.ok((best?.score ?? 0) > 0 && (best?.score ?? 2) <= 1)
  assert.ok(rest.every(({ score }) => score <= (best?.score ?? 0)))
})

for (const strategy of ['semantic', 'hybrid', 'full_text'] as const) {
  test(`${strategy}: several datasets are searched as one, the best first, three by default`, async () => {
    const passages = await kit.knowledge.recall(['101'], [animals, plants], 'river', { strategy })
    assert.deepEqual(names(passages).slice(0, 2).sort(), ['fern', 'otter'])
    assert.equal(passages.length, strategy === 'full_text' ? 2 : 3)
    const one = await kit.knowledge.recall(['101'], [animals, plants], 'river', { strategy, topK: 1 })
    assert.deepEqual(names(one), names(passages).slice(0, 1))
  })
}

test('vectors that only know words never rank alone', async () => {
  const ask = (strategy: 'semantic' | 'hybrid') =>
    kit.knowledge.recall(['101'], [animals, plants], 'Which one stands in the river?', { strategy })
  assert.deepEqual(await ask('semantic'), await ask('hybrid'))
})

test('a least score cuts the tail off', async () => {
  const options = { strategy: 'semantic', topK: 3 } as const
  const all = await kit.knowledge.recall(['101'], [animals], 'badger sett', options)
  assert.equal(all.length, 2)
  const minScore = (all[0]?.score ?? 1) - 0.001
  const best = await kit.knowledge.recall(['101'], [animals], 'badger sett', { ...options, minScore })
  assert.deepEqual(names(best), ['badger'])
})

test('datasets of other spaces are passed over, whoever names them', async () => {
  assert.deepEqual(await kit.knowledge.recall(['201'], [animals], 'badger'), [])
  assert.deepEqual(names(await kit.knowledge.recall(['101'], [animals, bens], 'badger')).includes('secret'), false)
  assert.deepEqual(await kit.knowledge.recallFor(ben, [animals], 'badger'), [])
  assert.deepEqual(names(await kit.knowledge.recallFor(ben, [bens], 'badger')), ['secret'])
})

test('nothing is found where nothing is', async () => {
  const empty = await kit.dataset(anna)
  assert.deepEqual(await kit.knowledge.recall(['101'], [empty], 'badger'), [])
  assert.deepEqual(await kit.knowledge.recall(['101'], [], 'badger'), [])
  assert.deepEqual(await kit.knowledge.recall(['101'], ['12345'], 'badger'), [])
  assert.deepEqual(await kit.knowledge.recall(['101'], [animals], ' \n'), [])
  assert.equal(names(await kit.knowledge.recall(['101'], [empty, animals], 'badger'))[0], 'badger')
})

test('a disabled dataset is passed over', async () => {
  const disabled = await kit.dataset(anna)
  await kit.add(anna, disabled, text('hidden', 'The badger is hidden.'))
  await kit.database.db.updateTable('dataset').set({ status: 3 }).where('id', '=', disabled).execute()
  assert.deepEqual(await kit.knowledge.recall(['101'], [disabled], 'badger'), [])
})

test('a document that is deleted is not recalled any more, before the index has heard of it', async () => {
  const datasetId = await kit.dataset(anna)
  const [one] = await kit.add(anna, datasetId, text('one', 'The lynx sleeps.'), text('two', 'The lynx hunts.'))
  await kit.relay.stop()
  await kit.knowledge.deleteDocuments(anna, [one?.id ?? ''])
  assert.equal(await kit.search.count(`dataset_${datasetId}`), 2)
  assert.deepEqual(names(await kit.knowledge.recall(['101'], [datasetId], 'lynx', { topK: 1 })), ['two'])
  kit.relay.start()
  await kit.settled()
  assert.equal(await kit.search.count(`dataset_${datasetId}`), 1)
})

test('hits are counted, for chunk, document and dataset', async () => {
  const datasetId = await kit.dataset(anna)
  await kit.add(anna, datasetId, text('counted', 'The stoat runs.'), text('other', 'The weasel hides.'))
  for (let i = 0; i < 3; i++) await kit.knowledge.recall(['101'], [datasetId], 'stoat', { strategy: 'full_text' })
  await kit.knowledge.close()
  const { rows } = await kit.knowledge.listDocuments(anna, datasetId, {}, { number: 1, size: 10 })
  assert.deepEqual(Object.fromEntries(rows.map((row) => [row.name, row.hit_count])), { counted: 3, other: 0 })
  const [document] = rows.filter(({ name }) => name === 'counted')
  const { rows: chunks } = await kit.knowledge.listChunks(anna, document?.id ?? '', { offset: 0, limit: 10 })
  assert.deepEqual(
    chunks.map((chunk) => chunk.hit_count),
    [3],
  )
  const { datasets } = await kit.knowledge.listDatasets(anna, { spaceId: '101' }, { number: 1, size: 100 })
  assert.equal(datasets.find(({ id }) => id === datasetId)?.hitCount, 3)
})

test('top_k has limits', async () => {
  for (const topK of [0, 101, 1.5])
    await assert.rejects(kit.knowledge.recall(['101'], [animals], 'x', { topK }), { code: 'invalid_argument' })
})

test('a canceled recall ends', async () => {
  const signal = AbortSignal.abort()
  await assert.rejects(kit.knowledge.recall(['101'], [animals], 'badger', { signal }), { code: 'canceled' })
})

for (const [language, handbook] of Object.entries(handbooks)) {
  test(`the questions of the ${language} handbook find the passages that answer them`, async () => {
    const datasetId = await kit.dataset(anna)
    const bytes = Buffer.from(handbook.pages.join('\n\n'))
    await kit.add(anna, datasetId, { name: 'handbook', source: { kind: 'bytes', bytes, type: 'md' } })
    const missed: string[] = []
    for (const { ask, facts } of handbook.questions) {
      const passages = await kit.knowledge.recall(['101'], [datasetId], ask)
      const all = passages.map(({ content }) => content).join('\n')
      if (!facts.every((fact) => all.includes(fact))) missed.push(ask)
    }
    assert.deepEqual(missed, [])
  })
}
