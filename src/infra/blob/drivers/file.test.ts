import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
import { AppError, codeOf } from '../../../base/errors.ts'
import type { Blob } from '../blob.ts'
import { code, MIB, pieces } from '../conformance/kit.ts'
import { blobCases } from '../conformance.ts'
import { openBlob } from '../open.ts'

const STATUS: Readonly<Record<string, number>> = { permission_denied: 403, not_found: 404, out_of_range: 416 }

/** The route that Snug serves, as small as can be. */
async function serve(current: () => Blob) {
  const server = createServer(async (req, res) => {
    const url = new URL(req.url ?? '', 'http://x')
    const key = url.pathname.replace('/api/blob/', '').split('/').map(decodeURIComponent).join('/')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '') ?? []
    const range = from === undefined ? {} : { range: { start: Number(from), end: Number(to) } }
    try {
      const { meta, body, range: sent } = await current().openSigned(key, Object.fromEntries(url.searchParams), range)
      if (sent !== undefined) res.setHeader('content-range', `bytes ${sent.start}-${sent.end}/${meta.sizeBytes}`)
      if (meta.disposition !== undefined) res.setHeader('content-disposition', meta.disposition)
      res.writeHead(sent === undefined ? 200 : 206, { 'content-type': meta.contentType })
      body.pipe(res)
    } catch (err) {
      res.writeHead(STATUS[codeOf(err)] ?? 500).end(codeOf(err))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { publicUrl: `http://127.0.0.1:${port}`, close }
}

const openIn = (folder: string, params = '?fsync=0', clock = Date.now): Promise<Blob> =>
  openBlob(`file:${folder}/blob${params}`, { home: '/nowhere', publicUrl: () => 'http://snug.test', clock })

runConformance('blob file', blobCases, {
  features: new Set(['sign.local', 'etag.content', 'delete_after', 'keys.any', 'tags.any']),
  open: async () => {
    const folder = await temporaryFolder()
    let blob: Blob
    const server = await serve(() => blob)
    const open = () =>
      openBlob('file://./data/blob?fsync=0', { home: folder.path, publicUrl: () => `${server.publicUrl}/` })
    blob = await open()
    const reopen = async () => {
      await blob.close()
      blob = await open()
      return blob
    }
    const close = async () => {
      await blob.close()
      await server.close()
      assert.deepEqual(readdirSync(join(folder.path, 'data/blob/.tmp')), [], 'temporary files are left')
      await folder.remove()
    }
    return { harness: { blob, reopen, fetch: (url, headers = {}) => fetch(url, { headers }) }, close }
  },
})

test('the file store says who it is, and works with fsync', async () => {
  await using folder = await temporaryFolder()
  const blob = await openIn(folder.path, '')
  assert.deepEqual(
    [blob.provider, [...blob.features]],
    ['file', ['sign.local', 'etag.content', 'delete_after', 'keys.any', 'tags.any']],
  )
  await blob.put('a/b/c', 'x')
  await blob.put('a/b/c', 'y')
  assert.equal(Buffer.from(await blob.get('a/b/c')).toString(), 'y')
  const health = await blob.health()
  assert.deepEqual([health.engine, health.checks.fsync], ['files', true])
  await blob.close()
})

test('BLOB-24 listAll goes beyond 10,000 objects', async () => {
  await using folder = await temporaryFolder()
  const blob = await openIn(folder.path)
  const put = (n: number) => blob.put(`n/${n}`, '')
  for (let at = 0; at < 10_050; at += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => put(at + i)))
  const seen = new Set<string>()
  for await (const { key } of blob.listAll('n/')) seen.add(key)
  assert.equal(seen.size, 10_050)
  await blob.close()
})

test('BLOB-38 a folder that cannot be written, or is in use, is refused when it is opened', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(join(folder.path, 'blob'), 'a file')
  await assert.rejects(openIn(folder.path), /cannot be written/)
  const blob = await openIn(join(folder.path, 'sub'))
  await assert.rejects(openIn(join(folder.path, 'sub')), (err: Error) => {
    return err instanceof AppError && err.code === 'busy' && err.message.includes(`pid ${process.pid}`)
  })
  await blob.close()
  await (await openIn(join(folder.path, 'sub'))).close()
})

