import assert from 'node:assert/strict'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { test } from 'node:test'
import { ODD_KEYS } from '../../conformance/keys.ts'
import { folderPath, objectPath, readName, unescapeSegment } from './paths.ts'

/** Random keys from characters that mean something to somebody, with a seed so that a failure can be repeated. */
function randomKeys(count: number, seed: number): string[] {
  const alphabet = [...'aAbBzZ09.-_~+%#?&=:;\\ \'"$*|<>éß\u0308知🦉\ud7ff\ue000\uffff']
  let state = seed
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const segment = () =>
    Array.from({ length: 1 + next(next(10) === 0 ? 250 : 6) }, () => alphabet[next(alphabet.length)])
  const key = () => Array.from({ length: 1 + next(4) }, () => segment().join('')).join('/')
  return [...new Set(Array.from({ length: count }, key))].filter(
    (text) => !text.split('/').some((part) => part === '.' || part === '..'),
  )
}

/** What the walk does: from the names on the path back to the key. */
function keyOf(path: string): string {
  let key = ''
  let begun = ''
  for (const name of path.split(sep)) {
    const read = readName(name)
    assert.ok(read, `${name} is not a name of ours`)
    begun += read.escaped
    if (read.kind === 'part') continue
    key += unescapeSegment(begun) + (read.kind === 'folder' ? '/' : '')
    begun = ''
  }
  return key
}

test('every key has a path of its own, which stays in the folder, fits on every disk and leads back to the key', () => {
  const keys = [...ODD_KEYS, ...randomKeys(5_000, 20_260_101)]
  const folded = new Map<string, string>()
  for (const key of keys) {
    const path = objectPath(key)
    assert.equal(keyOf(path), key)
    assert.ok(!isAbsolute(path) && normalize(join('/base', path)) === join('/base', ...path.split(sep)), path)
    for (const name of path.split(sep)) {
      assert.match(name, /^[a-zA-Z0-9_%.+~-]{1,255}$/)
      assert.doesNotMatch(name, /^\./)
      assert.doesNotMatch(name.replaceAll(/%[0-9A-F]{2}/g, ''), /[A-Z]/)
    }
    const other = folded.get(path.toLowerCase())
    assert.ok(other === undefined || other === key, `${key} and ${other} share a file where case is folded`)
    folded.set(path.toLowerCase(), key)
  }
})

const PATHS = [
  { key: 'plain-name_1.pdf', path: 'plain-name_1.pdf' },
  { key: 'files/42', path: join('files+', '42') },
  { key: '..a', path: '%2E.a' },
  { key: 'a/...', path: join('a+', '%2E..') },
  { key: '..\\..\\x', path: '%2E.%5C..%5Cx' },
  { key: 'Ab', path: '%41b' },
  { key: '%41b', path: '%2541b' },
  { key: 'é', path: '%C3%A9' },
  { key: 'x'.repeat(241), path: join(`${'x'.repeat(240)}~`, 'x') },
  { key: `${'x'.repeat(240)}./y`, path: join(`${'x'.repeat(240)}~`, '%2E+', 'y') },
]
for (const { key, path } of PATHS)
  test(`the path of ${key.slice(0, 20)} is ${path.slice(0, 30)}`, () => assert.equal(objectPath(key), path))

test('a prefix leads to the folder of its keys', () => {
  assert.equal(folderPath(''), '')
  assert.equal(folderPath('a/B/'), join('a+', '%42+'))
})

test('names that the store never gives are not read', () => {
  for (const name of ['.secret', '.tmp', 'README', 'a b', '%zz', '+', '~', 'é', '.DS_Store', 'a++'])
    assert.equal(readName(name), null, name)
})
