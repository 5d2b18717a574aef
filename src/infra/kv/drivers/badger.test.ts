import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
import { kvCases } from '../conformance.ts'
import { Kv } from '../kv.ts'
import { openKv } from '../open.ts'
import { openBadger } from './badger.ts'

for (const query of ['', '?sync=full'])
  runConformance(`badger${query}`, kvCases, {
    features: new Set(['reopen', 'backup']),
    open: async () => {
      const folder = await temporaryFolder()
      const open = () => openKv(`badger://./kv${query}`, { home: folder.path })
      let kv = await open()
      const reopen = async (afterMs: number) => {
        await kv.close()
        await sleep(afterMs)
        kv = await open()
        return kv
      }
      const close = async () => {
        await kv.close()
        await folder.remove()
      }
      return { harness: { kv, reopen }, close }
    },
  })

testRefusedUris('openKv', (uri) => openKv(uri, { home: '/dev/null' }), [
  ['badger://./kv?sync=always', /parameter "sync"/],
  ['badger://./kv?sweep=often', /parameter "sweep": a duration/],
  ['badger://./kv?sweep=2h', /parameter "sweep"/],
  ['badger://./kv?size=1', /no parameter "size"; known: sweep, sync/],
  ['badger://', /names no path/],
  ['etcd://u:hunter2@h/0', /KV_URI: the scheme "etcd:".*available: badger:/],
])

test('the exported constructor takes a path, and health names the engine behind the scheme', async () => {
  await using folder = await temporaryFolder()
  const kv = new Kv(await openBadger(join(folder.path, 'own'), { sync: 'full' }))
  await kv.set('k', 'v')
  const health = await kv.health()
  assert.equal(health.status, 'up')
  assert.equal(health.provider, 'badger')
  assert.equal(health.engine, 'sqlite')
  assert.equal(health.checks.sync, 'full')
  assert.ok(Number(health.checks.sizeBytes) > 0)
  await kv.close()
})

test('KV-63 a second owner of the folder is busy and told the pid', async () => {
  await using folder = await temporaryFolder()
  const kv = await openKv('badger://kv', { home: folder.path })
  await assert.rejects(openKv('badger://kv', { home: folder.path }), {
    code: 'busy',
    message: new RegExp(`pid ${process.pid}`),
  })
  await kv.close()
  await (await openKv('badger://kv', { home: folder.path })).close()
})

test('a file that is not ours is refused and left alone, the folder is free again', async () => {
  await using folder = await temporaryFolder()
  const open = () => openKv('badger://.', { home: folder.path })
  writeFileSync(join(folder.path, 'kv.db'), 'no database at all, only a text that is long enough to be looked at')
  await assert.rejects(open(), { code: 'corrupt' })
  writeFileSync(join(folder.path, 'kv.db'), '')
  const foreign = new DatabaseSync(join(folder.path, 'kv.db'))
  foreign.exec('CREATE TABLE theirs (x)')
  foreign.close()
  await assert.rejects(open(), { code: 'failed_precondition' })
})

test('KV-64 what expired or was replaced is removed from the file without being read', async () => {
  await using folder = await temporaryFolder()
  const kv = await openKv('badger://kv?sweep=20ms', { home: folder.path })
  const names = Array.from({ length: 1500 }, (_, i) => String(i))
  await Promise.all(names.map((name) => kv.set(`short ${name}`, 1, { ttlMs: 1 })))
  await kv.hset('hash', Object.fromEntries(names.map((name) => [name, 1])))
  await kv.rpush('list', ...names)
  await kv.rpush('expiring list', ...names)
  await kv.set('kept', 1)
  await kv.set('hash', 'now a string')
  await kv.del('list')
  await kv.expire('expiring list', 1)
  await sleep(5)
  assert.equal(await kv.admin.size(), 2)
  const unswept = async () => (await kv.health()).checks.unsweptKeys
  for (let waited = 0; (await unswept()) !== 0 && waited < 300; waited++) await sleep(20)
  await kv.close()
  const file = new DatabaseSync(join(folder.path, 'kv', 'kv.db'))
  const count = (table: string) => file.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n
  assert.deepEqual(['entry', 'field', 'item', 'garbage'].map(count), [2, 0, 0, 0])
  file.close()
})

test('KV-50 one command that the engine fails undoes neither its batch nor its pipeline', async () => {
  await using folder = await temporaryFolder()
  const driver = await openBadger(folder.path)
  const kv = new Kv(driver)
  // the front would not let this pass: the engine itself fails on it, in the middle of the batch
  const set = (key: string, value: string | Uint8Array) =>
    ({ op: 'set', key, value, ttlMs: undefined, keepTtl: false }) as const
  const broken = set('broken', undefined as unknown as string)
  const [before, pipeline, after] = await Promise.all([
    driver.run([set('before', '1')]),
    driver.run([set('p1', '1'), broken, set('p2', '1')]),
    driver.run([set('after', '1')]),
  ])
  assert.deepEqual([before[0]?.ok, after[0]?.ok], [true, true])
  assert.deepEqual(
    pipeline.map(({ ok }) => ok),
    [true, false, true],
  )
  assert.equal(await kv.exists('before', 'p1', 'p2', 'after'), 4)
  assert.equal(await kv.exists('broken'), 0)
  await kv.close()
})

test('a long chain of calls lets timers run', async () => {
  await using folder = await temporaryFolder()
  const kv = await openKv('badger://kv', { home: folder.path })
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  const endMs = performance.now() + 5_000
  while (ticks < 3 && performance.now() < endMs) await kv.get('k')
  clearInterval(timer)
  assert.equal(ticks, 3)
  await kv.close()
})

test('a backup during writes is a store of its own', async () => {
  await using folder = await temporaryFolder()
  const kv = await openKv('badger://kv', { home: folder.path })
  await Promise.all(Array.from({ length: 500 }, (_, i) => kv.set(`k${i}`, 'x'.repeat(1000))))
  const copying = kv.backup(join(folder.path, 'copy.db'))
  await Promise.all(Array.from({ length: 200 }, (_, i) => kv.set(`late ${i}`, 'y')))
  await copying
  await assert.rejects(kv.backup(join(folder.path, 'copy.db')), { code: 'already_exists' })
  await kv.close()
  const copy = new DatabaseSync(join(folder.path, 'copy.db'))
  assert.equal(copy.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok')
  assert.equal(copy.prepare("SELECT count(*) AS n FROM entry WHERE key GLOB 'k*'").get()?.n, 500)
  copy.close()
})

test('KV-62 what was acknowledged survives kill -9', async () => {
  await using folder = await temporaryFolder()
  const script = `import { openKv } from '${pathToFileURL(resolve('src/infra/kv/open.ts')).href}'
    const kv = await openKv('badger://kv', { home: ${JSON.stringify(folder.path)} })
    for (let n = 1; ; n++) {
      await Promise.all([kv.set('last', n), kv.hset('hash', { [n]: n }), kv.rpush('list', n)])
      process.stdout.write(n + '\\n')
    }`
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script]
  const victim = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  victim.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.length > 500) victim.kill('SIGKILL')
  })
  await once(victim, 'close')
  const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1))
  assert.ok(acknowledged > 10)
  const kv = await openKv('badger://kv', { home: folder.path })
  assert.ok(Number(await kv.get('last')) >= acknowledged)
  assert.ok(Object.keys(await kv.hgetall('hash')).length >= acknowledged)
  const list = await kv.lrange('list', 0, -1)
  assert.deepEqual(
    list,
    list.map((_, i) => String(i + 1)),
  )
  assert.ok(list.length >= acknowledged)
  await kv.close()
})
