import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { decodeBase64 } from './base64.ts'

const CASES: readonly [text: string, decoded: string | null][] = [
  ['', ''],
  ['YQ==', 'a'],
  ['YQ', 'a'],
  ['YWI=', 'ab'],
  ['YWJj', 'abc'],
  ['YW\nJj\r\n', 'abc'],
  [' YWJj ', 'abc'],
  ['-_-_', '\xfb\xff\xbf'],
  ['+/+/', '\xfb\xff\xbf'],
  ['Y', null],
  ['YWJjY', null],
  ['YQ===', null],
  ['YQ==YQ==', null],
  ['a%b', null],
  ['data:text/plain;base64,YWJj', null],
  ['{"a":1}', null],
  ['ÄÖÜß', null],
]
for (const [text, decoded] of CASES) {
  test(`${JSON.stringify(text)} is ${decoded === null ? 'no base64' : 'base64'}`, () => {
    const bytes = decodeBase64(text)
    assert.equal(bytes && Buffer.from(bytes).toString('latin1'), decoded)
  })
}

test('bytes of any length come back, padded or not', () => {
  for (let length = 0; length < 100; length++) {
    const bytes = randomBytes(length)
    for (const text of [bytes.toString('base64'), bytes.toString('base64url')])
      assert.deepEqual(decodeBase64(text), bytes, text)
  }
})
