import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { bucketOn } from '../../../../test-kit/s3.ts'
import { service } from '../../../../test-kit/services.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
import type { Blob } from '../blob.ts'
import { allKeys, textOf } from '../conformance/kit.ts'
import { blobCases } from '../conformance.ts'
import { openBlob } from '../open.ts'

const open = (uri: string): Promise<Blob> => openBlob(uri, { home: '/nowhere', publicUrl: () => 'http://snug.test' })

for (const name of ['minio', 's3'] as const) {
  const server = service(name)
  describe(`s3 on ${name}`, { skip: server.skip }, () => {
    runConformance(`s3 on ${name}`, blobCases, {
      features: new Set(),
      open: async () => {
        const bucket = bucketOn(server.uri ?? '')
        let blob = await open(bucket.uri)
        const reopen = async () => {
          await blob.close()
          blob = await open(bucket.uri)
          return blob
        }
        const close = async () => {
          await blob.close()
          await bucket.remove()
        }
        return { harness: { blob, reopen, fetch: (url, headers = {}) => fetch(url, { headers }) }, close }
      },
    })
  })
}

const HERE = 'endpoint=http://127.0.0.1:9'
testRefusedUris('openBlob', open, [
  [`s3://ak:hunter2@?${HERE}`, /names no bucket/],
  [`s3:?x-y=hunter2`, /names no bucket/],
  [`s3://ak:hunter2@one,two?${HERE}`, /names one bucket only/],
  [`s3://ak:hunter2@minio:9000/bucket`, /names one bucket only.*"endpoint"/],
  [`s3://ak:hunter2@Bucket?${HERE}`, /3-63 lower-case/],
  [`s3://ak:hunter2@b?${HERE}`, /3-63 lower-case/],
  [`s3://hunter2@bucket?${HERE}`, /both the access key and its secret/],
  ['s3://ak:hunter2@bucket?endpoint=127.0.0.1:9000', /"endpoint": an http or https address/],
  ['s3://ak:hunter2@bucket?endpoint=http://u:hunter2@h:9000', /"endpoint": an address without user/],
  ['s3://ak:hunter2@bucket?endpoint=http://h/path', /"endpoint": an address without user, path/],
  [`s3://ak:hunter2@bucket?${HERE}&public_endpoint=ftp://h`, /"public_endpoint"/],
  [`s3://ak:hunter2@bucket?${HERE}&path_style=yes`, /"path_style"/],
  [`s3://ak:hunter2@bucket?${HERE}&region=EU West`, /"region": lower-case/],
  [`s3://ak:hunter2@bucket?${HERE}&prefix=/a`, /"prefix": the beginning of a key/],
  [`s3://ak:hunter2@bucket?${HERE}&prefix=a/../b`, /"prefix": the beginning of a key/],
  [`s3://ak:hunter2@bucket?${HERE}&part_size=1mb`, /"part_size"/],
  [`s3://ak:hunter2@bucket?${HERE}&timeout=1d`, /"timeout"/],
  [
    `s3://ak:hunter2@bucket?${HERE}&secret_key=hunter2`,
    /no parameter "secret_key"; known: checksums, create_bucket, endpoint, part_size, path_style, prefix, public_endpoint, region, timeout/,
  ],
])

for (const name of ['minio', 's3'] as const) {
  const server = service(name)
  describe(`s3 on ${name}, beyond the suite`, { skip: server.skip }, () => {
    test('every way to write the URI reaches the bucket', async () => {
      await using bucket = bucketOn(server.uri ?? '')
      const [start = '', query = ''] = bucket.uri.split('?')
      const endpoint = `endpoint=${encodeURIComponent(new URLSearchParams(query).get('endpoint') ?? '')}`
      for (const uri of [
        `${start}?${endpoint}`,
        `${start}/?${endpoint}&path_style=1&region=us-east-1&create_bucket=0&timeout=30s&part_size=64mb`,
        `${start}?${endpoint}&checksums=supported&x-other=1`,
      ]) {
        const blob = await open(uri)
        await blob.put('k', uri)
        assert.equal(await textOf(blob, 'k'), uri)
        await blob.close()
      }
    })

    test('a prefix keeps stores in one bucket apart', async () => {
      await using bucket = bucketOn(server.uri ?? '')
      const [one, two] = await Promise.all([open(`${bucket.uri}&prefix=one/`), open(`${bucket.uri}&prefix=two-`)])
      await one.put('a/k', '1')
      await two.put('a/k', '2')
      await one.put('only', 'x')
      await one.copy('only', 'copied')
      assert.deepEqual([await allKeys(one), await allKeys(two)], [['a/k', 'copied', 'only'], ['a/k']])
      assert.equal((await one.head('a/k'))?.key, 'a/k')
      const signed = await fetch(await two.signUrl('a/k'))
      assert.equal(await signed.text(), '2')
      await one.close()
      await two.close()
    })

    test('health tells the engine and the clock, and leaves nothing in lists', async () => {
      await using bucket = bucketOn(server.uri ?? '')
      const blob = await open(bucket.uri)
      const { status, engine, checks } = await blob.health()
      assert.deepEqual([status, checks.bucket], ['up', bucket.name])
      assert.match(engine ?? '', /minio|versitygw/i)
      assert.ok(Math.abs(Number(checks.clockSkewMs)) < 5_000)
      assert.deepEqual(await allKeys(blob), [])
      await blob.close()
    })

    test('keys from the environment are used when the URI has none', async () => {
      await using bucket = bucketOn(server.uri ?? '')
      const [, key = '', secret = ''] = /^s3:\/\/([^:]*):([^@]*)@/.exec(bucket.uri) ?? []
      const before = { ...process.env }
      try {
        Object.assign(process.env, { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret })
        const blob = await open(bucket.uri.replace(/\/\/[^@]*@/, '//'))
        await blob.put('k', 'x')
        assert.equal((await fetch(await blob.signUrl('k'))).status, 200)
        await blob.close()
      } finally {
        process.env = before
      }
    })

    test('links of the same minute are equal when they live for hours, so that caches can use them', async () => {
      await using bucket = bucketOn(server.uri ?? '')
      let nowMs = Math.floor(Date.now() / 60_000) * 60_000
      const options = { home: '/nowhere', publicUrl: () => '', clock: () => nowMs }
      const blob = await openBlob(bucket.uri, options)
      const first = await blob.signUrl('k', { expiresS: 7_200 })
      nowMs += 50_000
      assert.equal(await blob.signUrl('k', { expiresS: 7_200 }), first)
      assert.match(first, /X-Amz-Expires=7200/)
      await blob.close()
    })
  })
}
