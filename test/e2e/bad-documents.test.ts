import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { RoleType } from '@coze/api'
import { docxBytes, pdfBytes, xlsxBytes, zipBomb } from '../../test-kit/documents.ts'
import { assertCalm } from '../../test-kit/refusal.ts'
import {
  base64Document,
  datasetWith,
  indexed,
  publishedAgent,
  startSdkWorld,
  transcriptOf,
} from '../../test-kit/sdk.ts'
import { storedLines } from '../../test-kit/stored.ts'
import { zipBytes } from '../../test-kit/zip.ts'

const world = await startSdkWorld()
after(() => world[Symbol.asyncDispose]())
const { coze } = world
const { spaceId } = world.user

const newDataset = async (formatType = 0) =>
  (await coze.datasets.create({ name: 'Odd', space_id: spaceId, format_type: formatType })).dataset_id

/** A document that cannot be read, and what people are told of it. */
const BROKEN: readonly [name: string, bytes: () => Uint8Array | string | Promise<Uint8Array>, reason: RegExp][] = [
  ['bomb.docx', () => zipBomb({ sizeBytes: 1024 ** 3 }), /large|size|unpack|expand|compress/i],
  [
    'bomb-that-lies.docx',
    () => zipBomb({ sizeBytes: 1024 ** 3, lies: true }),
    /large|size|unpack|expand|compress|damaged/i,
  ],
  ['bomb.xlsx', () => zipBomb({ sizeBytes: 1024 ** 3, type: 'xlsx' }), /large|size|unpack|expand|compress/i],
  ['picture.pdf', () => '\x89PNG\r\n\x1a\n'.repeat(100), /PDF/],
  ['page.pdf', () => '<!doctype html><h1>404 Not Found</h1>', /PDF/],
  ['cut.pdf', async () => (await pdfBytes(['Some text'])).subarray(0, 300), /PDF|damaged/],
  ['no-pages.pdf', () => '%PDF-1.7\n%%EOF\n', /PDF|damaged/],
  ['empty-page.pdf', () => pdfBytes(['']), /no text|scan/i],
  ['text.docx', () => 'just a text', /Word/],
  ['old.docx', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), /Word|old|protected|encrypted/i],
  ['archive.docx', () => zipBytes([{ name: 'readme.txt', data: 'hello' }]), /Word/],
  ['slip.docx', () => zipBytes([{ name: '../../../../tmp/slipped', data: 'x' }]), /Word/],
  ['cut.docx', async () => (await docxBytes([{ text: 'x' }])).subarray(0, 500), /Word|damaged/],
  ['no-words.docx', () => docxBytes([{ text: '' }]), /no text/],
  ['text.xlsx', () => 'a,b\n1,2', /Excel|workbook|sheet/i],
  ['no-rows.xlsx', () => xlsxBytes([]), /no text|no rows|empty/i],
  ['nothing.txt', () => '', /empty/],
  ['spaces.txt', () => ' \n\t\u00a0\r\n', /no text|empty/],
  ['binary.txt', () => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256)), /text|binary/i],
  ['half.json', () => '{"a": [1, 2', /JSON/],
  ['deep.json', () => '['.repeat(200_000), /JSON|nested|deep/i],
]

