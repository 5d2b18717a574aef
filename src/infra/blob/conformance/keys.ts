import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { Blob } from '../blob.ts'
import { allKeys, type BlobHarness, byBytes, code, keysOf, textOf } from './kit.ts'

/** Names that trip somebody up: shells, URLs, file systems, case folding, normalisation, our own escapes. */
export const ODD_KEYS: readonly string[] = [
  ...[
    'a b',
    ' a',
    'a ',
    '知识/文档.txt',
    'größer',
    'gro\u0308ßer',
    '🦉/🦉',
    'e\u0301',
    '\u00e9',
    '\uffff',
    '\u{10000}',
  ],
  ...['#', '?', '%', '%2F', '%2e%2e', '+', '&', '=', '"', "'", '`', '$HOME', '*', '|', '<>', ':', ';', '~', '!', '\\'],
  ...['a\\b', '..\\..\\x', '...', '.hidden', '.secret', '.tmp/x', '.owner.lock', 'a.', 'a..', '-rf', '..a', 'a/..b/c'],
  ...['con', 'NUL', 'aux.txt', 'A', 'ab', 'aB', 'Ab', 'AB', 'a/B', 'A/b', 'a+', 'a+/b', 'a~', 'a~/b', 'a%7E'],
  ...['__proto__', 'constructor', 'x'.repeat(255), 'x'.repeat(256), 'X'.repeat(1024), '知'.repeat(341)],
  ...[`${'x'.repeat(255)}/y`, `${'.'.repeat(300)}z`, `${'é'.repeat(130)}/${'é'.repeat(130)}`, `${'a/'.repeat(500)}b`],
]

/** Those that every store holds, also one that makes a file or folder of each segment. */
const PLAIN_KEYS = ODD_KEYS.filter(
  (key) =>
    key.split('/').every((segment) => Buffer.byteLength(segment) <= 255) &&
    !key.includes('\uffff') &&
    !key.includes('..\\') &&
    !ODD_KEYS.some((other) => other.startsWith(`${key}/`)),
)

async function keepsKeys(blob: Blob, keys: readonly string[]): Promise<void> {
  for (const key of keys) await blob.put(key, `of ${key}`)
  for (const key of keys) {
    assert.equal(await textOf(blob, key), `of ${key}`)
    assert.equal((await blob.head(key))?.key, key)
  }
  assert.deepEqual(await allKeys(blob), keys.toSorted(byBytes))
  for (const key of keys) await blob.delete(key)
  assert.deepEqual(await allKeys(blob), [])
}

async function listsInOrder(blob: Blob, keys: readonly string[], prefixes: readonly string[]): Promise<void> {
  for (const key of keys) await blob.put(key, '')
  for (const prefix of prefixes)
    assert.deepEqual(await allKeys(blob, prefix), keys.filter((key) => key.startsWith(prefix)).sort(byBytes), prefix)
}

const BAD_KEYS: readonly string[] = [
  ...['', '/', '/x', 'x/', 'a//b', '.', '..', './x', 'x/.', '../x', 'a/../b', 'a/..', '../../etc/passwd'],
  ...['\0', 'a\0b', 'a\nb', '\u007f', '\u0085', '\ud800', 'x'.repeat(1025), '知'.repeat(342)],
]

