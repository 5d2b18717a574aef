import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { type BlobHarness, code, textOf } from './kit.ts'

/** What is known about an object, and links to it. */
export const metaCases: readonly Case<BlobHarness>[] = [
  {
    name: 'BLOB-10 type and disposition round-trip through head, stream and list',
    run: async ({ blob }) => {
      const told = { contentType: 'text/plain; charset=utf-8', disposition: 'attachment; filename="a b.txt"' }
      await blob.put('k', 'x', told)
      const { meta, body } = await blob.stream('k')
      body.destroy()
      for (const seen of [meta, await blob.head('k'), (await blob.list('')).files[0]])
        assert.deepEqual({ contentType: seen?.contentType, disposition: seen?.disposition }, told)
      await blob.put('k', 'x')
      assert.equal((await blob.head('k'))?.disposition, undefined)
    },
  },
  {
    name: 'BLOB-10 a type or disposition that is no header value is refused',
    run: async ({ blob }) => {
      for (const text of ['', 'a\r\nX-Evil: 1', 'größer'])
        for (const options of [{ contentType: text }, { disposition: text }]) {
          await assert.rejects(blob.put('k', 'x', options), code('invalid_argument'))
          await assert.rejects(blob.signUrl('k', options), code('invalid_argument'))
        }
    },
  },
  {
    name: 'BLOB-11 without a type it is application/octet-stream',
    run: async ({ blob }) => {
      await blob.put('k.html', 'x')
      assert.equal((await blob.head('k.html'))?.contentType, 'application/octet-stream')
    },
  },
  {
    name: 'BLOB-12 the etag changes with the content, and put, head and list agree on it',
    run: async ({ blob }) => {
      const first = await blob.put('k', 'one')
      const second = await blob.put('k', 'two')
      assert.notEqual(first.etag, second.etag)
      assert.match(second.etag, /^[^"\s]+$/)
      assert.equal((await blob.head('k'))?.etag, second.etag)
      assert.equal((await blob.list('k')).files[0]?.etag, second.etag)
    },
  },
  {
    name: 'BLOB-12 equal content has an equal etag',
    needs: 'etag.content',
    run: async ({ blob }) => {
      const one = await blob.put('a', 'same', { contentType: 'text/plain' })
      const two = await blob.put('b', Buffer.from('same'))
      assert.equal(one.etag, two.etag)
    },
  },
  {
    name: 'BLOB-13 size and time are right',
    run: async ({ blob }) => {
      await blob.put('k', 'größer')
      const meta = await blob.head('k')
      assert.equal(meta?.sizeBytes, 8)
      assert.ok(Math.abs((meta?.modifiedAtMs ?? 0) - Date.now()) < 60_000)
    },
  },
  {
    name: 'BLOB-14 tags round-trip, are replaced by put, and are limited',
    run: async ({ blob }) => {
      const tags = { kind: '知识', empty: '', ['n'.repeat(128)]: 'v'.repeat(256) }
      await blob.put('k', 'x', { tags })
      assert.deepEqual({ ...(await blob.head('k'))?.tags }, tags)
      await blob.put('k', 'x')
      assert.equal((await blob.head('k'))?.tags, undefined)
      const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, '']))
      for (const wrong of [eleven, { '': 'x' }, { ['n'.repeat(129)]: '' }, { a: 'v'.repeat(257) }, { a: '\n' }])
        await assert.rejects(blob.put('k', 'x', { tags: wrong }), code('invalid_argument'))
    },
  },
  {
    name: 'BLOB-14 ten tags as long as they may be, in any script',
    needs: 'tags.any',
    run: async ({ blob }) => {
      const ten = Object.fromEntries(
        Array.from({ length: 10 }, (_, n) => [`${n}${'知'.repeat(127)}`, '识'.repeat(256)]),
      )
      await blob.put('k', 'x', { tags: ten })
      assert.deepEqual({ ...(await blob.head('k'))?.tags }, ten)
    },
  },
  {
    name: 'BLOB-26 a signed URL is read by a plain GET',
    run: async ({ blob, fetch }) => {
      await blob.put('a/b.txt', 'hello', { contentType: 'text/plain' })
      const answer = await fetch(await blob.signUrl('a/b.txt'))
      assert.deepEqual([answer.status, await answer.text()], [200, 'hello'])
    },
  },
  {
    name: 'BLOB-27 the answer has the type and disposition of the object, or those that were signed',
    run: async ({ blob, fetch }) => {
      await blob.put('k', 'x', { contentType: 'image/png', disposition: 'inline; filename="k.png"' })
      const plain = await fetch(await blob.signUrl('k'))
      const told = { contentType: 'image/gif', disposition: 'attachment; filename="x y.gif"' }
      const changed = await fetch(await blob.signUrl('k', told))
      const seen = [plain, changed].map(({ headers }) => [
        headers.get('content-type'),
        headers.get('content-disposition'),
      ])
      assert.deepEqual(seen, [
        ['image/png', 'inline; filename="k.png"'],
        ['image/gif', 'attachment; filename="x y.gif"'],
      ])
    },
  },
  {
    name: 'BLOB-28 an expired URL is refused',
    run: async ({ blob, fetch }) => {
      await blob.put('k', 'x')
      const url = await blob.signUrl('k', { expiresS: 1 })
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      assert.equal((await fetch(url)).status, 403)
    },
  },
  {
    name: 'BLOB-29 a URL with another key, a later time or another type is refused',
    run: async ({ blob, fetch }) => {
      await blob.put('one', 'x')
      await blob.put('two', 'secret')
      const url = await blob.signUrl('one', { contentType: 'text/plain' })
      assert.equal((await fetch(url)).status, 200)
      const altered = [url.replace('/one', '/two'), url.replace('text%2Fplain', 'text%2Fhtml')]
      for (const other of altered) assert.equal((await fetch(other)).status, 403, other)
    },
  },
  {
    name: 'BLOB-30 a time that is not positive means 7 days, and no URL lives longer',
    run: async ({ blob, fetch }) => {
      await blob.put('k', 'x')
      for (const expiresS of [0, -5, 10 ** 9]) {
        const url = await blob.signUrl('k', { expiresS })
        assert.equal((await fetch(url)).status, 200)
        const exp = new URL(url).searchParams.get('exp')
        if (exp !== null) assert.ok(Math.abs(Number(exp) * 1000 - Date.now() - 7 * 86_400_000) < 120_000, url)
      }
      await assert.rejects(blob.signUrl('k', { expiresS: 1.5 }), code('invalid_argument'))
    },
  },
  {
    name: 'BLOB-31 a URL of a missing object can be made, and leads to 404',
    run: async ({ blob, fetch }) => assert.equal((await fetch(await blob.signUrl('no/body'))).status, 404),
  },
  {
    name: 'BLOB-32 URLs of keys with any characters work',
    run: async ({ blob, fetch }) => {
      for (const key of ['知识/文 档.txt', 'a b+c&d=e?f#g%h/100%.txt', "it's/🦉", '%2F', 'A/..b/x']) {
        await blob.put(key, key)
        const answer = await fetch(await blob.signUrl(key))
        assert.deepEqual([answer.status, await answer.text()], [200, key])
      }
    },
  },
  {
    name: 'BLOB-34 a range of a signed URL is answered by 206',
    run: async ({ blob, fetch }) => {
      await blob.put('k', '0123456789')
      const answer = await fetch(await blob.signUrl('k'), { range: 'bytes=2-4' })
      assert.deepEqual([answer.status, await answer.text()], [206, '234'])
      assert.equal(answer.headers.get('content-range'), 'bytes 2-4/10')
    },
  },
  {
    name: 'BLOB-37 content, type and URLs survive a restart',
    run: async ({ blob, reopen, fetch }) => {
      await blob.put('知/k', 'x', { contentType: 'text/plain', tags: { a: 'b' } })
      const before = await blob.head('知/k')
      const url = await blob.signUrl('知/k')
      const again = await reopen()
      assert.equal(await textOf(again, '知/k'), 'x')
      assert.deepEqual(await again.head('知/k'), before)
      assert.equal((await fetch(url)).status, 200)
    },
  },
  {
    name: 'BLOB-45 a page or drawing that could run scripts comes as an attachment',
    run: async ({ blob, fetch }) => {
      await blob.put('k', '<script>', {
        contentType: 'text/html; charset=utf-8',
        disposition: 'inline; filename="a.html"',
      })
      await blob.put('svg', '<svg/>', { contentType: 'image/svg+xml' })
      await blob.put('png', 'x', { contentType: 'image/png' })
      const seen = async (key: string, o = {}) =>
        (await fetch(await blob.signUrl(key, o))).headers.get('content-disposition')
      assert.equal(await seen('k'), 'attachment; filename="a.html"')
      assert.equal(await seen('svg'), 'attachment')
      assert.equal(await seen('png'), null)
      assert.equal(await seen('png', { contentType: 'TEXT/HTML', disposition: 'inline' }), 'attachment')
    },
  },
  {
    name: 'BLOB-37 after close calls are refused, and closing again is fine',
    run: async ({ blob }) => {
      await blob.close()
      await blob.close()
      await assert.rejects(blob.put('k', 'x'), code('closed'))
      await assert.rejects(blob.get('k'), code('closed'))
      await assert.rejects(Array.fromAsync(blob.listAll('')), code('closed'))
      assert.equal((await blob.health()).status, 'down')
    },
  },
]
