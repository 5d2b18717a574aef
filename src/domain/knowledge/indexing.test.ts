import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pdfBytes, xlsxBytes, zipBomb } from '../../../test-kit/documents.ts'
import { type Tap, testActor, testKnowledge } from '../../../test-kit/knowledge.ts'
import { AppError, type ErrorCode } from '../../base/errors.ts'
import { openEmbedding } from '../../infra/embedding/open.ts'
import type { NewDocument } from './types.ts'

const anna = testActor()
const text = (content: string, name = 'note'): NewDocument => ({ name, source: { kind: 'text', text: content } })
const bytes = (content: Uint8Array | string, type: string): NewDocument => ({
  name: `note.${type}`,
  source: { kind: 'bytes', bytes: Buffer.from(content), type },
})
/** Enough for several batches. */
const LONG = Array.from({ length: 220 }, (_, i) => `Paragraph ${i} ${'word '.repeat(130)}`).join('\n\n')
const down = () => new AppError('unavailable', 'the service is down')

const FAILING: readonly [what: string, document: NewDocument, reason: RegExp][] = [
  ['an empty file', bytes('', 'txt'), /^the file is empty$/],
  ['a file of spaces', bytes(' \n\n ', 'txt'), /no text/],
  ['a PDF that is none', bytes('MZ\u0090 not a pdf', 'pdf'), /not a PDF/],
  ['a damaged PDF', bytes('%PDF-1.7\nrubbish', 'pdf'), /damaged|not a PDF/],
  ['a Word document that is none', bytes('just text', 'docx'), /not a Word document/],
  ['a zip bomb', bytes(zipBomb({ sizeBytes: 64 * 1024 ** 2 }), 'docx'), /./],
  ['broken JSON', bytes('{"a":', 'json'), /./],
]
test('what cannot be read fails at once, with a reason for people, and leaves nothing to find', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const documents = await kit.add(anna, datasetId, ...FAILING.map(([, document]) => document))
  for (const [i, [what, , reason]] of FAILING.entries()) {
    const document = documents[i]
    assert.deepEqual([document?.status, document?.progress, document?.chunk_count], [9, 100, 0], what)
    assert.match(document?.status_reason ?? '', reason, what)
    assert.doesNotMatch(document?.status_reason ?? '', /\bat \w|Error:|\/src\/|unexpected error/, what)
  }
  assert.deepEqual(kit.errors, [], 'nothing of it was tried again')
  await kit.checkIndex(datasetId)
})

test('every kind of file is read', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const pdf = await pdfBytes(['Page one about badgers.', 'Page two about otters.'])
  const documents = await kit.add(
    anna,
    datasetId,
    bytes(pdf, 'pdf'),
    bytes(
      xlsxBytes([
        ['animal', 'legs'],
        ['spider', 8],
      ]),
      'xlsx',
    ),
    bytes('<h1>Herons</h1><p>stand still</p><script>x()</script>', 'html'),
    bytes('name,place\nfox,den\n', 'csv'),
    bytes('[{"bird":"owl"}]', 'json'),
    bytes('# Newts\n\nlike ponds', 'md'),
  )
  assert.deepEqual(
    documents.map(({ status_reason, status }) => status_reason || status),
    [1, 1, 1, 1, 1, 1],
  )
  for (const [query, content] of [
    ['otters', /two about otters/],
    ['spider legs', /animal: spider; legs: 8/],
    ['herons', /stand still/],
    ['owl bird', /bird: owl/],
  ] as const) {
    const [best] = await kit.knowledge.recall(['101'], [datasetId], query)
    assert.match(best?.content ?? '', content)
  }
  await kit.checkIndex(datasetId)
})

test('a service that is away is asked again, and progress says so meanwhile', async () => {
  let failures = 2
  let reasonBetween = ''
  const kit = await testKnowledge({
    tap: async (call) => {
      if (call !== 'embedding.embed' || failures === 0) return
      if (--failures === 0) {
        const row = await kit.database.db.selectFrom('document').select(['status', 'status_reason']).executeTakeFirst()
        reasonBetween = `${row?.status} ${row?.status_reason}`
      }
      throw down()
    },
  })
  await using _ = kit
  const datasetId = await kit.dataset(anna)
  const [document] = await kit.add(anna, datasetId, text('patience'))
  assert.deepEqual([document?.status, document?.status_reason], [1, ''])
  assert.match(reasonBetween, /^0 attempt 1 failed and will be repeated: the service is down$/)
  assert.equal(kit.errors.length, 2)
  await kit.checkIndex(datasetId)
})

