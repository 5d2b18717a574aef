import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'
import { prices, type XlsxSheets, xlsxBytes } from '../../../../test-kit/documents.ts'
import { zipBytes } from '../../../../test-kit/zip.ts'

const BOOK: XlsxSheets = {
  People: [
    ['Name', 'Born', 'Active'],
    ['Ada', new Date(Date.UTC(1985, 11, 10)), true],
    ['王芳', new Date(Date.UTC(2024, 0, 31, 14, 30)), false],
  ],
  'R & D': [['Year', 'Sum'], [2023, { formula: 'A2*2', value: 4046 }], [2024], [2025, 0.1 + 0.2]],
}
const read = async (content: Parameters<typeof xlsxBytes>[0], options = {}) =>
  outline((await readBlocks('xlsx', xlsxBytes(content), options)).blocks)

test('PARSE-31 PARSE-32 all sheets under their names; dates, formulas and ragged rows are readable', async () => {
  assert.deepEqual(await read(BOOK), [
    'heading1 People',
    'row Name: Ada; Born: 1985-12-10; Active: true',
    'row Name: 王芳; Born: 2024-01-31 14:30; Active: false',
    'heading1 R & D',
    'row Year: 2023; Sum: 4046',
    'row Year: 2024',
    'row Year: 2025; Sum: 0.3',
  ])
})

test('PARSE-31 one sheet can be picked by name or position', async () => {
  const second = ['row Year: 2023; Sum: 4046', 'row Year: 2024', 'row Year: 2025; Sum: 0.3']
  assert.deepEqual(await read(BOOK, { sheet: 'R & D' }), second)
  assert.deepEqual(await read(BOOK, { sheet: 1 }), second)
  for (const sheet of [2, -1, 'none'])
    await assert.rejects(read(BOOK, { sheet }), { code: 'invalid_argument', message: /sheet/ })
})

test('a title above the table is text, columns without a name get a number', async () => {
  assert.deepEqual(await read([['Staff 2024'], [], ['Name', 'City'], ['Ada', 'London', 'note']]), [
    'text Staff 2024',
    'row Name: Ada; City: London; Column 3: note',
  ])
})

test('a price list keeps its figures', async () => {
  const rows = await read(prices)
  assert.equal(rows[3], 'row Article: HR-4101; Name: Charging dock; Price in euros: 980.5; Delivery: 2 days; Stock: 21')
})

test('times of day are written as such', async () => {
  assert.deepEqual(
    await read([
      ['Starts', 'x'],
      [new Date(Date.UTC(1899, 11, 30, 9, 30)), 1],
    ]),
    ['row Starts: 09:30; x: 1'],
  )
})

test('an archive that is no workbook, and a damaged workbook, are refused', async () => {
  const word = zipBytes([{ name: 'word/document.xml', data: '<x/>' }])
  await assert.rejects(readBlocks('xlsx', word), { code: 'corrupt', message: /not an Excel workbook/ })
  const broken = zipBytes([{ name: 'xl/workbook.xml', data: '<workbook><sheets>' }])
  await assert.rejects(readBlocks('xlsx', broken), { code: 'corrupt' })
  await assert.rejects(readBlocks('xlsx', xlsxBytes(BOOK).subarray(0, 900)), { code: 'corrupt' })
})
