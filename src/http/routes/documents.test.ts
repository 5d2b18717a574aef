import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { knowledgeServer } from '../../../test-kit/knowledge-server.ts'

let server: Awaited<ReturnType<typeof knowledgeServer>>
let datasetId: string
before(async () => {
  server = await knowledgeServer()
  datasetId = await newDataset()
})
after(() => server[Symbol.asyncDispose]())

const PATH = '/open_api/knowledge/document'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const post = (path: string, body: object, who = 'anna') => server.call(who, 'POST', `${PATH}/${path}`, body)

async function newDataset(format_type = 0): Promise<string> {
  const answer = await server.call('anna', 'POST', '/v1/datasets', { space_id: '101', name: 'd', format_type })
  return answer.body.data.dataset_id
}
async function create(source_info: object, more: object = {}, name = 'note.txt') {
  const body = { dataset_id: datasetId, document_bases: [{ name, source_info }], ...more }
  const answer = await post('create', body)
  assert.equal(answer.status, 200, answer.text)
  await server.settled()
  const [document] = answer.body.document_infos
  const { body: listed } = await post('list', {
    dataset_id: body.dataset_id,
    document_ids: [document.document_id],
  })
  return listed.document_infos[0]
}
const slices = async (document_id: string) =>
  (await server.call('anna', 'POST', '/open_api/knowledge/slice/list', { document_id })).body.slices.map(
    (slice: { content: string }) => slice.content,
  )

test('a created document has every field that the SDKs need, and no key "data" beside it', async () => {
  const info = {
    file_base64: base64('Hello there.'),
    file_type: 'txt',
    web_url: null,
    source_file_id: null,
    document_source: null,
  }
  const bases = [{ name: 'hello.txt', source_info: info, update_rule: { update_type: 0, update_interval: 24 } }]
  const chunk_strategy = { chunk_type: 0, caption_type: null, max_tokens: null, separator: null }
  const answer = await post('create', { dataset_id: datasetId, document_bases: bases, chunk_strategy, format_type: 0 })
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(Object.keys(answer.body).sort(), ['code', 'document_infos', 'msg'])
  const { document_id, create_time, update_time, tos_uri, ...rest } = answer.body.document_infos[0]
  assert.match(document_id, /^\d+$/)
  assert.ok(Number.isInteger(create_time) && update_time >= create_time)
  assert.equal(tos_uri, `knowledge/${datasetId}/${document_id}.txt`)
  assert.deepEqual(rest, {
    creator_id: '100',
    space_id: '101',
    name: 'hello.txt',
    type: 'txt',
    size: 12,
    char_count: 0,
    slice_count: 0,
    hit_count: 0,
    format_type: 0,
    status: 0,
    status_descript: '',
    source_type: 0,
    update_type: 0,
    update_interval: 24,
    chunk_strategy: { chunk_type: 0 },
  })
})

test('documents come in by base64, by file id and as text', async () => {
  const file = (await server.upload('anna', 'table.md', '# Title\n\nBody of the file.')).body.data
  const cases = [
    [{ file_base64: base64('Base sixty-four.'), file_type: 'txt' }, 0, 'txt', ['Base sixty-four.']],
    [{ document_source: 0, file_base64: base64('Data.'), file_type: '.TXT' }, 0, 'txt', ['Data.']],
    [{ document_source: 5, source_file_id: file.id }, 5, 'md', ['Title\nBody of the file.']],
    [{ document_source: 2, custom_content: 'Own words.' }, 2, 'txt', ['Own words.']],
  ] as const
  for (const [info, source, type, content] of cases) {
    const document = await create(info)
    assert.deepEqual(
      [document.status, document.source_type, document.type],
      [1, source, type],
      document.status_descript,
    )
    assert.deepEqual(await slices(document.document_id), content)
  }
})