for (const call of ['embedding.embed', 'search.put', 'search.ensureIndex', 'blob.get', 'database.transaction']) {
  test(`when ${call} fails for good the document fails after the last attempt, and a retry mends it`, async () => {
    let isDown = false
    await using kit = await testKnowledge({
      tap: (name) => {
        if (isDown && name === call) throw new Error('secret detail of a library')
      },
    })
    const datasetId = await kit.dataset(anna)
    const rows = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text('come back later')] })
    isDown = true
    await kit.settled()
    const ids = rows.map(({ id }) => id)
    const [failed] = (await kit.knowledge.progress(anna, datasetId, ids)).map(({ document }) => document)
    assert.equal(failed?.status, 9)
    assert.match(failed?.status_reason ?? '', /given up: an unexpected error/)
    isDown = false
    await kit.knowledge.retryDocuments(anna, ids)
    await kit.settled()
    const [mended] = (await kit.knowledge.progress(anna, datasetId, ids)).map(({ document }) => document)
    assert.deepEqual([mended?.status, mended?.status_reason, mended?.chunk_count], [1, '', 1])
    await kit.checkIndex(datasetId)
  })
}

test('a key that is refused fails at once', async () => {
  const codes: readonly ErrorCode[] = ['unauthenticated', 'permission_denied', 'failed_precondition']
  for (const code of codes) {
    await using kit = await testKnowledge({
      tap: (call) => {
        if (call === 'embedding.embed') throw new AppError(code, 'the embedding service refuses the key')
      },
    })
    const [document] = await kit.add(anna, await kit.dataset(anna), text('locked out'))
    assert.deepEqual([document?.status, document?.status_reason], [9, 'the embedding service refuses the key'])
    assert.deepEqual(kit.errors, [])
  }
})

test('a document that fails halfway leaves nothing to find, also when a write is still on its way', async () => {
  let embedded = 0
  await using kit = await testKnowledge({
    tap: async (call) => {
      if (call === 'search.put') await sleep(40)
      if (call === 'embedding.embed' && ++embedded === 3)
        throw new AppError('permission_denied', 'the quota is used up')
    },
  })
  const datasetId = await kit.dataset(anna)
  const [document] = await kit.add(anna, datasetId, text(LONG))
  assert.deepEqual([document?.status, document?.status_reason], [9, 'the quota is used up'])
  await sleep(100)
  await kit.checkIndex(datasetId)
  assert.equal(await kit.search.count(`dataset_${datasetId}`), 0)
  assert.equal((await kit.database.db.selectFrom('chunk').select('id').execute()).length, 0)
})

test('an index that was removed behind our back is made again', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const [before] = await kit.add(anna, datasetId, text('before'))
  await kit.search.dropIndex(`dataset_${datasetId}`)
  const [document] = await kit.add(anna, datasetId, text('after'))
  assert.deepEqual([document?.status, document?.status_reason], [1, ''])
  await kit.knowledge.retryDocuments(anna, [before?.id ?? ''])
  await kit.settled()
  await kit.checkIndex(datasetId)
})

test('a missing original is a reason', async () => {
  await using kit = await testKnowledge({ paused: true })
  const datasetId = await kit.dataset(anna)
  const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text('lost')] })
  await kit.blob.delete(row?.blob_key ?? '')
  await kit.work()
  await kit.settled()
  const [{ document } = assert.fail()] = await kit.knowledge.progress(anna, datasetId, [row?.id ?? ''])
  assert.match(document.status_reason, /original is missing; upload it again/)
})

for (const again of [false, true])
  test(`wherever a run ends, the next gives the same result, for a document that is ${again ? 'indexed again' : 'new'}`, async () => {
    let left = Number.POSITIVE_INFINITY
    const tap: Tap = () => {
      if (left-- <= 0) throw new AppError('canceled', 'the process ends here')
    }
    await using kit = await testKnowledge({ paused: true, tap })
    const datasetId = await kit.dataset(anna)
    const documents = [text(LONG, 'long')]
    let runs = 0
    for (let calls = 0; ; calls++) {
      const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents })
      const task = { datasetId, documentId: row?.id ?? '' }
      if (again) {
        assert.equal(await kit.start().indexDocument(task), 'done')
        await kit.knowledge.retryDocuments(anna, [task.documentId])
      }
      left = calls
      const first = await kit
        .start()
        .indexDocument(task)
        .catch((err: AppError) => err.code)
      left = Number.POSITIVE_INFINITY
      assert.equal(await kit.start().indexDocument(task), 'done')
      await kit.checkIndex(datasetId)
      await kit.knowledge.deleteDocuments(anna, [task.documentId])
      await kit.knowledge.cleanDocument({
        dataset_id: datasetId,
        document_id: task.documentId,
        blob_key: row?.blob_key ?? '',
      })
      await kit.checkIndex(datasetId)
      runs++
      if (first === 'done') break
      assert.equal(first, 'canceled')
    }
    assert.ok(runs > 10, `${runs} places to end at`)
  })

