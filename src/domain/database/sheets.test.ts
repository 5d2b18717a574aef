import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { xlsxBytes } from '../../../test-kit/documents.ts'
import { DocumentParser } from '../../infra/document/document.ts'
import { readSheets } from './sheets.ts'

const parser = new DocumentParser({ workers: 1 })
after(() => parser.close())

test('a workbook gives every sheet with its name, header and cells', async () => {
  const bytes = xlsxBytes({
    Cities: [
      ['city', 'note: with; signs', 'people'],
      ['Ulm', 'a: b; "c"\nd', 130_000],
      ['Bern', null, null],
    ],
    Empty: [['only', 'names']],
    Late: [['A title'], ['x', 'x'], ['skipped', ''], ['1', new Date('2024-01-31T10:30:00Z')]],
  })
  const place = { headerLine: 0, firstLine: 1 }
  const [cities, empty] = await readSheets(parser, { name: 'a.xlsx', bytes }, place)
  assert.deepEqual(cities, {
    name: 'Cities',
    names: ['city', 'note: with; signs', 'people'],
    rows: [
      ['Ulm', 'a: b; "c"\nd', '130000'],
      ['Bern', '', ''],
    ],
  })
  assert.deepEqual(empty, { name: 'Empty', names: ['only', 'names'], rows: [] })
  const late = (await readSheets(parser, { name: 'a.xlsx', bytes }, { headerLine: 1, firstLine: 3 }))[2]
  assert.deepEqual([late?.names, late?.rows], [['x', 'x 2'], [['1', '2024-01-31 10:30']]])
})

test('a csv file is one sheet, named as the file', async () => {
  const bytes = new TextEncoder().encode('a;b\n1;"x;\n y"\n\n2\n')
  const [sheet, ...more] = await readSheets(parser, { name: 'a.csv', bytes }, { headerLine: 0, firstLine: 1 })
  assert.deepEqual(more, [])
  assert.deepEqual(sheet, {
    name: 'a.csv',
    names: ['a', 'b'],
    rows: [
      ['1', 'x;\n y'],
      ['2', ''],
    ],
  })
})
