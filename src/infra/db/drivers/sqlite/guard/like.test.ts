import assert from 'node:assert/strict'
import { test } from 'node:test'
import { likeMatcher } from './like.ts'

const CASES: readonly [pattern: string, text: string, matches: boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['%', '', true],
  ['%', 'anything', true],
  ['_', '', false],
  ['_', '😀', true],
  ['__', '😀', false],
  ['a%', 'abc', true],
  ['%c', 'abc', true],
  ['%b%', 'abc', true],
  ['a%c', 'abcbc', true],
  ['a%c', 'abcb', false],
  ['%a_c%', 'xxabxabc', true],
  ['_%_', 'a', false],
  ['_%_', 'ab', true],
  ['%%%', '', true],
  ['äÖ', 'Äö', true],
  ['ПРИВЕТ%', 'привет, мир', true],
  ['\\%', '%', true],
  ['\\%', 'a', false],
  ['\\_b', '_B', true],
  ['a\\', 'a\\', true],
  ['\\\\%', '\\x', true],
  ['a.c', 'abc', false],
]

for (const [pattern, text, expected] of CASES)
  test(`"${text}" like "${pattern}" is ${expected}`, () => assert.equal(likeMatcher(pattern)(text), expected))

test('LIKE agrees with a plain regular expression on random texts', () => {
  const any = (letters: string, n: number) =>
    Array.from(
      { length: Math.floor(Math.random() * n) },
      () => letters[Math.floor(Math.random() * letters.length)],
    ).join('')
  for (let i = 0; i < 20_000; i++) {
    const pattern = any('aB%_', 7)
    const text = any('AbA', 9)
    const source = pattern.replaceAll('%', '.*').replaceAll('_', '.')
    assert.equal(likeMatcher(pattern)(text), new RegExp(`^${source}$`, 'is').test(text), `${text} like ${pattern}`)
  }
})

test('many wildcards take no exponential time', () => {
  const matches = likeMatcher(`${'%a%_'.repeat(100)}b`)
  assert.equal(matches('a'.repeat(50_000)), false)
})