test('a document that is deleted while it is indexed does not come back', async () => {
  const places = ['embedding.embed', 'search.put', 'parser.parseToChunks', 'search.ensureIndex']
  for (const [where, content] of [...places.map((place) => [place, LONG] as const), ['search.put', 'short'] as const]) {
    const reached = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    await using kit = await testKnowledge({
      paused: true,
      tap: async (call) => {
        if (call !== where) return
        reached.resolve()
        await go.promise
      },
    })
    const datasetId = await kit.dataset(anna)
    const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text(content)] })
    const task = { datasetId, documentId: row?.id ?? '' }
    const running = kit.knowledge.indexDocument(task)
    await reached.promise
    await kit.knowledge.deleteDocuments(anna, [task.documentId])
    await kit.knowledge.cleanDocument({
      dataset_id: datasetId,
      document_id: task.documentId,
      blob_key: row?.blob_key ?? '',
    })
    go.resolve()
    assert.equal(await running, 'gone', where)
    await kit.checkIndex(datasetId)
    assert.equal((await kit.database.db.selectFrom('chunk').select('id').execute()).length, 0, where)
  }
})

test('a dataset that is deleted while a document is indexed leaves no index and no original', async () => {
  for (const where of ['embedding.embed', 'search.put', 'parser.parseToChunks', 'search.ensureIndex']) {
    const reached = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    await using kit = await testKnowledge({
      paused: true,
      tap: async (call) => {
        if (call !== where) return
        reached.resolve()
        await go.promise
      },
    })
    const datasetId = await kit.dataset(anna)
    const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text(LONG)] })
    const running = kit.knowledge.indexDocument({ datasetId, documentId: row?.id ?? '' })
    await reached.promise
    await kit.knowledge.deleteDataset(anna, datasetId)
    await kit.knowledge.cleanDataset({ dataset_id: datasetId })
    go.resolve()
    assert.equal(await running, 'gone', where)
    assert.deepEqual(await kit.search.indexes(), [], where)
    assert.equal(await kit.blob.head(row?.blob_key ?? ''), null)
  }
})

test('an event that comes twice, or late, changes nothing', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const [row] = await kit.add(anna, datasetId, text('once'))
  const task = { datasetId, documentId: row?.id ?? '' }
  assert.equal(await kit.knowledge.indexDocument(task), 'done')
  await kit.knowledge.failDocument(task, 'too late')
  const [after] = await kit.knowledge.progress(anna, datasetId, [task.documentId])
  assert.equal(after?.document.status, 1)
  const event = { dataset_id: datasetId, document_id: task.documentId, blob_key: row?.blob_key ?? '' }
  await kit.knowledge.deleteDocuments(anna, [task.documentId])
  await kit.knowledge.cleanDocument(event)
  await kit.knowledge.cleanDocument(event)
  assert.equal(await kit.knowledge.indexDocument(task), 'gone')
  await kit.knowledge.cleanDataset({ dataset_id: '12345' })
  await kit.checkIndex(datasetId)
})

test('a stopped run is not a failure', async () => {
  await using kit = await testKnowledge({ paused: true })
  const datasetId = await kit.dataset(anna)
  const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text('wait')] })
  const task = { datasetId, documentId: row?.id ?? '' }
  await assert.rejects(kit.knowledge.indexDocument(task, { signal: AbortSignal.abort() }), { code: 'canceled' })
  const [{ document } = assert.fail()] = await kit.knowledge.progress(anna, datasetId, [task.documentId])
  assert.deepEqual([document.status, document.status_reason], [0, ''])
})

