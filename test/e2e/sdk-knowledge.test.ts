import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type DocumentBase, RoleType } from '@coze/api'
import { docxBlocks, docxBytes, handbooks, pdfBytes, prices, xlsxBytes } from '../../test-kit/documents.ts'
import {
  base64Document,
  datasetWith,
  indexed,
  publishedAgent,
  sourcesOf,
  startSdkWorld,
  transcriptOf,
  until,
} from '../../test-kit/sdk.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const folder = await temporaryFolder()
const world = await startSdkWorld()
after(async () => {
  await world[Symbol.asyncDispose]()
  await folder.remove()
})
const { coze } = world
const { spaceId } = world.user

async function upload(name: string, bytes: Uint8Array | string) {
  const path = join(folder.path, name)
  await writeFile(path, bytes)
  return coze.files.upload({ file: createReadStream(path) })
}

const ask = async (botId: string, content: string) =>
  transcriptOf(
    coze.chat.stream({
      bot_id: botId,
      user_id: 'u-1',
      additional_messages: [{ role: RoleType.User, content, content_type: 'text' }],
    }),
  )

const names = async (datasetId: string) =>
  (await coze.datasets.documents.list({ dataset_id: datasetId })).document_infos.map((document) => document.name)

const { en, zh } = handbooks
/** A document, and how it comes in. */
const DOCUMENTS: readonly [name: string, handbook: typeof en, bytes: () => Promise<Uint8Array>, byFileId: boolean][] = [
  ['handbook.pdf', en, () => pdfBytes(en.pages), false],
  ['handbook.docx', en, () => docxBytes(docxBlocks(en.pages.join('\n\n'))), true],
  ['handbook.md', en, async () => Buffer.from(en.pages.join('\n\n')), false],
  ['员工手册.pdf', zh, () => pdfBytes(zh.pages), true],
  ['员工手册.txt', zh, async () => Buffer.from(zh.pages.join('\n\n')), false],
]

for (const [name, handbook, bytes, byFileId] of DOCUMENTS)
  test(`answers from ${name}, with the sources, in deltas that add up to the answer`, async () => {
    const content = await bytes()
    const document: DocumentBase = byFileId
      ? { name, source_info: { document_source: 5, source_file_id: (await upload(name, content)).id } }
      : base64Document(name, content)
    const { datasetId, documentIds } = await datasetWith(coze, spaceId, [document])
    const botId = await publishedAgent(coze, spaceId, [datasetId])
    for (const { ask: question, facts } of handbook.questions) {
      const { events, deltas, messages, answer, chat } = await ask(botId, question)
      assert.equal(events.at(-1)?.event, 'done')
      assert.equal(chat.status, 'completed')
      assert.ok((chat.usage?.token_count ?? 0) > 0)
      assert.equal(deltas, answer)
      for (const fact of facts) assert.ok(answer.includes(fact), `${question} → ${answer}`)
      const sources = sourcesOf(messages) ?? []
      assert.ok(sources.length > 0, question)
      for (const { score, meta } of sources) {
        assert.ok(score > 0 && score <= 1, `score ${score}`)
        assert.equal(meta.dataset.id, datasetId)
        assert.deepEqual(meta.document, { id: documentIds[0], name })
        assert.match(meta.slice.id, /^\d+$/)
      }
      const scores = sources.map((source) => source.score)
      assert.deepEqual(
        scores,
        scores.toSorted((a, b) => b - a),
      )
      assert.ok(
        sources.some(({ slice }) => facts.every((fact) => slice.includes(fact))),
        `${question}: no source holds ${facts}`,
      )
    }
  })

test('a document that is only attached to a question answers it too', async () => {
  const file = await upload('attached.pdf', await pdfBytes(en.pages.slice(0, 3)))
  const botId = await publishedAgent(coze, spaceId)
  const content = [
    { type: 'text' as const, text: 'How many days of annual leave do I have?' },
    { type: 'file' as const, file_id: file.id },
  ]
  const message = { role: RoleType.User, content, content_type: 'object_string' as const }
  const { answer } = await transcriptOf(
    coze.chat.stream({ bot_id: botId, user_id: 'u-1', additional_messages: [message] }),
  )
  assert.match(answer, /27 days/)
})

