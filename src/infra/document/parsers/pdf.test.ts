import assert from 'node:assert/strict'
import { test } from 'node:test'
import PDFDocument from 'pdfkit'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'
import { handbooks, pdfBytes } from '../../../../test-kit/documents.ts'
import { pdfFile } from '../../../../test-kit/pdf.ts'

type Draw = (pdf: PDFKit.PDFDocument) => void
async function drawn(draw: Draw, options: PDFKit.PDFDocumentOptions = {}): Promise<Uint8Array> {
  const pdf = new PDFDocument({ size: 'A4', margin: 72, ...options })
  const parts: Buffer[] = []
  const done = new Promise((resolve) => pdf.on('data', (part) => parts.push(part)).on('end', resolve))
  draw(pdf)
  pdf.end()
  await done
  return Buffer.concat(parts)
}

test('PARSE-18 pages come in order with their numbers; pages can be left out', async () => {
  const file = await pdfBytes(['First page.', 'Second page.', 'Third page.'])
  const all = (await readBlocks('pdf', file)).blocks
  assert.deepEqual(
    all.map(({ page, text }) => [page, text]),
    [
      [1, 'First page.'],
      [2, 'Second page.'],
      [3, 'Third page.'],
    ],
  )
  const some = (await readBlocks('pdf', file, { skipPages: [1, 3, 9] })).blocks
  assert.deepEqual(
    some.map(({ page }) => page),
    [2],
  )
})

