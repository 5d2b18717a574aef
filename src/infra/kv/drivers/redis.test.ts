import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { type RedisServer, startRedis, withoutRedis } from '../../../../test-kit/redis.ts'
import { service } from '../../../../test-kit/services.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
import { kvCases } from '../conformance.ts'
import type { Kv } from '../kv.ts'
import { openKv } from '../open.ts'

const open = (uri: string, home = '/nowhere') => openKv(uri, { home })

async function removeAll(kv: Kv): Promise<void> {
  for (const key of await Array.fromAsync(kv.admin.scan())) await kv.del(key)
}

testRefusedUris('openKv', open, [
  ['redis://:hunter2@', /names no host/],
  ['redis:?prefix=hunter2', /names no host/],
  ['redis://:hunter2@a:6379,b:6379', /takes one host/],
  ['redis://:hunter2@localhost/zero', /the path is the number of the database/],
  ['redis://:hunter2@localhost/-1', /the path is the number of the database/],
  ['redis://:hunter2@localhost:99999', /port must be between/],
  ['redis://:hunter2@localhost?db=1', /no parameter "db"; known: ca, dial, prefix, timeout, verify/],
  ['redis://:hunter2@localhost?timeout=3', /parameter "timeout": a duration/],
  ['redis://:hunter2@localhost?timeout=10h', /parameter "timeout"/],
  ['redis://:hunter2@localhost?dial=1ms', /parameter "dial"/],
  ['redis://:hunter2@localhost?verify=0', /belong to rediss:/],
  ['rediss://:hunter2@localhost?verify=no', /parameter "verify"/],
  ['rediss://:hunter2@localhost?ca=missing.pem', /"ca": the file cannot be read/],
  [`redis://:hunter2@localhost?prefix=${'x'.repeat(257)}`, /parameter "prefix": at most 256/],
])

const redis = service('redis')
describe('redis, the suite', { skip: redis.skip }, () => {
  runConformance('redis', kvCases, {
    features: new Set(['reopen']),
    open: async () => {
      const uri = `${redis.uri}?prefix=${randomUUID()}:`
      let kv = await open(uri)
      const reopen = async (afterMs: number) => {
        await kv.close()
        await sleep(afterMs)
        kv = await open(uri)
        return kv
      }
      const close = async () => {
        await kv.close()
        const cleaner = await open(uri)
        await removeAll(cleaner)
        await cleaner.close()
      }
      return { harness: { kv, reopen }, close }
    },
  })
})

describe('redis', { skip: withoutRedis }, () => {
  let server: RedisServer
  let address = ''
  before(async () => {
    server = await startRedis()
    address = `127.0.0.1:${server.port}`
  })
  after(() => server?.remove())

  const ACCEPTED = ['', '/', '/0', '/15', '?prefix=a*[b]%3F', '/2?dial=1s&timeout=500ms&x-other=1']
  for (const rest of ACCEPTED)
    test(`openKv accepts redis://localhost${rest}`, async () => {
      const kv = await open(`redis://localhost:${server.port}${rest}`)
      await kv.set('k', rest)
      assert.equal(await kv.get('k'), rest)
      await kv.del('k')
      assert.deepEqual([kv.provider, [...kv.features]], ['redis', ['reopen']])
      await kv.close()
    })

  test('health tells version, memory, persistence; nothing of it stays as a key', async () => {
    const kv = await open(`redis://${address}?prefix=health:`)
    const { status, provider, engine, checks } = await kv.health()
    assert.deepEqual([status, provider, engine], ['up', 'redis', 'redis'])
    assert.match(String(checks.version), /^\d+\.\d+\.\d+$/)
    assert.ok(Number(checks.usedMemoryBytes) > 100_000)
    assert.deepEqual([checks.persistence, checks.maxMemoryPolicy, checks.role], ['aof', 'noeviction', 'master'])
    assert.equal(await kv.admin.size(), 0)
    await kv.close()
  })

  test('prefixes and databases keep stores apart, also where they look like patterns', async () => {
    const uris = ['/4?prefix=a*', '/4?prefix=ab', '/4?prefix=a[b]', '/5?prefix=ab', '/5']
    const stores = await Promise.all(uris.map((rest) => open(`redis://${address}${rest}`)))
    for (const [at, kv] of stores.entries()) await kv.set('k', at)
    assert.deepEqual(await Promise.all(stores.map((kv) => kv.get('k'))), ['0', '1', '2', '3', '4'])
    assert.deepEqual(await Promise.all(stores.map((kv) => kv.admin.size())), [1, 1, 1, 1, 2])
    assert.deepEqual(await Array.fromAsync(stores[2]?.admin.scan() ?? []), ['k'])
    for (const kv of stores) {
      await kv.del('k')
      await kv.close()
    }
  })

  test('a scan over many pages skips what went meanwhile, and two scans do not disturb each other', async () => {
    const kv = await open(`redis://${address}/6`)
    const names = Array.from({ length: 2_600 }, (_, n) => `k${String(n).padStart(5, '0')}`)
    await Promise.all(names.map((name) => kv.set(name, 1)))
    const walk = async (removed: readonly string[]) => {
      const seen: string[] = []
      for await (const key of kv.admin.scan()) if (seen.push(key) === 600) await kv.del(...removed)
      return seen
    }
    const [one, two] = await Promise.all([walk(names.slice(2_000, 2_300)), walk(['none'])])
    const kept = [...names.slice(0, 2_000), ...names.slice(2_300)]
    for (const seen of [one, two])
      assert.deepEqual(
        seen.filter((key) => kept.includes(key)),
        kept,
      )
    assert.deepEqual(one, kept)
    await removeAll(kv)
    await kv.close()
  })

  test('a key of a type that is not ours is wrong_type, and dump says so', async () => {
    const kv = await open(`redis://${address}/7`)
    execFileSync('redis-cli', ['-p', String(server.port), '-n', '7', 'sadd', 'theirs', 'x'])
    for (const call of [() => kv.get('theirs'), () => kv.admin.dump('theirs'), () => kv.lrange('theirs', 0, -1)])
      await assert.rejects(call(), { code: 'wrong_type' })
    assert.equal(await kv.del('theirs'), 1)
    await kv.close()
  })
})

