import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../base/errors.ts'
import { localPart, parseEmail } from './email.ts'

const good: readonly [text: string, key: string][] = [
  ['anna@example.org', 'anna@example.org'],
  ['  Anna.Berg+x@Example.ORG ', 'anna.berg+x@example.org'],
  ['root@localhost', 'root@localhost'],
  ['\uFF21\uFF4Ena@example.org', 'anna@example.org'],
  ['jürgen@müller.example', 'jürgen@müller.example'],
  ["o'neil@example.org", "o'neil@example.org"],
]
for (const [text, key] of good) {
  test(`${JSON.stringify(text)} is the address ${key}`, () => assert.equal(parseEmail(text).key, key))
}

const bad = [
  '',
  '@',
  'anna',
  'anna@',
  '@example.org',
  'anna@example..org',
  'anna@-example.org',
  'anna@exam ple.org',
  'an na@example.org',
  'anna@example.org\r\nBcc: x@example.org',
  'anna\0@example.org',
  'anna\u200b@example.org',
  'a@b@example.org',
  '<anna@example.org>',
  `${'a'.repeat(65)}@example.org`,
  `anna@${'a.'.repeat(150)}org`,
  'x'.repeat(10_000),
]
for (const text of bad) {
  test(`${JSON.stringify(text.slice(0, 40))} is no address`, () => {
    assert.throws(
      () => parseEmail(text),
      (err) => err instanceof AppError && err.details.reason === 'bad_email' && /email/.test(err.message),
    )
  })
}

test('the local part keeps its spelling', () => {
  assert.equal(localPart(parseEmail('Anna@Example.org')), 'Anna')
})
