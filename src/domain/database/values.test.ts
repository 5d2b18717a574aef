import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldType } from './types.ts'
import { readRecord, readValue, valueText } from './values.ts'

const GOOD: readonly (readonly [FieldType, string, unknown])[] = [
  ['text', ' as it is ', ' as it is '],
  ['integer', '9223372036854775807', 9223372036854775807n],
  ['integer', ' -9223372036854775808 ', -9223372036854775808n],
  ['integer', '+007', 7n],
  ['integer', '0', 0n],
  ['float', '1e3', 1000],
  ['float', '-.5', -0.5],
  ['boolean', 'TRUE', true],
  ['boolean', '0', false],
  ['date', '2024-02-29', '2024-02-29 00:00:00'],
  ['date', '2024/1/31 7:05', '2024-01-31 07:05:00'],
  ['date', '2024-01-31T23:30:00+0200', '2024-01-31 21:30:00'],
  ['date', '2024-01-31T23:30:00.123Z', '2024-01-31 23:30:00'],
  ['integer', ' ', null],
  ['text', '', null],
]
const BAD: readonly (readonly [FieldType, string])[] = [
  ['text', 'a\0b'],
  ['text', '\ud800'],
  ['text', 'é'.repeat(32_768)],
  ['integer', '9223372036854775808'],
  ['integer', '1.0'],
  ['integer', '0x10'],
  ['integer', 'seven'],
  ['float', 'Infinity'],
  ['float', '1e999'],
  ['float', '1,5'],
  ['boolean', 'yes'],
  ['date', '2023-02-29'],
  ['date', '2024-01-31 25:00:00'],
  ['date', 'tomorrow'],
  ['date', '0854-07-22'],
]

for (const [type, text, value] of GOOD)
  test(`${type} ${JSON.stringify(text.slice(0, 30))} is taken`, () =>
    assert.deepEqual(readValue({ name: 'f', type, isRequired: false }, text), value))
for (const [type, text] of BAD)
  test(`${type} ${JSON.stringify(text.slice(0, 30))} is refused with the field's name`, () =>
    assert.throws(() => readValue({ name: 'price', type, isRequired: false }, text), {
      code: 'wrong_type',
      message: /^price: must be /,
    }))

test('a record has known fields only, and all that are required when it is new', () => {
  const fields = [
    { number: 1, name: 'city', description: '', type: 'text', isRequired: true },
    { number: 2, name: 'people', description: '', type: 'integer', isRequired: false },
  ] as const
  const whole = { whole: true }
  assert.deepEqual(readRecord(fields, { city: 'Ulm', bstudio_id: '7' }, whole), { city: 'Ulm', people: null })
  assert.deepEqual(readRecord(fields, { people: '5' }, { whole: false }), { people: 5n })
  assert.throws(() => readRecord(fields, { people: '5' }, whole), { message: 'city: a value is required' })
  assert.throws(() => readRecord(fields, { City: 'Ulm' }, whole), { message: 'there is no field "City"' })
  assert.throws(() => readRecord(fields, { city: '' }, { whole: false }), { message: 'city: a value is required' })
})

test('values are shown as text', () => {
  const shown = [null, 9223372036854775807n, 1.5, true, 'x', { a: 1 }].map(valueText)
  assert.deepEqual(shown, ['', '9223372036854775807', '1.5', 'true', 'x', '{"a":1}'])
})
