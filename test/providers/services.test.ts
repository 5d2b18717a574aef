import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Redis } from 'ioredis'
import { readNames } from '../../scripts/services/names.ts'
import { freePort } from '../../scripts/services/place.ts'
import { runs } from '../../scripts/services/process.ts'
import { isRunning, startService, stopService } from '../../scripts/services/run.ts'
import { readState, type State } from '../../scripts/services/state.ts'
import { service } from '../../test-kit/services.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const { skip } = service('redis')
/** Where Linux tells the ports of outgoing connections. */
const RANGE = '/proc/sys/net/ipv4/ip_local_port_range'
const quiet = () => undefined

/** Calls `service` as a test does that runs on the servers of another folder. */
function serviceAt(home: string, required = ''): ReturnType<typeof service> {
  const before = { ...process.env }
  Object.assign(process.env, { SERVICES_HOME: home, SERVICES_REQUIRED: required })
  try {
    return service('redis')
  } finally {
    process.env = before
  }
}

test('no outgoing connection takes the port of a service that is stopped', {
  skip: existsSync(RANGE) ? false : 'not told',
}, async () => {
  const [first = 0] = readFileSync(RANGE, 'utf8').split(/\s+/).map(Number)
  for (let i = 0; i < 20; i++) assert.ok((await freePort()) < first)
})

test('a service that is stopped and started again has its port and its data', { skip }, async () => {
  await using home = await temporaryFolder()
  try {
    const { uri = '' } = await startService('redis', quiet, home.path)
    const first = new Redis(uri)
    await first.set('k', 'v')
    first.disconnect()
    assert.equal(await stopService('redis', home.path), true)
    assert.equal(isRunning(readState(home.path).services.redis), false)
    assert.match(String(serviceAt(home.path).skip), /redis is stopped/)
    assert.throws(() => serviceAt(home.path, '1'), /does not run any more/)

    assert.equal((await startService('redis', quiet, home.path)).uri, uri)
    assert.deepEqual(serviceAt(home.path), { uri, skip: false })
    const second = new Redis(uri)
    assert.equal(await second.get('k'), 'v')
    second.disconnect()
  } finally {
    await stopService('redis', home.path)
  }
})

test('two that start the same service at once get one server', { skip }, async () => {
  await using home = await temporaryFolder()
  try {
    const [one, two] = await Promise.all([1, 2].map(() => startService('redis', quiet, home.path)))
    assert.deepEqual(one, two)
  } finally {
    await stopService('redis', home.path)
  }
})

test('a process that has the number of one of ours is left alone', async () => {
  await using home = await temporaryFolder()
  const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
  await once(stranger, 'spawn')
  try {
    const owned = { pid: stranger.pid ?? 0, started: 'long ago', program: 'redis-server' }
    assert.equal(runs(owned), false)
    const state: State = { services: { redis: { uri: 'redis://127.0.0.1:1', version: '7', processes: [owned] } } }
    writeFileSync(join(home.path, 'state.json'), JSON.stringify(state))
    await stopService('redis', home.path)
    assert.equal(stranger.exitCode ?? stranger.signalCode, null)
  } finally {
    stranger.kill('SIGKILL')
  }
})

test('a server that cannot be had, or lacks what a test needs, is skipped with its reason', async () => {
  await using home = await temporaryFolder()
  const told = (redis: State['services']['redis']) => {
    const state: State = { services: redis === undefined ? {} : { redis } }
    writeFileSync(join(home.path, 'state.json'), JSON.stringify(state))
    return String(serviceAt(home.path).skip)
  }
  assert.match(told(undefined), /is not started/)
  assert.match(told({ skip: 'no package', processes: [] }), /is not to be had: no package/)
  assert.match(told({ uri: 'redis://x', lacks: ['scripts'], processes: [] }), /without scripts only/)
})

test('names of services are read in any order, and a wrong one is told', () => {
  assert.deepEqual(readNames('redis, mariadb'), ['mariadb', 'redis'])
  assert.ok(readNames('').length > 5)
  assert.throws(() => readNames('redis,oracle'), /no service "oracle"; known: mariadb/)
})
