import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'
import { csvText, prices } from '../../../../test-kit/documents.ts'

const read = async (text: string, options = {}) => outline((await readBlocks('csv', text, options)).blocks)

test('each row names its columns; empty cells and rows are left out', async () => {
  assert.deepEqual(await read('Name,City\nAda,London\n\n,\nBob,\n'), ['row Name: Ada; City: London', 'row Name: Bob'])
  const rows = await read(csvText(prices))
  assert.equal(rows.length, prices.length - 1)
  assert.equal(
    rows[5],
    'row Article: EG-1010; Name: Egret floor marker, pack of 50; Price in euros: 89.9; Delivery: 1 day; Stock: 410',
  )
})

test('PARSE-12 a byte order mark is no part of the first name', async () => {
  assert.deepEqual(await read('\ufeffName,City\nAda,London'), ['row Name: Ada; City: London'])
})

test('PARSE-22 quoted cells keep delimiters, quotation marks and newlines', async () => {
  assert.deepEqual(await read('Q,A\r\n"Why, ""so""?","one\r\ntwo"\r\n5" pipe,ok'), [
    'row Q: Why, "so"?\nA: one\ntwo',
    'row Q: 5" pipe; A: ok',
  ])
})

test('PARSE-23 short rows are filled up, long ones cut, with a warning that names the lines', async () => {
  const { blocks, warnings } = await readBlocks('csv', 'a,b\n1\n1,2,3\n1,2,\n1,2')
  assert.deepEqual(outline(blocks), ['row a: 1', 'row a: 1; b: 2', 'row a: 1; b: 2', 'row a: 1; b: 2'])
  assert.deepEqual(warnings, ['2 rows do not have as many cells as the header and were filled up or cut (lines 2, 3)'])
})

test('PARSE-24 header and first row can be given; a header after the rows is refused', async () => {
  assert.deepEqual(await read('Report 2024\nName,City\nunit,unit\nAda,London', { headerLine: 1, firstLine: 3 }), [
    'row Name: Ada; City: London',
  ])
  await assert.rejects(read('a\n1', { headerLine: 1, firstLine: 1 }), { code: 'invalid_argument' })
})

test('PARSE-25 a number of rows to read is kept, with a warning', async () => {
  const { blocks, warnings } = await readBlocks('csv', 'a\n1\n2\n3', { maxRows: 2 })
  assert.deepEqual([blocks.length, warnings], [2, ['only the first 2 rows were read']])
})

test('PARSE-30 a header alone says so', async () => {
  assert.deepEqual(await read('Name,City\n'), ['text Columns: Name, City'])
})

test('other delimiters are recognised, blank and repeated names are told apart', async () => {
  assert.deepEqual(await read('Name;Price, net;City\nAda;1,5;Rome'), ['row Name: Ada; Price, net: 1,5; City: Rome'])
  assert.deepEqual(await read('Name\tCity\nAda\tLondon'), ['row Name: Ada; City: London'])
  assert.deepEqual(await read('x,,x\n1,2,3'), ['row x: 1; Column 2: 2; x 2: 3'])
})

test('a quotation mark that never closes and an endless row are clear errors', async () => {
  await assert.rejects(read('a,b\n"1,2\n3,4'), { code: 'corrupt', message: /quotation mark/ })
  await assert.rejects(read(`a\n${'x'.repeat(17 * 1024 ** 2)}`), { code: 'resource_exhausted' })
  await assert.rejects(read('a\n1\n2\n3', { limits: { rows: 2 } }), { code: 'resource_exhausted', message: /2 rows/ })
})