test('a table answers by its rows, from CSV and from a workbook', async () => {
  const csv = prices.map((row) => row.map((cell) => JSON.stringify(cell)).join(',')).join('\n')
  for (const document of [base64Document('prices.csv', csv), base64Document('prices.xlsx', xlsxBytes(prices))]) {
    const { dataset_id: datasetId } = await coze.datasets.create({ name: 'Prices', space_id: spaceId, format_type: 1 })
    const made = await coze.datasets.documents.create({
      dataset_id: datasetId,
      document_bases: [document],
      format_type: 1,
    })
    const [progress] = await indexed(coze, datasetId, [made[0]?.document_id ?? ''])
    assert.equal(progress?.status_descript, '')
    const { answer } = await ask(await publishedAgent(coze, spaceId, [datasetId]), 'What does the charging dock cost?')
    assert.match(answer, /980\.5/)
  }
})

test('datasets: created, listed, updated, deleted with their documents', async () => {
  const icon = await upload('icon.png', PNG)
  const { dataset_id: datasetId } = await coze.datasets.create({
    name: 'First & only',
    space_id: spaceId,
    format_type: 0,
    description: 'What we know',
    file_id: icon.id,
  })
  const listed = async () => {
    const { dataset_list } = await coze.datasets.list({ space_id: spaceId, name: 'only', page_num: 1, page_size: 300 })
    return dataset_list.find((dataset) => dataset.dataset_id === datasetId)
  }
  const empty = await listed()
  assert.partialDeepStrictEqual(empty, {
    name: 'First & only',
    description: 'What we know',
    doc_count: 0,
    slice_count: 0,
    status: 1,
    file_list: [],
    failed_file_list: [],
    processing_file_list: [],
    processing_file_id_list: [],
  })
  assert.match(empty?.icon_url ?? '', /^http/)

  const text = base64Document('note.txt', 'The lighthouse keeper is called Aino.')
  const [note] = await coze.datasets.documents.create({ dataset_id: datasetId, document_bases: [text] })
  await indexed(coze, datasetId, [note?.document_id ?? ''])
  const full = await listed()
  assert.partialDeepStrictEqual(full, { doc_count: 1, slice_count: 1, all_file_size: 37, file_list: ['note.txt'] })

  await coze.datasets.update(datasetId, { name: 'The only one' })
  assert.partialDeepStrictEqual(await listed(), { name: 'The only one', description: '' })
  await coze.datasets.delete(datasetId)
  assert.equal(await listed(), undefined)
  await assert.rejects(coze.datasets.documents.list({ dataset_id: datasetId }), { status: 404, code: 4200 })
})