/** Keys: what they may be, and how they are listed. */
export const keyCases: readonly Case<BlobHarness>[] = [
  {
    name: 'BLOB-16 keys of any characters are kept byte for byte',
    run: ({ blob }) => keepsKeys(blob, PLAIN_KEYS),
  },
  {
    name: 'BLOB-16 so are those of any shape, up to 1,024 bytes in one segment',
    needs: 'keys.any',
    run: ({ blob }) => keepsKeys(blob, ODD_KEYS),
  },
  {
    name: 'BLOB-17 impossible keys are refused by every call',
    run: async ({ blob }) => {
      for (const key of BAD_KEYS) {
        const calls = [
          () => blob.put(key, 'x'),
          () => blob.get(key),
          () => blob.head(key),
          () => blob.delete(key),
          () => blob.copy('k', key),
          () => blob.copy(key, 'k'),
          () => blob.signUrl(key),
        ]
        for (const call of calls) await assert.rejects(call(), code('invalid_argument'), JSON.stringify(key))
      }
      assert.deepEqual(await allKeys(blob), [])
    },
  },
  {
    name: 'BLOB-18 an object and a longer key below its name coexist',
    needs: 'keys.any',
    run: async ({ blob }) => {
      for (const key of ['a/b/c', 'a', 'a/b']) await blob.put(key, key)
      assert.deepEqual(await allKeys(blob), ['a', 'a/b', 'a/b/c'])
      await blob.delete('a/b')
      assert.equal(await textOf(blob, 'a'), 'a')
      assert.equal(await textOf(blob, 'a/b/c'), 'a/b/c')
    },
  },
  {
    name: 'BLOB-19 upper and lower case are different keys',
    run: async ({ blob }) => {
      await blob.put('Key', 'upper')
      await blob.put('key', 'lower')
      assert.deepEqual([await textOf(blob, 'Key'), await textOf(blob, 'key')], ['upper', 'lower'])
    },
  },
  {
    name: 'BLOB-20 a prefix is plain text and the order is that of UTF-8 bytes',
    run: ({ blob }) =>
      listsInOrder(
        blob,
        ['a', 'aa/b', 'aa/bc', 'aa!', 'aa!x/y', 'aa0', 'aab', 'b', 'B', 'é', '知/识', '\u{10000}'],
        ['', 'a', 'aa', 'aa/', 'aa/b', 'aa!', 'é', '知', 'B', 'zz', '\u{10000}', '../', '/', '.', 'a//'],
      ),
  },
  {
    name: 'BLOB-20 also where objects have names of folders',
    needs: 'keys.any',
    run: ({ blob }) =>
      listsInOrder(
        blob,
        ['a', 'a!', 'a/b', 'a0', 'ab', 'b', 'B', 'é', '\uffff', '\u{10000}', 'a/b/c', 'a/bc', 'a!/x'],
        ['', 'a', 'a/', 'a/b', 'a/b/', 'a!', 'é', 'B', 'zz', '\u{10000}', '../', '/', '.', 'a//'],
      ),
  },
  {
    name: 'BLOB-21 2,500 objects come in three pages of 1,000, each once',
    run: async ({ blob }) => {
      const keys = Array.from({ length: 2_500 }, (_, n) => `folder ${n % 7}/${n}`)
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(keys.slice(at, at + 50).map((key) => blob.put(key, '')))
      const pages: string[][] = []
      let cursor: string | undefined
      do {
        const page = await blob.list('folder', { pageSize: 1_000, ...(cursor === undefined ? {} : { cursor }) })
        pages.push(keysOf(page.files))
        cursor = page.cursor
      } while (cursor !== undefined)
      assert.deepEqual(
        pages.map((page) => page.length),
        [1_000, 1_000, 500],
      )
      assert.deepEqual(pages.flat(), keys.toSorted(byBytes))
    },
  },
  {
    name: 'BLOB-21 a full last page has no cursor; small pages go through odd names too',
    run: async ({ blob }) => {
      const keys = (blob.features.has('keys.any') ? ODD_KEYS : PLAIN_KEYS).slice(0, 60)
      for (const key of keys) await blob.put(key, '')
      assert.equal((await blob.list('', { pageSize: keys.length })).cursor, undefined)
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await blob.list('', { pageSize: 1, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...keysOf(page.files))
        cursor = page.cursor
      } while (cursor !== undefined)
      assert.deepEqual(seen, keys.toSorted(byBytes))
    },
  },
  {
    name: 'BLOB-22 a page has 1 to 1,000 objects',
    run: async ({ blob }) => {
      for (const pageSize of [0, -1, 1_001, 1.5])
        await assert.rejects(blob.list('', { pageSize }), code('invalid_argument'))
    },
  },
  {
    name: 'BLOB-23 an empty prefix lists everything, an unknown one nothing',
    run: async ({ blob }) => {
      assert.deepEqual(await blob.list(''), { files: [] })
      await blob.put('a/b', 'x')
      assert.deepEqual(keysOf((await blob.list('')).files), ['a/b'])
      assert.deepEqual(await blob.list('zzz/y'), { files: [] })
    },
  },
  {
    name: 'BLOB-25 a walk during inserts and deletes lists what stays exactly once',
    run: async ({ blob }) => {
      const stable = Array.from({ length: 120 }, (_, n) => `d${n % 5}/s${String(n).padStart(3, '0')}`)
      for (const key of stable) await blob.put(key, '')
      let busy = true
      const disturb = (async () => {
        for (let n = 0; busy; n++) {
          await blob.put(`d${n % 7}/t${n % 30}`, 'x')
          await blob.put(stable[n % stable.length] ?? '', 'again')
          await blob.delete(`d${(n + 3) % 7}/t${(n * 7) % 30}`)
        }
      })()
      for (let round = 0; round < 5; round++) {
        const seen: string[] = []
        let cursor: string | undefined
        do {
          const page = await blob.list('d', { pageSize: 17, ...(cursor === undefined ? {} : { cursor }) })
          seen.push(...keysOf(page.files))
          cursor = page.cursor
        } while (cursor !== undefined)
        assert.deepEqual(
          seen.filter((key) => key.includes('/s')),
          stable.toSorted(byBytes),
        )
        assert.equal(new Set(seen).size, seen.length)
      }
      busy = false
      await disturb
    },
  },
]
