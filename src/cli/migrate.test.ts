import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSnug } from '../../test-kit/cli.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

test('migrate brings a new folder up to date once, and status shows it', async () => {
  await using folder = await temporaryFolder()
  const migrate = (...words: string[]) =>
    runSnug(['migrate', ...words, '--lite'], { cwd: folder.path, env: { COZE_HOME: folder.path } })
  assert.match((await migrate('status')).stdout, /^missing {2}0001_init$/m)
  assert.match((await migrate()).stdout, /^applied {2}0001_init$/m)
  assert.equal((await migrate('up')).stdout, 'up to date\n')
  const { stdout } = await migrate('status')
  assert.match(stdout, /^applied {2}0001_init$/m)
  assert.doesNotMatch(stdout, /missing/)
})

test('migrate refuses words that it does not know, before it touches anything', async () => {
  await using folder = await temporaryFolder()
  for (const words of [['down'], ['up', 'status'], ['--to', '1']]) {
    const { code, stderr } = await runSnug(['migrate', ...words, '--lite'], { env: { COZE_HOME: folder.path } })
    assert.notEqual(code, 0)
    assert.match(stderr, /^snug migrate: /)
  }
  assert.match((await runSnug(['migrate', 'status', '--lite'], { env: { COZE_HOME: folder.path } })).stdout, /^missing/)
})

test('without lite mode migrate says what it would need, and how to do without', async () => {
  const { code, stderr } = await runSnug(['migrate', 'status'])
  assert.equal(code, 1)
  assert.match(stderr, /no MySQL server answers at mysql:3306/)
  assert.match(stderr, /--lite/)
})