test('BLOB-39 what a killed process left half-written is removed at the next start', async () => {
  await using folder = await temporaryFolder()
  await (await openIn(folder.path)).close()
  writeFileSync(join(folder.path, 'blob/.tmp/left-over'), 'half')
  await (await openIn(folder.path)).close()
  assert.deepEqual(readdirSync(join(folder.path, 'blob/.tmp')), [])
})

test('BLOB-39 kill -9 in the middle of puts leaves every object old or new, whole', async () => {
  await using folder = await temporaryFolder()
  const script = `
    import { openBlob } from ${JSON.stringify(new URL('../open.ts', import.meta.url).href)}
    const blob = await openBlob('file:${folder.path}/blob', { home: '/nowhere', publicUrl: () => '' })
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 60 + Math.random() * 120)
    for (let n = 1; ; n++) {
      const put = (key) => blob.put(key, Buffer.alloc(30_000 + n % 100_000, n), { contentType: 'x/' + n % 256 })
      await Promise.all(['a', 'a/b', 'c/d', 'long/' + 'X'.repeat(200)].map(put))
    }`
  for (let round = 0; round < 4; round++) {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    assert.equal(child.signal, 'SIGKILL', child.stderr)
    const blob = await openIn(folder.path)
    for await (const { key, contentType, sizeBytes } of blob.listAll('')) {
      const bytes = await blob.get(key)
      assert.equal(bytes.length, sizeBytes)
      assert.ok(bytes.every((byte) => byte === bytes[0]) && contentType === `x/${bytes[0]}`, `${key} is a mixture`)
    }
    assert.deepEqual(readdirSync(join(folder.path, 'blob/.tmp')), [])
    await blob.close()
  }
})

test('BLOB-40 a full disk is resource_exhausted, keeps the old object and leaves nothing behind', (t) => {
  const script = `
    import assert from 'node:assert/strict'
    import { readdirSync } from 'node:fs'
    import { openBlob } from ${JSON.stringify(new URL('../open.ts', import.meta.url).href)}
    const blob = await openBlob('file:' + process.cwd() + '/blob', { home: '/nowhere', publicUrl: () => '' })
    await blob.put('k', 'old')
    for (let n = 0; n < 3; n++)
      await assert.rejects(blob.put('k', new Uint8Array(3_000_000)), (err) => err.code === 'resource_exhausted')
    assert.equal(Buffer.from(await blob.get('k')).toString(), 'old')
    assert.deepEqual(readdirSync('blob/.tmp'), [])
    await blob.put('k', 'new')
    await blob.close()
    console.log('fine')`
  // A small disk of our own: needs the right to mount in a private namespace.
  const mount = 'mount -t tmpfs -o size=2m none /mnt && cd /mnt && exec "$0" --input-type=module -e "$1"'
  const run = spawnSync('unshare', ['-rm', 'sh', '-c', mount, process.execPath, script], { encoding: 'utf8' })
  if (run.error !== undefined || /unshare|mount/.test(run.stderr))
    return t.skip('this machine lets nobody mount a disk')
  assert.equal(run.stdout, 'fine\n', run.stderr)
})

test('BLOB-42 200 MiB pass in and out in bounded memory, in large and small pieces', async () => {
  await using folder = await temporaryFolder()
  const blob = await openIn(folder.path)
  const chunk = Buffer.alloc(MIB, 7)
  let peak = 0
  const watch = () => {
    peak = Math.max(peak, process.memoryUsage().rss)
  }
  const source = async function* () {
    for (let n = 0; n < 200; n++) {
      watch()
      if (n < 80) yield chunk
      else yield* pieces(chunk, 16_384)
    }
  }
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  assert.equal((await blob.put('big', source())).sizeBytes, 200 * MIB)
  const { body } = await blob.stream('big')
  let seen = 0
  for await (const piece of body) {
    seen += piece.length
    if (seen % (8 * MIB) < 65_536) watch()
  }
  assert.equal(seen, 200 * MIB)
  assert.ok(peak - before < 100 * MIB, `grew by ${Math.round((peak - before) / MIB)} MiB`)
  await blob.close()
})

