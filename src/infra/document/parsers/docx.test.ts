import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Document, FootnoteReferenceRun, Packer, Paragraph, TextRun } from 'docx'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'
import { docxBlocks, docxBytes, handbooks } from '../../../../test-kit/documents.ts'
import { zipBytes } from '../../../../test-kit/zip.ts'

test('PARSE-20 text, lists and tables come in their order under their headings', async () => {
  const file = await docxBytes([
    { heading: 'Handbook' },
    { text: 'Welcome.' },
    { heading: 'Leave', level: 2 },
    { list: ['paid', 'sick'] },
    { list: ['ask', 'wait'], ordered: true },
    {
      table: [
        ['Grade', 'Days', 'Place'],
        ['A', '27', 'Lisbon'],
        ['B', '30', 'Tallinn'],
      ],
    },
    { text: 'The end.' },
  ])
  const { blocks } = await readBlocks('docx', file)
  assert.deepEqual(outline(blocks), [
    'heading1 Handbook',
    'text Welcome.',
    'heading2 Leave',
    'text - paid\n- sick',
    'text 1. ask\n2. wait',
    'row Grade: A; Days: 27; Place: Lisbon',
    'row Grade: B; Days: 30; Place: Tallinn',
    'text The end.',
  ])
  assert.deepEqual(blocks.at(-1)?.path, ['Handbook', 'Leave'])
})

test('documents of several pages in English and Chinese are read whole', async () => {
  for (const { pages } of Object.values(handbooks)) {
    const text = pages.join('\n\n')
    const { blocks } = await readBlocks('docx', await docxBytes(docxBlocks(text)))
    assert.equal(blocks.map((block) => block.text).join('\n'), text.replace(/^#+ /gm, '').replaceAll('\n\n', '\n'))
  }
})

const part = (body: string, head = '') =>
  zipBytes([
    {
      name: '[Content_Types].xml',
      data: '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    },
    {
      name: '_rels/.rels',
      data: '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    },
    {
      name: 'word/document.xml',
      data: `${head}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    },
  ])
const run = (text: string) => `<w:r><w:t>${text}</w:t></w:r>`

test('insertions are read and deletions are not', async () => {
  const body = `<w:p>${run('keep ')}<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins>${run('new')}</w:ins></w:p>`
  assert.deepEqual(outline((await readBlocks('docx', part(body))).blocks), ['text keep new'])
})

test('footnotes are read after the text', async () => {
  const children = [new TextRun('Leave is 27 days'), new FootnoteReferenceRun(1)]
  const document = new Document({
    footnotes: { 1: { children: [new Paragraph('Part-time accordingly.')] } },
    sections: [{ children: [new Paragraph({ children })] }],
  })
  const { blocks } = await readBlocks('docx', await Packer.toBuffer(document))
  assert.deepEqual(outline(blocks), ['text Leave is 27 days[1]', 'text 1. Part-time accordingly.'])
})

test('an entity bomb is refused before a parser sees it', async () => {
  const head = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
  await assert.rejects(readBlocks('docx', part(`<w:p>${run('&b;')}</w:p>`, head)), {
    code: 'corrupt',
    message: /document type/,
  })
})

test('nesting without end, damage and emptiness are clear errors', async () => {
  const deep = part('<w:sdt><w:sdtContent>'.repeat(50_000) + '</w:sdtContent></w:sdt>'.repeat(50_000))
  await assert.rejects(readBlocks('docx', deep), { code: 'resource_exhausted', message: /nested/ })
  await assert.rejects(readBlocks('docx', part('<w:p></w:q>')), (err: { code: string }) =>
    /corrupt|invalid_argument/.test(err.code),
  )
  await assert.rejects(readBlocks('docx', part('<w:p/>')), { code: 'invalid_argument', message: /no text/ })
  await assert.rejects(readBlocks('docx', zipBytes([{ name: 'xl/workbook.xml', data: '<x/>' }])), {
    code: 'corrupt',
    message: /not a Word document/,
  })
})
