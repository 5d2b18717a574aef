import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'

const read = async (value: unknown, options = {}) =>
  outline((await readBlocks('json', typeof value === 'string' ? value : JSON.stringify(value), options)).blocks)

test('PARSE-33 a list of objects becomes rows in the order of the first; any value is accepted', async () => {
  const rows = [
    { name: 'Ada', age: 36, active: true },
    { age: 1.5, name: 'Bob', extra: null, more: 'x' },
    { name: 'Cy', address: { city: 'Rome', tags: ['a', 'b'] }, past: [{ y: 1 }, { y: 2 }] },
  ]
  assert.deepEqual(await read(rows), [
    'row name: Ada; age: 36; active: true',
    'row name: Bob; age: 1.5; more: x',
    'row name: Cy; address.city: Rome; address.tags: a, b; past.1.y: 1; past.2.y: 2',
  ])
})

test('an object becomes lines and headings', async () => {
  assert.deepEqual(
    await read({ title: 'Handbook', leave: { days: 27, kinds: ['sick', 'paid'] }, people: [{ n: 'A' }] }),
    ['text title: Handbook', 'heading1 leave', 'text days: 27\nkinds: sick, paid', 'heading1 people', 'row n: A'],
  )
  assert.deepEqual(await read(['a', 1, null]), ['text - a\n- 1\n-'])
  assert.deepEqual(await read('"just text"'), ['text just text'])
})

test('PARSE-35 numbers are written in their shortest form and long ones keep their digits', async () => {
  assert.deepEqual(await read('[{"a":1.50,"b":1e3,"c":12345678901234567890,"d":0.1}]'), [
    'row a: 1.5; b: 1000; c: 12345678901234567890; d: 0.1',
  ])
})

test('one JSON value per line is a list', async () => {
  assert.deepEqual(await read('{"a":1}\n{"a":2}\n'), ['row a: 1', 'row a: 2'])
  await assert.rejects(read('{"a":1}\n{"a":2}\n{"a":'), { code: 'corrupt', message: /line 3/ })
})

test('what is not JSON, or nested without end, is refused', async () => {
  await assert.rejects(read('{"a": }'), { code: 'corrupt', message: /not valid JSON/ })
  await assert.rejects(read('['.repeat(200_000)), { code: 'resource_exhausted', message: /nested/ })
  await assert.rejects(read(`{"a":"${'['.repeat(1000)}"`), { code: 'corrupt' })
  await assert.rejects(read('{}'), { code: 'invalid_argument', message: /no text/ })
})

test('a number of rows to read is kept', async () => {
  assert.deepEqual(await read([{ a: 1 }, { a: 2 }], { maxRows: 1 }), ['row a: 1'])
})
