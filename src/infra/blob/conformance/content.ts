import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../../../base/conformance.ts'
import { allKeys, type BlobHarness, bytesOf, code, MIB, pieces, textOf } from './kit.ts'

/** What goes in comes out, whole. */
export const contentCases: readonly Case<BlobHarness>[] = [
  {
    name: 'BLOB-01 bytes round-trip: none, one, 5 MiB + 1, 20 MiB',
    run: async ({ blob }) => {
      for (const size of [0, 1, 5 * MIB + 1, 20 * MIB]) {
        const bytes = bytesOf(size)
        assert.equal((await blob.put('k', bytes)).sizeBytes, size)
        assert.ok(bytes.equals(await blob.get('k')), `${size} bytes`)
      }
    },
  },
  {
    name: 'BLOB-02 a string is stored as UTF-8',
    run: async ({ blob }) => {
      await blob.put('k', 'größer 知识 🦉')
      assert.deepEqual(Buffer.from(await blob.get('k')), Buffer.from('größer 知识 🦉'))
    },
  },
  {
    name: 'BLOB-03 a stream of unknown length is stored, whatever its pieces are',
    run: async ({ blob }) => {
      const bytes = bytesOf(3 * MIB + 17)
      for (const size of [1_000, 65_536, 300_000, 4 * MIB]) {
        await blob.put('k', pieces(bytes, size))
        assert.ok(bytes.equals(await blob.get('k')), `pieces of ${size}`)
      }
    },
  },
  {
    name: 'BLOB-03 a source may reuse the memory of its chunks',
    run: async ({ blob }) => {
      const chunk = new Uint8Array(1000)
      const source = async function* () {
        for (let i = 0; i < 300; i++) yield chunk.fill(i)
      }
      await blob.put('k', source())
      const got = await blob.get('k')
      assert.equal(got.length, 300_000)
      assert.ok(got.every((byte, i) => byte === Math.floor(i / 1000) % 256))
    },
  },
  {
    name: 'BLOB-04 an announced size is checked: right, too short, too long',
    run: async ({ blob }) => {
      const bytes = bytesOf(100_000)
      await blob.put('right', pieces(bytes, 10_000), { sizeBytes: 100_000 })
      for (const sizeBytes of [99_999, 100_001, 0])
        await assert.rejects(blob.put('wrong', pieces(bytes, 10_000), { sizeBytes }), code('invalid_argument'))
      assert.deepEqual(await allKeys(blob), ['right'])
    },
  },
  {
    name: 'BLOB-05 a stream that fails leaves the old object, or none',
    run: async ({ blob }) => {
      await blob.put('old', 'as it was', { contentType: 'text/plain' })
      for (const key of ['old', 'new']) {
        await assert.rejects(blob.put(key, pieces(bytesOf(MIB), 100_000, 7)), code('canceled'))
        await assert.rejects(blob.put(key, pieces(bytesOf(10), 1, 0)), code('canceled'))
      }
      assert.equal(await textOf(blob, 'old'), 'as it was')
      assert.deepEqual(await allKeys(blob), ['old'])
    },
  },
  {
    name: 'BLOB-05 an aborted put ends soon, even while its source hangs, and leaves nothing',
    run: async ({ blob }) => {
      const hanging = async function* () {
        yield bytesOf(200_000)
        await new Promise<never>(() => undefined)
      }
      const stop = new AbortController()
      const put = blob.put('k', hanging(), { signal: stop.signal })
      setTimeout(() => stop.abort(), 20)
      await assert.rejects(put, code('canceled'))
      await assert.rejects(blob.put('k', 'x', { signal: AbortSignal.abort() }), code('canceled'))
      assert.deepEqual(await allKeys(blob), [])
    },
  },
  {
    name: 'BLOB-06 while an object is overwritten, 50 readers see the old one or the new one',
    run: async ({ blob }) => {
      const versions = [1, 2, 3, 4, 5].map((seed) => Buffer.alloc(200_000 + seed, seed))
      await blob.put('k', versions[0] ?? '')
      let writing = true
      const reader = async () => {
        let count = 0
        for (; writing || count === 0; count++) {
          const { meta, body } = await blob.stream('k')
          const got = Buffer.concat(await body.toArray())
          const seed = got[0] ?? 0
          assert.ok(got.length === 200_000 + seed && got.every((byte) => byte === seed), 'a mixture')
          assert.equal(meta.sizeBytes, got.length)
        }
      }
      const readers = Promise.all(Array.from({ length: 50 }, reader))
      for (const version of versions) await blob.put('k', pieces(version, 50_000))
      writing = false
      await readers
    },
  },
  {
    name: 'BLOB-07 of puts at the same time one wins whole, with its own type',
    run: async ({ blob }) => {
      const put = (n: number) => blob.put('k', pieces(Buffer.alloc(100_000, n), 9_000), { contentType: `x/${n}` })
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(put))
      const got = await blob.get('k')
      assert.ok(got.length === 100_000 && got.every((byte) => byte === got[0]))
      assert.equal((await blob.head('k'))?.contentType, `x/${got[0]}`)
      assert.deepEqual(await allKeys(blob), ['k'])
    },
  },
  {
    name: 'BLOB-08 a missing object: get and stream say not_found, head says null',
    run: async ({ blob }) => {
      await assert.rejects(blob.get('nobody'), code('not_found'))
      await assert.rejects(blob.stream('no/body'), code('not_found'))
      await assert.rejects(blob.copy('nobody', 'k'), code('not_found'))
      assert.equal(await blob.head('nobody'), null)
    },
  },
  {
    name: 'BLOB-09 a deleted object is gone; deleting it again is fine',
    run: async ({ blob }) => {
      await blob.put('a/b/c', 'x')
      await blob.put('a/b/d', 'y')
      await blob.delete('a/b/c')
      await blob.delete('a/b/c')
      await assert.rejects(blob.get('a/b/c'), code('not_found'))
      assert.equal(await textOf(blob, 'a/b/d'), 'y')
    },
  },
  {
    name: 'BLOB-09 puts and deletes of neighbours at the same time do not disturb each other',
    run: async ({ blob }) => {
      const work = async (key: string) => {
        for (let i = 0; i < 15; i++) {
          await blob.put(key, `${i}`)
          assert.equal(await textOf(blob, key), `${i}`)
          await blob.delete(key)
        }
      }
      await Promise.all(['a/b/c/1', 'a/b/c/2', 'a/b/3', 'a/4'].map(work))
      assert.deepEqual(await allKeys(blob), [])
    },
  },
  {
    name: 'BLOB-15 ranges: first bytes, middle, open end, suffix, past the end',
    run: async ({ blob }) => {
      await blob.put('k', '0123456789')
      const part = async (start: number, end?: number) =>
        Buffer.from(await blob.get('k', { range: { start, ...(end === undefined ? {} : { end }) } })).toString()
      assert.equal(await part(0, 3), '0123')
      assert.equal(await part(4, 6), '456')
      assert.equal(await part(7), '789')
      assert.equal(await part(9, 9), '9')
      assert.equal(await part(-3), '789')
      assert.equal(await part(-30), '0123456789')
      assert.equal(await part(8, 1000), '89')
      await assert.rejects(part(10), code('out_of_range'))
      await assert.rejects(part(5, 4), code('invalid_argument'))
      await blob.put('empty', '')
      await assert.rejects(blob.get('empty', { range: { start: 0 } }), code('out_of_range'))
    },
  },
  {
    name: 'BLOB-15 a stream says which bytes it yields and how long the whole is',
    run: async ({ blob }) => {
      await blob.put('k', '0123456789', { contentType: 'text/plain' })
      const { meta, body, range } = await blob.stream('k', { range: { start: -4, end: 1000 } })
      assert.equal(Buffer.concat(await body.toArray()).toString(), '6789')
      assert.deepEqual([range, meta.sizeBytes, meta.contentType], [{ start: 6, end: 9 }, 10, 'text/plain'])
    },
  },
  {
    name: 'BLOB-35 a copy has content, type and tags of its source, and is its own object',
    run: async ({ blob }) => {
      const bytes = bytesOf(300_000)
      await blob.put('from', bytes, { contentType: 'image/png', tags: { a: 'b' }, deleteAfterMs: 3_600_000 })
      await blob.put('x/to', 'old')
      await blob.copy('from', 'x/to')
      await blob.copy('x/to', 'x/to')
      await blob.delete('from')
      assert.ok(bytes.equals(await blob.get('x/to')))
      const meta = await blob.head('x/to')
      assert.deepEqual([meta?.key, meta?.contentType, meta?.tags], ['x/to', 'image/png', { a: 'b' }])
      await blob.put('none', '')
      await blob.copy('none', 'none2')
      assert.equal((await blob.get('none2')).length, 0)
    },
  },
  {
    name: 'BLOB-36 ifNoneMatch takes a free key and refuses one that exists; of many at once one wins',
    run: async ({ blob }) => {
      const put = (body: string) => blob.put('k', body, { ifNoneMatch: true })
      const results = await Promise.allSettled(['1', '2', '3', '4', '5', '6'].map(put))
      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
      const before = await textOf(blob, 'k')
      await assert.rejects(put('later'), code('conflict'))
      assert.equal(await textOf(blob, 'k'), before)
    },
  },
  {
    name: 'BLOB-41 a read that is aborted or left early frees its resources and hurts nobody',
    run: async ({ blob }) => {
      await blob.put('k', bytesOf(2 * MIB))
      for (let i = 0; i < 40; i++) {
        const stop = new AbortController()
        const { body } = await blob.stream('k', { signal: stop.signal })
        const read = (async () => {
          for await (const _chunk of body) if (i % 2 === 0) break
        })()
        stop.abort()
        await read.catch((err: Error) => assert.equal(err.name, 'AbortError'))
        assert.ok(body.destroyed)
      }
      await assert.rejects(blob.get('k', { signal: AbortSignal.abort() }), code('canceled'))
      assert.equal((await blob.get('k')).length, 2 * MIB)
    },
  },
  {
    name: 'BLOB-44 an object with a lifetime is gone when it is over, and a replacement stays',
    needs: 'delete_after',
    run: async ({ blob, reopen }) => {
      await blob.put('a/short', 'x', { deleteAfterMs: 150 })
      await blob.put('a/replaced', 'x', { deleteAfterMs: 150 })
      await blob.put('a/long', 'x', { deleteAfterMs: 3_600_000 })
      await blob.put('a/replaced', 'y')
      assert.equal(await textOf(blob, 'a/long'), 'x')
      await sleep(200)
      await assert.rejects(blob.get('a/short'), code('not_found'))
      assert.deepEqual(await allKeys(blob), ['a/long', 'a/replaced'])
      assert.deepEqual(await allKeys(await reopen()), ['a/long', 'a/replaced'])
    },
  },
]
