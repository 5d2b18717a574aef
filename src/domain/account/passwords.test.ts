import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WEAK_SCRYPT } from '../../../test-kit/account.ts'
import { AppError } from '../../base/errors.ts'
import { Passwords } from './passwords.ts'

test('the right password fits, others do not, and two hashes of one password differ', async () => {
  const passwords = new Passwords(WEAK_SCRYPT)
  const [first, second] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')]
  assert.notEqual(first, second)
  assert.equal(await passwords.verify('correct horse', first), true)
  assert.equal(await passwords.verify('correct horse', second), true)
  for (const wrong of ['', 'Correct horse', 'correct horse ', first])
    assert.equal(await passwords.verify(wrong, first), false, wrong)
})

test('a password typed on another keyboard, in another Unicode form, still fits', async () => {
  const passwords = new Passwords(WEAK_SCRYPT)
  assert.equal(await passwords.verify('zu\u0308rich 2026', await passwords.hash('z\u00fcrich 2026')), true)
})

test('by default a hash names parameters that take 32 MiB', async () => {
  const passwords = new Passwords()
  const stored = await passwords.hash('correct horse')
  assert.match(stored, /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.equal(await passwords.verify('correct horse', stored), true)
})

test('a hash made with other parameters fits and is outdated', async () => {
  const stored = await new Passwords(WEAK_SCRYPT).hash('correct horse')
  const stronger = new Passwords({ ...WEAK_SCRYPT, cost: 32 })
  assert.equal(await stronger.verify('correct horse', stored), true)
  assert.equal(stronger.isOutdated(stored), true)
  assert.equal(stronger.isOutdated(await stronger.hash('correct horse')), false)
})

test('without an account the same work is done, and nothing fits', async () => {
  const passwords = new Passwords({ cost: 2 ** 12, blockSize: 8, parallelization: 1 })
  const stored = await passwords.hash('correct horse')
  const time = async (hash: string | undefined) => {
    const startedMs = performance.now()
    for (let i = 0; i < 10; i++) assert.equal(await passwords.verify('wrong horse', hash), false)
    return performance.now() - startedMs
  }
  await time(stored)
  const [known, unknown] = [await time(stored), await time(undefined)]
  assert.ok(unknown > known / 5, `${unknown} ms for nobody, ${known} ms for somebody`)
})

test('a flood waits in line up to a limit and is turned away beyond it', async () => {
  const passwords = new Passwords({ ...WEAK_SCRYPT, cost: 2 ** 12 })
  const outcomes = await Promise.allSettled(Array.from({ length: 150 }, () => passwords.hash('correct horse')))
  const refused = outcomes.filter((o) => o.status === 'rejected').map((o) => o.reason as AppError)
  assert.equal(refused.length, 48, 'two run and a hundred wait')
  assert.ok(refused.every((err) => err.code === 'rate_limited'))
  assert.match(await passwords.hash('correct horse'), /^\$scrypt/, 'the line is open again')
})

test('a damaged hash is corrupt, not wrong', async () => {
  const corrupt = (err: unknown) => err instanceof AppError && err.code === 'corrupt'
  for (const stored of ['', 'plain text', '$argon2id$v=19$x'])
    await assert.rejects(new Passwords(WEAK_SCRYPT).verify('x', stored), corrupt)
})