test('what cannot be read ends as failed, with a reason for people, and the others are indexed', async () => {
  const datasetId = await newDataset()
  const made: string[] = []
  for (let i = 0; i < BROKEN.length; i += 7) {
    const bases = BROKEN.slice(i, i + 7).map(async ([name, bytes]) => base64Document(name, await bytes()))
    const documents = await coze.datasets.documents.create({
      dataset_id: datasetId,
      document_bases: [...(await Promise.all(bases)), base64Document(`good ${i}.txt`, `Good text number ${i}`)],
    })
    made.push(...documents.map((document) => document.document_id))
  }
  const progress = await indexed(coze, datasetId, made)
  for (const { document_name: name, status, progress: percent, status_descript: reason = '' } of progress) {
    const broken = BROKEN.find(([each]) => each === name)
    assert.deepEqual([name, status, percent], [name, broken === undefined ? 1 : 9, 100], reason)
    if (broken === undefined) continue
    assert.match(reason, broken[2], name)
    assert.ok(
      reason.length < 300 && !/\bat \w+ \(|Error:|\/src\/|node_modules|undefined/.test(reason),
      `${name}: ${reason}`,
    )
  }
  const { dataset_list: list } = await coze.datasets.list({ space_id: spaceId, page_size: 100 })
  const dataset = list.find((each) => each.dataset_id === datasetId)
  assert.equal(dataset?.failed_file_list.length, BROKEN.length)
  assert.deepEqual(dataset?.processing_file_list, [])
  await assertCalm(world.server)
})

test('documents that are refused at once leave none of their batch', async () => {
  const datasetId = await newDataset()
  const good = base64Document('good.txt', 'Good text')
  const stored = await storedLines(world.server.home)
  const refused: readonly [what: string, document: object, message: RegExp][] = [
    ['a type nobody reads', base64Document('virus.exe', 'MZ'), /\.exe/],
    ['no type', { name: 'README', source_info: { file_base64: 'QQ==' } }, /type/],
    ['no base64', { name: 'a.txt', source_info: { file_base64: '*not base64*', file_type: 'txt' } }, /base64/],
    ['no source', { name: 'a.txt', source_info: {} }, /file_base64.*source_file_id/],
    ['an empty text', { name: 'a.txt', source_info: { document_source: 2, custom_content: '  ' } }, /empty/],
    ['a missing file', { name: 'a.txt', source_info: { document_source: 5, source_file_id: '42' } }, /file/],
    ['a web page', { name: 'a', source_info: { document_source: 1, web_url: 'http://127.0.0.1/' } }, /web pages/],
    ['a source nobody has', { name: 'a.txt', source_info: { document_source: 104 } }, /104/],
    ['a name of nothing', { ...good, name: '\u200b' }, /name/],
    ['a key of the store', { name: 'a.txt', source_info: { tos_uri: 'files/1/2.txt' } }, /file_base64/],
  ]
  for (const [what, document, message] of refused)
    await assert.rejects(
      coze.datasets.documents.create({ dataset_id: datasetId, document_bases: [good, document as typeof good] }),
      (err: { status?: number; msg?: string }) => {
        assert.ok(err.status === 400 || err.status === 404, `${what}: ${err}`)
        assert.match(err.msg ?? '', message, what)
        return true
      },
    )
  const many = Array.from({ length: 11 }, () => good)
  await assert.rejects(coze.datasets.documents.create({ dataset_id: datasetId, document_bases: many }), { status: 400 })
  assert.deepEqual([...stored.symmetricDifference(await storedLines(world.server.home))], [])
})

test('names of documents are shown as they can be seen, and never become paths', async () => {
  const names = [
    '../../../etc/passwd.txt',
    'a\u0000b.txt',
    'line\nbreak.txt',
    '\u202etxt.exe',
    '%2e%2e%2f.txt',
    "'; --.txt",
  ]
  const bases = names.map((name) => ({ ...base64Document('x.txt', 'Text of a document'), name }))
  const { datasetId } = await datasetWith(coze, spaceId, bases)
  const { document_infos: documents } = await coze.datasets.documents.list({ dataset_id: datasetId, page_size: 10 })
  assert.equal(documents.length, names.length)
  for (const { name, tos_uri: uri } of documents) {
    assert.doesNotMatch(name, /[\p{Cc}\p{Cf}]/u)
    assert.match(uri, /^knowledge\/\d+\/\d+\.txt$/)
  }
})

test('an address in a message or a document is never opened', async () => {
  const seen: string[] = []
  const inside = createServer((request, response) => {
    seen.push(request.url ?? '')
    response.end('secret of the inside')
  }).listen(0, '127.0.0.1')
  await once(inside, 'listening')
  const { port } = inside.address() as { port: number }
  try {
    const botId = await publishedAgent(coze, spaceId)
    const hosts = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '127.1', '0.0.0.0']
    const urls = [...hosts.map((host) => `http://${host}:${port}/inside`), 'http://169.254.169.254/latest/meta-data/']
    for (const file_url of urls) {
      const content = [
        { type: 'text' as const, text: 'What does it say?' },
        { type: 'image' as const, file_url },
        { type: 'file' as const, file_url },
      ]
      const message = { role: RoleType.User, content, content_type: 'object_string' as const }
      const request = { bot_id: botId, user_id: 'u', additional_messages: [message] }
      const { answer } = await transcriptOf(coze.chat.stream(request))
      assert.doesNotMatch(answer, /secret of the inside/)
    }
    for (const file_url of [
      'file:///etc/passwd',
      'gopher://127.0.0.1/',
      'javascript:alert(1)',
      'data:text/plain,x',
      '//x',
      'x',
    ]) {
      const content = [{ type: 'file' as const, file_url }]
      const message = { role: RoleType.User, content, content_type: 'object_string' as const }
      await assert.rejects(
        coze.chat.create({ bot_id: botId, additional_messages: [message] }),
        { status: 400 },
        file_url,
      )
    }
    const web = { name: 'a', source_info: { document_source: 1, web_url: urls[0] ?? '' } }
    const datasetId = await newDataset()
    await assert.rejects(coze.datasets.documents.create({ dataset_id: datasetId, document_bases: [web] }), {
      status: 400,
    })
    assert.deepEqual(seen, [])
  } finally {
    inside.close()
  }
})

test('after all of it the server answers, small and calm, with nothing in its log', () => assertCalm(world.server))
