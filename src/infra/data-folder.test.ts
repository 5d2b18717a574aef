import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test-kit/tmp.ts'
import { claimFile, claimFolder } from './data-folder.ts'

test('a folder is made for its owner only, and belongs to one until it is released', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a', 'b')
  const claim = claimFolder(path)
  assert.equal((await stat(path)).mode & 0o777, 0o700)
  assert.throws(() => claimFolder(path), { code: 'busy', message: new RegExp(`pid ${process.pid}\\)`) })
  claim.release()
  claim.release()
  claimFolder(path).release()
})

test('the claim on a file says nothing about its neighbours', async () => {
  await using folder = await temporaryFolder()
  const claims = ['a.db', 'b.db'].map((name) => claimFile(join(folder.path, name)))
  assert.throws(() => claimFile(join(folder.path, 'a.db')), { code: 'busy' })
  for (const claim of claims) claim.release()
})

test('a claim ends with its process, however that ends', async () => {
  await using folder = await temporaryFolder()
  const module = JSON.stringify(new URL('./data-folder.ts', import.meta.url).href)
  const code = `(await import(${module})).claimFolder(${JSON.stringify(folder.path)}); process.kill(process.pid, 'SIGKILL')`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', code])
  assert.equal(child.signal, 'SIGKILL')
  claimFolder(folder.path).release()
})

test('what a killed process left of its check is taken away', async () => {
  await using folder = await temporaryFolder()
  const before = await readdir(folder.path)
  await writeFile(join(folder.path, '.write-check'), '')
  const claim = claimFolder(folder.path)
  assert.deepEqual((await readdir(folder.path)).sort(), [...before, '.owner.lock', '.owner.pid'].sort())
  claim.release()
})

test('a lock that cannot be used is told apart from one that is held', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'a.db')
  await writeFile(
    `${file}.lock`,
    'this was never a lock of ours, and it is long enough to be looked at as a database file',
  )
  assert.throws(() => claimFile(file), { code: 'unknown', message: /cannot be claimed/ })
})

test('a folder that cannot be written names the setting', async (t) => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'file'), '')
  assert.throws(() => claimFolder(join(folder.path, 'file', 'data')), { message: /cannot be written .*COZE_HOME/ })
  if (process.getuid?.() === 0) return t.diagnostic('root may write everywhere')
  await chmod(folder.path, 0o500)
  assert.throws(() => claimFolder(folder.path), { code: 'permission_denied', message: /COZE_HOME/ })
  await chmod(folder.path, 0o700)
})
