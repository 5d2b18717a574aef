import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test-kit/tmp.ts'
import { AppError } from '../base/errors.ts'
import { loadConfig } from '../config/config.ts'
import { closeCapabilities, openCapabilities } from './capabilities.ts'

const open = (home: string, env: Readonly<Record<string, string>> = {}) =>
  openCapabilities(loadConfig({ env: { COZE_LITE: '1', COZE_HOME: home, ...env }, cwd: home }).config, {
    publicUrl: () => 'http://localhost',
    warn: () => undefined,
  })

const refusal = async (opening: Promise<unknown>): Promise<string> => {
  const err = await opening.then(
    () => assert.fail('it opened'),
    (reason: unknown) => reason,
  )
  assert.ok(err instanceof AppError)
  return err.message
}

test('a folder in use is refused by the name of every path, with the pid of its owner', async () => {
  await using folder = await temporaryFolder()
  const first = await open(folder.path)
  try {
    const message = await refusal(open(folder.path))
    for (const path of ['sqlite/app.db', 'badger', 'duckdb/search.db', 'blob'])
      assert.ok(message.includes(`${join(folder.path, 'var/data', path)} is in use by`), message)
    assert.match(message, new RegExp(`\\(pid ${process.pid}\\)`))
  } finally {
    await closeCapabilities(first)
  }
  await closeCapabilities(await open(folder.path))
})

test('everything that is in the way is named at once, each setting once, secrets left out', async () => {
  await using folder = await temporaryFolder()
  const message = await refusal(
    open(folder.path, { DB_URI: 'mysql://u:hunter2@127.0.0.1:1/db', BLOB_URI: 'file://./x?foo=1' }),
  )
  assert.match(message, /^ {2}db +mysql:\/\/u:\*\*\*@127\.0\.0\.1:1\/db \(DB_URI\): no MySQL server answers/m)
  assert.match(message, /^ {2}blob .*\(BLOB_URI\): file: has no parameter "foo"; known: fsync, public, secret$/m)
  assert.doesNotMatch(message, /hunter2|lite mode/)
})

test('with lite mode off the way to it is shown', async () => {
  await using folder = await temporaryFolder()
  const message = await refusal(open(folder.path, { COZE_LITE: '0' }))
  for (const scheme of ['mysql', 'redis', 'es', 'nsq', 's3'])
    assert.match(message, new RegExp(`^ {2}\\w+ +${scheme}://\\S+ \\(\\w+_URI\\): .`, 'm'))
  assert.match(message, /snug serve --lite/)
})

test('a service that is still starting is waited for, as long as nothing else is in the way', async () => {
  await using folder = await temporaryFolder()
  const EMBEDDING_URI = 'http://127.0.0.1:1/embed?dims=4'
  const startedAtMs = performance.now()
  const env = { STARTUP_WAIT: '60s', MQ_URI: 'unknown://x', EMBEDDING_URI, DB_URI: 'mysql://u:hunter2@127.0.0.1:1/x' }
  const message = await refusal(open(folder.path, env))
  assert.match(message, /there is no|not available/)
  assert.doesNotMatch(message, /hunter2/)
  assert.ok(performance.now() - startedAtMs < 30_000)
})