test('a file stays when the document made of it is deleted', async () => {
  const file = (await server.upload('anna', 'kept.txt', 'kept')).body.data
  const document = await create({ document_source: 5, source_file_id: file.id })
  assert.equal((await post('delete', { document_ids: [document.document_id] })).status, 200)
  await server.settled()
  assert.equal((await server.app.inject({ url: file.url.replace('http://snug.test', '') })).body, 'kept')
})

const STRATEGIES: readonly [what: string, rule: object, text: string, type: string, slices: string[]][] = [
  [
    'a separator',
    { chunk_type: 1, separator: '###', max_tokens: 100 },
    'one###two###three',
    'txt',
    ['one', 'two', 'three'],
  ],
  ['a length', { chunk_type: 1, separator: '\n', max_tokens: 4 }, 'abcdefghij', 'txt', ['abcd', 'efgh', 'ij']],
  [
    'an overlap',
    { chunk_type: 1, separator: '\n', max_tokens: 4, overlap: 50 },
    'abcdefgh',
    'txt',
    ['abcd', 'cdef', 'efgh'],
  ],
  [
    'cleaning',
    { chunk_type: 1, separator: '|', max_tokens: 500, remove_extra_spaces: true, remove_urls_emails: true },
    'see   https://example.org/x  or\tmail a@example.org now',
    'txt',
    ['see or mail now'],
  ],
  [
    'headings',
    { chunk_type: 2, max_level: 1, save_title: false },
    '# A\n\nfirst\n\n# B\n\nsecond\n\n## C\n\nthird',
    'md',
    ['first', 'second\n\nC\nthird'],
  ],
]
for (const [what, chunk_strategy, text, file_type, expected] of STRATEGIES) {
  test(`documents are cut by ${what}`, async () => {
    const dataset_id = await newDataset()
    const document = await create({ file_base64: base64(text), file_type }, { dataset_id, chunk_strategy })
    assert.deepEqual(await slices(document.document_id), expected)
    assert.deepEqual(document.chunk_strategy, chunk_strategy)
  })
}

test('the strategy of the first upload is that of the dataset', async () => {
  const dataset_id = await newDataset()
  const chunk_strategy = { chunk_type: 1, separator: '#', max_tokens: 100 }
  await create({ custom_content: 'a#b', document_source: 2 }, { dataset_id, chunk_strategy })
  const later = await create({ custom_content: 'c#d', document_source: 2 }, { dataset_id })
  assert.deepEqual(await slices(later.document_id), ['c', 'd'])
})

test('a table dataset takes tables and cuts them by rows', async () => {
  const dataset_id = await newDataset(1)
  const csv = { file_base64: base64('city,people\nBern,1\nBasel,2\n'), file_type: 'csv' }
  const document = await create(csv, { dataset_id, format_type: 1 })
  assert.deepEqual([document.slice_count, document.format_type], [2, 1])
  const json = await create({ document_source: 2, custom_content: '[{"city":"Chur"}]' }, { dataset_id })
  assert.deepEqual(await slices(json.document_id), ['city: Chur'])
  const text = { dataset_id, document_bases: [{ name: 'a', source_info: { file_base64: 'YQ==', file_type: 'txt' } }] }
  assert.match((await post('create', text)).body.msg, /\.txt files cannot be read here; supported are csv, xlsx, json/)
})