describe('redis of many kinds', { skip: withoutRedis }, () => {
  test('health is degraded where keys may get lost: eviction, no persistence', async () => {
    await using server = await startRedis('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru')
    const kv = await open(`redis://127.0.0.1:${server.port}`)
    const { status, error, checks } = await kv.health()
    assert.deepEqual([status, checks.persistence, checks.maxMemoryPolicy], ['degraded', 'none', 'allkeys-lru'])
    assert.match(error ?? '', /maxmemory-policy is allkeys-lru.*nothing is persisted/)
    await kv.close()
  })

  test('user and password are checked at start, and never told', async () => {
    await using server = await startRedis(
      '--requirepass',
      'p-right',
      '--user',
      'snug',
      'on',
      '>p-right',
      '~own:*',
      '+@all',
    )
    const host = `127.0.0.1:${server.port}`
    const kv = await open(`redis://:p-right@${host}`)
    await kv.set('k', 1)
    await kv.close()
    const limited = await open(`redis://snug:p-right@${host}?prefix=own:`)
    await limited.set('k', 1)
    assert.equal(await limited.get('k'), '1')
    await limited.close()
    const outside = await open(`redis://snug:p-right@${host}?prefix=other:`)
    await assert.rejects(outside.set('k', 1), { code: 'permission_denied' })
    await outside.close()
    for (const [info, code] of [
      [':p-secret@', 'unauthenticated'],
      ['snug:p-secret@', 'unauthenticated'],
      ['', 'unauthenticated'],
    ])
      await assert.rejects(open(`redis://${info}${host}`), (err: Error & { code?: string }) => {
        assert.equal(err.code, code)
        return !JSON.stringify([err.message, err.cause]).includes('p-secret')
      })
    await assert.rejects(open(`redis://:p-right@${host}/99`), { code: 'invalid_argument', message: /no database 99/ })
  })

  test('rediss: trusts the authority it is told, refuses one that it does not know', async () => {
    await using folder = await temporaryFolder()
    const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    )
    const tls = ['--tls-port', '{port}', '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no']
    await using server = await startRedis(...tls)
    for (const query of ['?ca=cert.pem', '?verify=0']) {
      const kv = await open(`rediss://localhost:${server.port}${query}`, folder.path)
      await kv.set('k', query)
      assert.equal(await kv.get('k'), query)
      await kv.close()
    }
    for (const host of ['localhost', '127.0.0.1']) {
      const query = host === 'localhost' ? '' : '?ca=cert.pem'
      await assert.rejects(open(`rediss://${host}:${server.port}${query}`, folder.path), {
        code: 'unavailable',
        message: /certificate is not trusted/,
      })
    }
  })
})
