import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FieldTerms, packWords, readWords } from './words-blob.ts'

function unpack(blob: Uint8Array): FieldTerms[] {
  const fields: { field: number; length: number; terms: { term: number; frequency: number }[] }[] = []
  readWords(blob, {
    field: (field, length) => fields.push({ field, length, terms: [] }),
    term: (_field, term, frequency) => fields.at(-1)?.terms.push({ term, frequency }),
  })
  return fields
}

test('words survive packing, in the order of their numbers', () => {
  const big = 2 ** 31 - 2
  const fields: FieldTerms[] = [
    {
      field: 0,
      length: 300_000,
      terms: [
        { term: 0, frequency: 1 },
        { term: 127, frequency: 128 },
        { term: 128, frequency: 299_871 },
      ],
    },
    { field: 2, length: 0, terms: [] },
    { field: 130, length: 1, terms: [{ term: big, frequency: 1 }] },
  ]
  assert.deepEqual(unpack(packWords(fields)), fields)
  assert.deepEqual(unpack(packWords([])), [])
  const mixed: FieldTerms = {
    field: 1,
    length: 2,
    terms: [
      { term: 9, frequency: 1 },
      { term: 4, frequency: 1 },
    ],
  }
  assert.deepEqual(
    unpack(packWords([mixed]))[0]?.terms.map(({ term }) => term),
    [4, 9],
  )
})

test('a word that occurs once costs little', () => {
  const terms = Array.from({ length: 100 }, (_, i) => ({ term: i * 40, frequency: 1 }))
  assert.ok(packWords([{ field: 0, length: 100, terms }]).length < 210)
})
