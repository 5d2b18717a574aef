import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zipBomb } from '../../../test-kit/documents.ts'
import { deflatedSpaces, type ZipPart, zipBytes } from '../../../test-kit/zip.ts'
import { limitsOf } from './limits.ts'
import { storedZip, unzip } from './zip.ts'

const limits = limitsOf()
const all = () => true
const entries = (bytes: Uint8Array) =>
  unzip(bytes, limits, all).map(({ name, data }) => [name, Buffer.from(data).toString()])
const PARTS: ZipPart[] = [
  { name: 'a.xml', data: '<a/>' },
  { name: 'word/文.xml', data: 'x'.repeat(100_000) },
  { name: 'empty', data: '' },
]

test('an archive is unpacked, and packed anew without compression it is the same', () => {
  const expected = PARTS.map(({ name, data }) => [name, data])
  assert.deepEqual(entries(zipBytes(PARTS)), expected)
  assert.deepEqual(entries(storedZip(unzip(zipBytes(PARTS), limits, all))), expected)
  assert.deepEqual(
    unzip(zipBytes(PARTS), limits, (name) => name === 'a.xml').map(({ name }) => name),
    ['a.xml'],
  )
})

test('PARSE-41 a zip bomb is refused by its directory, before anything is inflated', () => {
  const bomb = zipBomb()
  assert.ok(bomb.length < 2 * 1024 ** 2, 'about a megabyte')
  assert.throws(() => unzip(bomb, limits, () => false), { code: 'resource_exhausted', message: /zip bomb/ })
})

test('PARSE-41 a directory that lies about sizes gains nothing', () => {
  const before = process.memoryUsage().arrayBuffers
  assert.throws(() => unzip(zipBomb({ lies: true }), limits, all), { code: 'resource_exhausted', message: /zip bomb/ })
  const small = { ...limits, unzippedBytes: 1024 ** 2 }
  assert.throws(() => unzip(zipBomb({ sizeBytes: 3 * 1024 ** 2, lies: true }), small, all), {
    code: 'resource_exhausted',
  })
  assert.ok(process.memoryUsage().arrayBuffers - before < 600 * 1024 ** 2)
})

test('the allowance is one for all entries together', () => {
  const entry = (name: string): ZipPart => ({ name, data: '', packed: deflatedSpaces(700_000), claimedBytes: 10 })
  const many = zipBytes(['a', 'b', 'c'].map(entry))
  assert.equal(unzip(many, limits, all).length, 3)
  assert.throws(() => unzip(many, { ...limits, unzippedBytes: 2_000_000 }, all), { code: 'resource_exhausted' })
})

test('broken, encrypted and overfull archives are told apart', () => {
  const good = zipBytes(PARTS)
  for (const bytes of [good.subarray(0, good.length - 30), good.subarray(10), new Uint8Array(10), new Uint8Array(100)])
    assert.throws(() => unzip(bytes, limits, all), { code: 'corrupt' })
  const flipped = Uint8Array.from(good)
  for (let at = 40; at < 60; at++) flipped[at] = 0xff
  assert.throws(() => unzip(flipped, limits, all), { code: 'corrupt' })
  const locked = zipBytes([{ name: 'a', data: 'x', encrypted: true }])
  assert.throws(() => unzip(locked, limits, all), { code: 'invalid_argument', message: /password/ })
  const crowded = zipBytes(Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}`, data: '' })))
  assert.throws(() => unzip(crowded, limits, all), { code: 'resource_exhausted', message: /entries/ })
})