test('documents: progress, pages, a new name, and gone from the answers once deleted', async () => {
  const texts = ['The harbour opens at 5 in the morning.', 'The mill stands by the river Ouse.', 'Bees sleep at night.']
  const bases = texts.map((text, i) => base64Document(`note ${i}.txt`, text))
  const { datasetId, documentIds } = await datasetWith(coze, spaceId, bases)
  const { data: progress } = await coze.datasets.process(datasetId, { document_ids: documentIds })
  assert.deepEqual(
    progress.map((p) => [p.document_id, p.document_name, p.status, p.progress, p.remaining_time, p.update_type]),
    documentIds.map((id, i) => [id, `note ${i}.txt`, 1, 100, 0, 0]),
  )
  assert.equal(await (await fetch(progress[0]?.url ?? '')).text(), texts[0])

  const page = (number: number) => coze.datasets.documents.list({ dataset_id: datasetId, page: number, page_size: 2 })
  const [one, two] = [await page(1), await page(2)]
  assert.deepEqual([one.total, one.document_infos.length, two.document_infos.length], [3, 2, 1])
  const ids = [...one.document_infos, ...two.document_infos].map((document) => document.document_id)
  assert.deepEqual(ids.toSorted(), documentIds.toSorted())
  // what the deprecated half of the SDK sends: the same by GET
  const old = await coze.knowledge.documents.list({ dataset_id: datasetId, page: 2, page_size: 2 })
  assert.deepEqual(
    old.document_infos.map((document) => document.document_id),
    two.document_infos.map((document) => document.document_id),
  )

  const [harbour = '', ...others] = documentIds
  await coze.datasets.documents.update({ document_id: harbour, document_name: 'harbour.txt' })
  assert.ok((await names(datasetId)).includes('harbour.txt'))
  const botId = await publishedAgent(coze, spaceId, [datasetId])
  const first = await ask(botId, 'When does the harbour open?')
  assert.match(first.answer, /5 in the morning/)
  assert.equal(sourcesOf(first.messages)?.[0]?.meta.document.name, 'harbour.txt')
  await coze.datasets.documents.delete({ document_ids: [harbour] })
  assert.equal((await names(datasetId)).length, 2)
  const gone = await until(
    () => ask(botId, 'When does the harbour open?'),
    ({ answer }) => !answer.includes('5 in the morning'),
  )
  assert.ok((sourcesOf(gone.messages) ?? []).every(({ meta }) => others.includes(meta.document.id)))
})

test('images are listed, described, and then found by what was said of them', async () => {
  const { dataset_id: datasetId } = await coze.datasets.create({ name: 'Pictures', space_id: spaceId, format_type: 2 })
  const [made] = await coze.datasets.documents.create({
    dataset_id: datasetId,
    document_bases: [base64Document('boat.png', PNG)],
    chunk_strategy: { chunk_type: 0, caption_type: 1 },
    format_type: 2,
  })
  const imageId = made?.document_id ?? ''
  const list = (query = {}) => coze.datasets.images.list(datasetId, query)
  await coze.datasets.images.update(datasetId, imageId, { caption: 'A red boat under the bridge of Porto' })
  await indexed(coze, datasetId, [imageId])
  const { photo_infos: photos, total_count: total } = await list()
  assert.equal(total, 1)
  assert.partialDeepStrictEqual(photos[0], {
    document_id: imageId,
    name: 'boat.png',
    type: 'png',
    caption: 'A red boat under the bridge of Porto',
    size: PNG.length,
  })
  assert.deepEqual(Buffer.from(await (await fetch(photos[0]?.url ?? '')).arrayBuffer()), PNG)
  assert.equal((await list({ has_caption: true })).total_count, 1)
  assert.equal((await list({ has_caption: false })).total_count, 0)
  assert.equal((await list({ keyword: 'submarine' })).total_count, 0)
  const botId = await publishedAgent(coze, spaceId, [datasetId])
  const { messages } = await ask(botId, 'Is there a picture of a boat in Porto?')
  assert.match(sourcesOf(messages)?.[0]?.slice ?? '', /red boat/)
})

test('a file comes back as it went in', async () => {
  const content = Buffer.from('héllo 世界\r\n'.repeat(1000))
  const file = await upload('grüße 世界.txt', content)
  assert.equal(file.bytes, content.length)
  assert.equal(file.file_name, 'grüße 世界.txt')
  assert.ok(Number.isInteger(file.created_at) && Math.abs(file.created_at - Date.now() / 1000) < 60)
  const again = (await coze.files.retrieve(file.id)) as typeof file & { url: string }
  assert.deepEqual([again.id, again.bytes, again.created_at], [file.id, file.bytes, file.created_at])
  const answer = await fetch(again.url)
  assert.match(answer.headers.get('content-disposition') ?? '', /filename\*=UTF-8''gr%C3%BC%C3%9Fe%20/)
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content)
})