test('a handbook of several pages keeps paragraphs, headings and facts, in English and Chinese', async () => {
  for (const { pages, questions } of Object.values(handbooks)) {
    const { blocks } = await readBlocks('pdf', await pdfBytes(pages))
    const headings = pages
      .join('\n')
      .match(/^#+ .*$/gm)
      ?.map((line) => line.replace(/^#+ /, ''))
    assert.deepEqual(
      blocks.filter((block) => block.kind === 'heading').map((block) => block.text),
      headings,
    )
    for (const { ask, facts, page } of questions) {
      const text = blocks
        .filter((block) => block.page === page)
        .map((block) => block.text)
        .join('\n')
      for (const fact of facts) assert.ok(text.includes(fact), `${ask}: ${fact} is not on page ${page}`)
    }
  }
})

test('fonts of older Chinese software, which are not embedded, are read', async () => {
  const { blocks } = await readBlocks(
    'pdf',
    await pdfBytes(['# 员工手册\n\n每年享有十五天带薪年假。'], { font: 'predefined' }),
  )
  assert.deepEqual(outline(blocks), ['heading1 员工手册', 'text 每年享有十五天带薪年假。'])
})

test('lines of a paragraph are joined, broken words made whole, points of a list kept apart', async () => {
  const file = await drawn((pdf) => {
    pdf
      .fontSize(11)
      .text(
        'The regular working week has thirty-seven and a half hours, and every employee is free to ar-\nrange them in the way that is best.',
        { width: 420 },
      )
    pdf.moveDown().text('• first point\n• second point\nshort line\nanother')
  })
  assert.deepEqual(outline((await readBlocks('pdf', file)).blocks), [
    'text The regular working week has thirty-seven and a half hours, and every employee is free to arrange them in the way that is best.',
    'text • first point\n• second point\nshort line\nanother',
  ])
})

test('PARSE-19 a table of at least two by two becomes rows', async () => {
  const file = await drawn((pdf) => {
    pdf.text('Allowances are these.').moveDown(2)
    for (const row of [
      ['Grade', 'Allowance', 'City'],
      ['A', '50 euros', 'Berlin'],
      ['B', '', 'Paris'],
    ]) {
      const y = pdf.y
      for (const [i, cell] of row.entries()) pdf.text(cell === '' ? ' ' : cell, 72 + i * 140, y, { width: 130 })
    }
    pdf.moveDown(2).text('They are paid monthly.', 72)
  })
  assert.deepEqual(outline((await readBlocks('pdf', file)).blocks), [
    'text Allowances are these.',
    'row Grade: A; Allowance: 50 euros; City: Berlin',
    'row Grade: B; City: Paris',
    'text They are paid monthly.',
  ])
})

test('running headers, footers and page numbers are no part of the text', async () => {
  const file = await drawn(
    (pdf) => {
      for (let page = 1; page <= 4; page++) {
        pdf.addPage()
        pdf.text('Larkspur Robotics - confidential', 72, 40)
        pdf.text(`Only page ${'abcd'[page - 1]} says this.`, 72, 100)
        pdf.text(`Page ${page} of 4`, 72, 780, { lineBreak: false })
      }
    },
    { autoFirstPage: false, margin: 20 },
  )
  assert.deepEqual(
    outline((await readBlocks('pdf', file)).blocks),
    [...'abcd'].map((letter) => `text Only page ${letter} says this.`),
  )
})

test('pages whose only line counts them, and chapters that begin each page, are kept', async () => {
  const counted = await pdfBytes(['Page 1', 'Page 2', 'Page 3'])
  assert.deepEqual(outline((await readBlocks('pdf', counted)).blocks), ['text Page 1', 'text Page 2', 'text Page 3'])
  const bodies = ['It begins with something longer than its title.', 'It goes on with more of it.', 'It ends at last.']
  const chapters = await pdfBytes(bodies.map((body, i) => `# Chapter ${i + 1}\n\n${body}`))
  const { blocks } = await readBlocks('pdf', chapters)
  assert.deepEqual(
    blocks.map((block) => block.text),
    bodies.flatMap((body, i) => [`Chapter ${i + 1}`, body]),
  )
})

test('lines of a table of contents are no headings', async () => {
  const file = await drawn((pdf) => {
    pdf.fontSize(16).text('1 Introduction . . . . . . . . . 1').fontSize(11).moveDown(2)
    pdf.text('Here is some text of the usual size, which is much longer than the line above it.').moveDown(2)
    pdf.fontSize(16).text('1 Introduction')
  })
  const { blocks } = await readBlocks('pdf', file)
  assert.deepEqual(
    blocks.map((block) => block.kind),
    ['text', 'text', 'heading'],
  )
})

test('columns are read one after the other', async () => {
  const words = (side: string) => Array.from({ length: 60 }, (_, i) => `${side}${i}`).join(' ')
  const file = await drawn((pdf) => {
    pdf.text(words('left'), 72, 100, { width: 200 })
    pdf.text(words('right'), 320, 100, { width: 200 })
  })
  assert.deepEqual(outline((await readBlocks('pdf', file)).blocks), [`text ${words('left')}`, `text ${words('right')}`])
})

test('a scan without text says so, and so does a password', async () => {
  const scan = await drawn((pdf) => pdf.rect(100, 100, 200, 200).fill('black'))
  await assert.rejects(readBlocks('pdf', scan), {
    code: 'invalid_argument',
    message: 'no text could be found in the PDF (a scan?)',
  })
  const secret = await drawn((pdf) => pdf.text('secret'), { userPassword: 'pw' })
  await assert.rejects(readBlocks('pdf', secret), { code: 'invalid_argument', message: /password/ })
  const locked = await drawn((pdf) => pdf.text('open to read'), { ownerPassword: 'pw', permissions: {} })
  assert.deepEqual(outline((await readBlocks('pdf', locked)).blocks), ['text open to read'])
})

test('PARSE-40 damage is told from success', async () => {
  await assert.rejects(readBlocks('pdf', '%PDF-1.7\nrubbish'), { code: 'corrupt', message: /damaged or not a PDF/ })
  const loop = pdfFile(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Count 2/Kids[2 0 R 2 0 R]>>'])
  await assert.rejects(readBlocks('pdf', loop), { code: 'corrupt' })
  const whole = await pdfBytes(['All of it is here.'])
  const cut = await readBlocks('pdf', whole.subarray(0, whole.length - 200)).catch((err: { code: string }) => err.code)
  assert.ok(cut === 'corrupt' || (typeof cut === 'object' && cut.blocks[0]?.text === 'All of it is here.'))
})

test('the limit of pages holds', async () => {
  const file = await pdfBytes(['a', 'b', 'c'])
  await assert.rejects(readBlocks('pdf', file, { limits: { pages: 2 } }), {
    code: 'resource_exhausted',
    message: /3 pages/,
  })
})