test('progress rises while a document is indexed, and the remaining time falls out of it', async () => {
  const seen: { percent: number; remainingS: number }[] = []
  let nowMs = 1_750_000_000_000
  let watch = async () => {}
  await using kit = await testKnowledge({
    paused: true,
    clock: () => (nowMs += 1),
    tap: async (call) => {
      if (call === 'embedding.embed') await watch()
    },
  })
  const datasetId = await kit.dataset(anna)
  const [row] = await kit.knowledge.createDocuments(anna, { datasetId, documents: [text(LONG)] })
  const ids = [row?.id ?? '']
  const [waiting] = await kit.knowledge.progress(anna, datasetId, ids)
  assert.equal(waiting?.percent, 0)
  assert.ok((waiting?.remainingS ?? 0) >= 1)
  watch = async () => {
    nowMs += 10_000
    const [{ percent, remainingS } = assert.fail()] = await kit.knowledge.progress(anna, datasetId, ids)
    seen.push({ percent, remainingS })
  }
  assert.equal(await kit.knowledge.indexDocument({ datasetId, documentId: ids[0] ?? '' }), 'done')
  assert.ok(seen.length >= 3)
  assert.equal(seen[0]?.percent, 15)
  assert.ok(
    seen.every(({ percent }, i) => i === 0 || percent >= (seen[i - 1]?.percent ?? 100)),
    JSON.stringify(seen),
  )
  assert.ok((seen.at(-1)?.percent ?? 0) > 15, JSON.stringify(seen))
  // 10 s for 15 percent, and the clock of this test goes a little further at every look.
  assert.ok(Math.abs((seen[0]?.remainingS ?? 0) - 57) < 5, JSON.stringify(seen))
  const [end] = await kit.knowledge.progress(anna, datasetId, ids)
  assert.deepEqual([end?.percent, end?.remainingS], [100, 0])
})

test('documents whose index is gone are indexed again', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  await kit.add(anna, datasetId, text('the old owl'))
  assert.deepEqual(await kit.knowledge.repair(), { datasets: 0, documents: 0 })
  await kit.search.dropIndex(`dataset_${datasetId}`)
  assert.deepEqual(await kit.knowledge.repair(), { datasets: 1, documents: 1 })
  await kit.settled()
  assert.equal((await kit.knowledge.recall(['101'], [datasetId], 'owl')).length, 1)
  await kit.checkIndex(datasetId)
})

test('another embedding is refused until the datasets were indexed again', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const [old] = await kit.add(anna, datasetId, text('the old owl'))
  const other = kit.start({ embedding: await openEmbedding('hash:?dims=32') })
  await assert.rejects(other.recall(['101'], [datasetId], 'owl'), {
    code: 'failed_precondition',
    message: /"handbook" was indexed with the embedding hash:64, the server now has hash:32.*snug reindex/,
  })
  assert.equal((await other.recall(['101'], [datasetId], 'owl', { strategy: 'full_text' })).length, 1)
  const task = { datasetId, documentId: old?.id ?? '' }
  await kit.database.db.updateTable('document').set({ status: 0 }).execute()
  assert.equal(await other.indexDocument(task), 'failed')
  const [{ document } = assert.fail()] = await other.progress(anna, datasetId, [task.documentId])
  assert.match(document.status_reason, /snug reindex/)

  await kit.relay.stop()
  assert.deepEqual(await other.reindex(), { datasets: 1, documents: 1 })
  assert.equal(await other.indexDocument(task), 'done')
  assert.equal((await other.recall(['101'], [datasetId], 'owl', { strategy: 'semantic' })).length, 1)
  await kit.checkIndex(datasetId)
  assert.deepEqual(await other.reindex(), { datasets: 0, documents: 0 })
  assert.deepEqual(await other.reindex({ all: true }), { datasets: 1, documents: 1 })
})

test('the headings of a chunk count for its search', async () => {
  await using kit = await testKnowledge()
  const datasetId = await kit.dataset(anna)
  const filler = 'Something entirely different is written in this long section. '.repeat(30)
  const markdown = `# Parental leave\n\n${filler}\n\n${filler}\n\nAsk Berta.\n\n# Parking\n\n${filler}`
  await kit.add(anna, datasetId, bytes(markdown, 'md'))
  const passages = await kit.knowledge.recall(['101'], [datasetId], 'parental leave', {
    topK: 10,
    strategy: 'full_text',
  })
  assert.ok(passages.some(({ content }) => content.includes('Berta')))
  assert.ok(passages.every(({ content }) => !content.includes('Parking')))
})
