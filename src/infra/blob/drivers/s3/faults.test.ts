import assert from 'node:assert/strict'
import { globSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { bucketOn, startS3 } from '../../../../../test-kit/s3.ts'
import { service } from '../../../../../test-kit/services.ts'
import type { Blob } from '../../blob.ts'
import { bytesOf, code, MIB, pieces, textOf } from '../../conformance/kit.ts'
import { openBlob } from '../../open.ts'

const open = (uri: string) => openBlob(uri, { home: '/nowhere', publicUrl: () => 'http://snug.test' })

async function openFor(t: TestContext, uri: string): Promise<Blob> {
  const blob = await open(uri)
  t.after(() => blob.close())
  return blob
}

const CALLS: readonly [string, (blob: Blob) => Promise<unknown>][] = [
  ['get', (blob) => blob.get('k')],
  ['stream', (blob) => blob.stream('k', { range: { start: 0, end: 1 } })],
  ['head', (blob) => blob.head('k')],
  ['put', (blob) => blob.put('new', 'x')],
  ['a large put', (blob) => blob.put('large', pieces(bytesOf(6 * MIB), MIB))],
  ['delete', (blob) => blob.delete('k')],
  ['copy', (blob) => blob.copy('k', 'copy')],
  ['list', (blob) => blob.list('')],
  ['listAll', (blob) => Array.fromAsync(blob.listAll(''))],
]

async function allFail(blob: Blob, withinMs: number): Promise<void> {
  for (const [name, call] of CALLS) {
    const startedMs = performance.now()
    await assert.rejects(call(blob), code('unavailable'), name)
    assert.ok(performance.now() - startedMs < withinMs, `${name} took too long`)
  }
}

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('s3 with many objects', { skip: service('s3').skip }, () => {
  test('BLOB-24 lists go beyond 10,000 objects, each once', async (t) => {
    await using server = await startS3('s3')
    const blob = await openFor(t, server.uri)
    await blob.put('n/first', '')
    const [folder] = globSync(join(server.data, '*', 'n'))
    assert.ok(folder)
    // Versity's gateway keeps an object as a file; so many puts would take minutes.
    for (let n = 0; n < 10_050; n++) writeFileSync(join(folder, String(n)), '')
    const seen = new Set<string>()
    let count = 0
    for await (const { key } of blob.listAll('n/')) {
      seen.add(key)
      count++
    }
    assert.deepEqual([seen.size, count], [10_051, 10_051])
  })
})

for (const name of ['minio', 's3'] as const) {
  const { skip, uri: shared } = service(name)
  describe(`s3 that fails, ${name}`, { skip }, () => {
    test('stopped: every call is unavailable in time, never an empty success; started again: all is there', async (t) => {
      await using server = await startS3(name)
      const blob = await openFor(t, `${server.uri}&timeout=2s`)
      await blob.put('k', 'kept', { contentType: 'text/plain' })
      for (let round = 0; round < 2; round++) assert.equal((await blob.health()).status, 'up')
      await server.stop()
      await allFail(blob, 4_000)
      assert.equal((await blob.health()).status, 'down')
      assert.equal((await blob.health()).status, 'down')
      await assert.rejects(open(`${server.uri}&timeout=2s`), code('unavailable'))
      await server.start()
      assert.equal((await blob.health()).status, 'up')
      assert.equal(await textOf(blob, 'k'), 'kept')
      assert.equal((await blob.head('k'))?.contentType, 'text/plain')
    })

    test('frozen: every call fails in time, and works again afterwards', async (t) => {
      await using server = await startS3(name)
      const blob = await openFor(t, `${server.uri}&timeout=400ms`)
      await blob.put('k', 'x')
      await blob.put('other', 'kept')
      server.freeze()
      try {
        await allFail(blob, 3_000)
        assert.equal((await blob.health()).status, 'down')
      } finally {
        server.resume()
      }
      await sleep(200)
      // what was sent meanwhile may still take effect, so not "k"
      assert.equal(await textOf(blob, 'other'), 'kept')
    })

    test('stopped in the middle of an upload: it fails, and no object is there afterwards', async (t) => {
      await using server = await startS3(name)
      const blob = await openFor(t, `${server.uri}&timeout=2s&part_size=5mb`)
      const source = async function* () {
        for (let piece = 0; piece < 30; piece++) {
          if (piece === 15) await server.stop()
          yield Buffer.alloc(MIB, piece)
        }
      }
      await assert.rejects(blob.put('k', source()), code('unavailable'))
      await server.start()
      assert.equal(await blob.head('k'), null)
      await blob.put('k', pieces(bytesOf(11 * MIB), MIB))
      assert.equal((await blob.head('k'))?.sizeBytes, 11 * MIB)
    })

    test('a large upload whose source fails or is canceled leaves no object and no open upload', async (t) => {
      await using bucket = bucketOn(shared ?? '')
      const blob = await openFor(t, `${bucket.uri}&part_size=5mb`)
      await assert.rejects(blob.put('k', pieces(bytesOf(18 * MIB), MIB, 16)), code('canceled'))
      const stop = new AbortController()
      const endless = async function* () {
        for (let piece = 0; ; piece++) {
          if (piece === 12) stop.abort()
          yield Buffer.alloc(MIB, piece)
        }
      }
      await assert.rejects(blob.put('k', endless(), { signal: stop.signal }), code('canceled'))
      assert.equal(await blob.head('k'), null)
      assert.deepEqual(await bucket.openUploads(), [])
    })

    test('BLOB-42 a body of any length passes in bounded memory', async (t) => {
      await using bucket = bucketOn(shared ?? '')
      const blob = await openFor(t, bucket.uri)
      let peakBytes = 0
      const source = async function* () {
        for (let piece = 0; piece < 200; piece++) {
          if (piece % 20 === 19) {
            collectGarbage()
            peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers)
          }
          yield Buffer.alloc(MIB, piece)
        }
      }
      const before = process.memoryUsage().arrayBuffers
      assert.equal((await blob.put('k', source())).sizeBytes, 200 * MIB)
      assert.ok(peakBytes - before < 120 * MIB, `${(peakBytes - before) / MIB} MiB`)
      const { body } = await blob.stream('k')
      let seen = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        assert.equal(chunk[0], Math.floor(seen / MIB) % 256)
        seen += chunk.length
      }
      assert.equal(seen, 200 * MIB)
    })

    test('a bucket that is gone is trouble of the store, not a missing object; and is not made again by a call', async (t) => {
      const bucket = bucketOn(shared ?? '')
      const blob = await openFor(t, bucket.uri)
      await bucket.remove()
      await allFail(blob, 10_000)
      assert.equal((await blob.health()).status, 'down')
      await assert.rejects(open(`${bucket.uri}&create_bucket=0`), {
        code: 'failed_precondition',
        message: new RegExp(`bucket "${bucket.name}" does not exist.*create_bucket=1`),
      })
    })

    test('wrong keys are told at start, without the keys', async () => {
      const wrong = [
        [(shared ?? '').replace(/:([^:@]*)@/, ':wrong-secret@'), 'SignatureDoesNotMatch'],
        [(shared ?? '').replace(/\/\/[^@]*@/, '//nobody:wrong-secret@'), 'InvalidAccessKeyId|UserNotFound'],
      ] as const
      for (const [uri, says] of wrong)
        await assert.rejects(open(uri), (err: Error & { code?: string }) => {
          assert.equal(err.code, 'unauthenticated')
          assert.match(err.message, new RegExp(says))
          return !err.message.includes('wrong-secret')
        })
    })

    test('signed addresses are for the public endpoint, and work through a proxy there', async (t) => {
      await using bucket = bucketOn(shared ?? '')
      const { hostname, port } = new URL(new URLSearchParams(bucket.uri.split('?')[1]).get('endpoint') ?? '')
      const proxy = createServer(({ method, url, headers }, answer) => {
        const inner = request({ hostname, port, method, path: url, headers }, (found) => {
          answer.writeHead(found.statusCode ?? 500, found.headers)
          found.pipe(answer)
        })
        inner.end()
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      t.after(() => proxy.close())
      const address = `http://localhost:${(proxy.address() as AddressInfo).port}`
      const blob = await openFor(t, `${bucket.uri}&public_endpoint=${encodeURIComponent(address)}`)
      await blob.put('知识/a b.txt', 'seen by a browser', { contentType: 'text/plain' })
      const url = await blob.signUrl('知识/a b.txt')
      assert.ok(url.startsWith(`${address}/${bucket.name}/`), url)
      const answer = await fetch(url, { headers: { connection: 'close' } })
      assert.deepEqual([answer.status, await answer.text()], [200, 'seen by a browser'])
    })

    test('a body that is being read goes on after close', async (t) => {
      await using bucket = bucketOn(shared ?? '')
      const blob = await openFor(t, bucket.uri)
      await blob.put('k', bytesOf(8 * MIB))
      const { body } = await blob.stream('k')
      await blob.close()
      assert.ok(bytesOf(8 * MIB).equals(Buffer.concat(await body.toArray())))
    })
  })
}