const info = { file_base64: 'YQ==', file_type: 'txt' }
const REFUSED: readonly [what: string, body: object, text: RegExp][] = [
  ['no documents', { document_bases: [] }, /document_bases/],
  ['eleven documents', { document_bases: Array(11).fill({ name: 'a', source_info: info }) }, /document_bases/],
  [
    'a web page',
    { document_bases: [{ name: 'a', source_info: { web_url: 'http://127.0.0.1/', document_source: 1 } }] },
    /web pages/,
  ],
  [
    'a source that is not there',
    { document_bases: [{ name: 'a', source_info: { document_source: 101 } }] },
    /document_source 101/,
  ],
  [
    'no source at all',
    { document_bases: [{ name: 'a', source_info: {} }] },
    /document_bases\[0\]\.source_info: send one of/,
  ],
  ['broken base64', { document_bases: [{ name: 'a', source_info: { ...info, file_base64: 'a%b' } }] }, /file_base64/],
  ['an unknown type', { document_bases: [{ name: 'a', source_info: { ...info, file_type: 'exe' } }] }, /\.exe files/],
  [
    'no type',
    { document_bases: [{ name: 'a', source_info: { file_base64: 'YQ==' } }] },
    /type of the file is not known/,
  ],
  [
    'an empty text',
    { document_bases: [{ name: 'a', source_info: { document_source: 2, custom_content: ' ' } }] },
    /empty/,
  ],
  ['a long name', { document_bases: [{ name: 'x'.repeat(10_000), source_info: info }] }, /name/],
  ['a name of spaces', { document_bases: [{ name: '\u0001 ', source_info: info }] }, /document_bases\[0\]\.name/],
  ['another kind', { format_type: 1, document_bases: [{ name: 'a', source_info: info }] }, /format_type/],
  [
    'a wild length',
    { chunk_strategy: { chunk_type: 1, max_tokens: 100_000 }, document_bases: [{ name: 'a', source_info: info }] },
    /max_tokens/,
  ],
  [
    'a wild type of cutting',
    { chunk_strategy: { chunk_type: 9 }, document_bases: [{ name: 'a', source_info: info }] },
    /chunk_type/,
  ],
  ['no dataset', { dataset_id: undefined, document_bases: [{ name: 'a', source_info: info }] }, /dataset_id/],
]
for (const [what, body, text] of REFUSED) {
  test(`${what} is refused, and nothing is created`, async () => {
    const before = (await post('list', { dataset_id: datasetId })).body.total
    const answer = await post('create', { dataset_id: datasetId, ...body })
    assert.deepEqual([answer.status, answer.body.code], [400, 4000], answer.text)
    assert.match(answer.body.msg, text)
    assert.equal((await post('list', { dataset_id: datasetId })).body.total, before)
  })
}

test('one bad document of several refuses them all', async () => {
  const dataset_id = await newDataset()
  const document_bases = [
    { name: 'good', source_info: info },
    { name: 'bad', source_info: { document_source: 5, source_file_id: '12345' } },
  ]
  const answer = await post('create', { dataset_id, document_bases })
  assert.deepEqual([answer.status, answer.body.code], [404, 4200])
  assert.equal((await post('list', { dataset_id })).body.total, 0)
})

test('lists come in pages from 1, by either size, by POST and by GET', async () => {
  const dataset_id = await newDataset()
  const document_bases = ['a', 'b', 'c'].map((name) => ({ name, source_info: info }))
  await post('create', { dataset_id, document_bases })
  const names = (body: { document_infos: { name: string }[] }) => body.document_infos.map(({ name }) => name)
  const first = await post('list', { dataset_id, page: 1, size: 2 })
  assert.deepEqual([names(first.body), first.body.total, 'data' in first.body], [['c', 'b'], 3, false])
  assert.deepEqual(names((await post('list', { dataset_id, page: 2, page_size: 2 })).body), ['a'])
  const query = `${PATH}/list?dataset_id=${dataset_id}&page=2&page_size=2`
  assert.deepEqual(names((await server.call('anna', 'GET', query)).body), ['a'])
  assert.deepEqual(names((await post('list', { dataset_id, keyword: 'B' })).body), ['b'])
  assert.equal((await post('list', { dataset_id, page: 0 })).status, 400)
})