test('BLOB-44 the file of an object whose time is over disappears, also one that came due while Snug was down', async () => {
  await using folder = await temporaryFolder()
  let nowMs = Date.now()
  let blob = await openIn(folder.path, '?fsync=0', () => nowMs)
  await blob.put('parts/1', 'x', { deleteAfterMs: 60_000 })
  await blob.put('parts/2', 'x', { deleteAfterMs: 60_000 })
  await blob.put('parts/2', 'stays')
  await blob.close()
  nowMs += 61_000
  blob = await openIn(folder.path, '?fsync=0', () => nowMs)
  assert.deepEqual(readdirSync(join(folder.path, 'blob/parts+')), ['2'])
  assert.deepEqual(readdirSync(join(folder.path, 'blob/.due')), [])
  await blob.close()
})

test('a damaged file is corrupt, not a wrong answer', async () => {
  await using folder = await temporaryFolder()
  const blob = await openIn(folder.path)
  for (const bytes of [0, 5, 100_010]) {
    await blob.put('k', pieces(Buffer.alloc(100_000), 5_000))
    truncateSync(join(folder.path, 'blob/k'), bytes)
    for (const call of [() => blob.get('k'), () => blob.head('k'), () => blob.list('')])
      await assert.rejects(call(), code('corrupt'))
  }
  await blob.put('k', 'mended')
  assert.equal((await blob.head('k'))?.sizeBytes, 6)
  await blob.close()
})

test('a deleted object takes its empty folders along', async () => {
  await using folder = await temporaryFolder()
  const blob = await openIn(folder.path)
  await blob.put('a/b/c', 'x')
  await blob.put('a/d', 'x')
  await blob.delete('a/b/c')
  assert.deepEqual(readdirSync(join(folder.path, 'blob/a+')), ['d'])
  await blob.delete('a/d')
  assert.deepEqual(
    readdirSync(join(folder.path, 'blob')).filter((name) => !name.startsWith('.')),
    [],
  )
  await blob.close()
})

test('the secret is generated once, for its owner only; links of one secret are void under another', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'blob/.secret')
  let blob = await openIn(folder.path)
  await blob.put('k', 'x')
  const secret = readFileSync(file, 'utf8')
  assert.match(secret, /^[0-9a-f]{64}\n$/)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const query = Object.fromEntries(new URL(await blob.signUrl('k')).searchParams)
  await blob.openSigned('k', query).then(({ body }) => body.destroy())
  for (const sig of [undefined, '', 'AAAA', `${query.sig}A`, 'a'.repeat(43)])
    await assert.rejects(blob.openSigned('k', { ...query, sig: sig ?? '' }), code('permission_denied'))
  await blob.close()
  blob = await openIn(folder.path, '?fsync=0&secret=0123456789abcdef&public=https://files.test/')
  await assert.rejects(blob.openSigned('k', query), code('permission_denied'))
  assert.match(await blob.signUrl('a b/k'), /^https:\/\/files\.test\/api\/blob\/a%20b\/k\?exp=\d+&sig=[\w-]{43}$/)
  assert.equal(readFileSync(file, 'utf8'), secret)
  await blob.close()
})

test('links of the same minute are equal when they live for hours, so that caches can use them', async () => {
  await using folder = await temporaryFolder()
  let nowMs = Date.UTC(2026, 0, 1, 12, 0, 1)
  const blob = await openIn(folder.path, '?fsync=0', () => nowMs)
  const first = await blob.signUrl('k', { expiresS: 7_200 })
  nowMs += 50_000
  assert.equal(await blob.signUrl('k', { expiresS: 7_200 }), first)
  await blob.close()
})

testRefusedUris('openBlob', (uri) => openBlob(uri, { home: '/dev/null', publicUrl: () => '' }), [
  ['file://./x?fsync=2', /fsync/],
  ['file://./x?secret=hunter2', /"secret": at least 16/],
  ['file://./x?public=ftp://h', /"public": an http/],
  ['file://./x?sync=1&secret=hunter2', /"sync"; known: fsync, public, secret/],
  ['file://', /names no path/],
  ['gs://ak:hunter2@bucket', /BLOB_URI: the scheme "gs:" is not available in this build; available: file:, s3:/],
])

for (const text of ['file://./var/blob', 'file:var/blob', 'file://var/my%20blobs%3F?fsync=1'])
  test(`openBlob accepts ${text}, below the data home`, async () => {
    await using folder = await temporaryFolder()
    const blob = await openBlob(text, { home: folder.path, publicUrl: () => '' })
    await blob.close()
    assert.deepEqual(readdirSync(folder.path), ['var'])
  })