test('progress names every document, done and failed', async () => {
  const dataset_id = await newDataset()
  const good = await create(info, { dataset_id })
  const bad = await create({ file_base64: base64('%PDF-not'), file_type: 'pdf' }, { dataset_id })
  const document_ids = [good.document_id, bad.document_id]
  const answer = await server.call('anna', 'POST', `/v1/datasets/${dataset_id}/process`, { document_ids })
  assert.equal(answer.status, 200, answer.text)
  const [one, two] = answer.body.data.data
  const { url, ...rest } = one
  assert.match(url, /^http:\/\/snug\.test\/api\/blob\//)
  assert.deepEqual(rest, {
    document_id: good.document_id,
    document_name: 'note.txt',
    size: 1,
    type: 'txt',
    status: 1,
    progress: 100,
    update_type: 0,
    update_interval: 0,
    remaining_time: 0,
    status_descript: '',
  })
  assert.deepEqual([two.document_id, two.status, two.progress], [bad.document_id, 9, 100])
  assert.match(two.status_descript, /damaged|not a PDF/)
  const elsewhere = await newDataset()
  assert.equal((await server.call('anna', 'POST', `/v1/datasets/${elsewhere}/process`, { document_ids })).status, 404)
  assert.equal(
    (await server.call('anna', 'POST', `/v1/datasets/${dataset_id}/process`, { document_ids: [] })).status,
    400,
  )
})

test('a document is renamed', async () => {
  const document = await create(info)
  const change = { document_id: document.document_id, document_name: 'new name', update_rule: null }
  assert.deepEqual((await post('update', change)).body, { code: 0, msg: '' })
  const { body } = await post('list', { dataset_id: datasetId, document_ids: [document.document_id] })
  assert.equal(body.document_infos[0].name, 'new name')
  assert.equal((await post('update', { ...change, document_name: 'x'.repeat(256) })).status, 400)
})

test('deleted documents are gone, all or none', async () => {
  const [one, two] = [await create(info), await create(info)]
  const both = [one.document_id, two.document_id]
  assert.equal((await post('delete', { document_ids: [...both, '12345'] })).status, 404)
  assert.equal((await post('list', { dataset_id: datasetId, document_ids: both })).body.total, 2)
  assert.deepEqual((await post('delete', { document_ids: both })).body, { code: 0, msg: '' })
  assert.equal((await post('list', { dataset_id: datasetId, document_ids: both })).body.total, 0)
  assert.equal((await post('delete', { document_ids: [] })).status, 400)
})

test('a failed document can be tried again', async () => {
  const document = await create({ file_base64: base64('%PDF-not'), file_type: 'pdf' })
  const answer = await post('retry', { document_ids: [document.document_id] })
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual([answer.body.document_infos[0].status, answer.body.document_infos[0].status_descript], [0, ''])
  await server.settled()
  const { body } = await post('list', { dataset_id: datasetId, document_ids: [document.document_id] })
  assert.equal(body.document_infos[0].status, 9)
})

test("another person's documents are not found", async () => {
  const document = await create(info)
  const document_ids = [document.document_id]
  const file = (await server.upload('anna', 'mine.txt', 'secret')).body.data.id
  const mine = (await server.call('ben', 'POST', '/v1/datasets', { space_id: '201', name: 'ben' })).body.data.dataset_id
  const stolen = [{ name: 'x', source_info: { document_source: 5, source_file_id: file } }]
  const cases: [string, object][] = [
    ['create', { dataset_id: datasetId, document_bases: [{ name: 'x', source_info: info }] }],
    ['create', { dataset_id: mine, document_bases: stolen }],
    ['list', { dataset_id: datasetId }],
    ['update', { document_id: document.document_id, document_name: 'x' }],
    ['delete', { document_ids }],
    ['retry', { document_ids }],
    ['../slice/list', { document_id: document.document_id }],
  ]
  for (const [path, body] of cases) {
    const answer = await post(path, body, 'ben')
    assert.deepEqual([answer.status, answer.body.code], [404, 4200], path)
  }
  assert.equal((await server.call('ben', 'GET', `${PATH}/list?dataset_id=${datasetId}`)).status, 404)
})
