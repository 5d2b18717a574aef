import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { service } from '../../test-kit/services.ts'

/** Where the tests of the application run besides SQLite, by what `TEST_DB` takes. */
const SERVERS = { mysql: 'mariadb', postgres: 'postgres' } as const

/** Where what is written depends on what was read before; the rest the equivalence of settings sees. */
const FILES = [
  'src/domain/*.test.ts',
  'src/domain/account/service.test.ts',
  'src/domain/chat/{data-changes,service}.test.ts',
  'src/domain/database/{imports,query,service}.test.ts',
  'src/worker/*.test.ts',
]

for (const [name, server] of Object.entries(SERVERS) as [keyof typeof SERVERS, 'mariadb' | 'postgres'][])
  test(`the use cases and the worker on ${server}`, { skip: service(server).skip, timeout: 900_000 }, async (t) => {
    const files = globSync(FILES).sort()
    const { NODE_TEST_CONTEXT: _ours, ...env } = process.env
    const args = ['--test', '--test-reporter=spec', '--test-timeout=180000', ...files]
    const run = spawn(process.execPath, args, { env: { ...env, TEST_DB: name }, stdio: ['ignore', 'pipe', 'inherit'] })
    const [output, [code]] = await Promise.all([text(run.stdout), once(run, 'exit')])
    const [, failures = ''] = output.split('failing tests:')
    assert.equal(code, 0, failures)
    const passed = Number(/^ℹ pass (\d+)$/m.exec(output)?.[1])
    assert.ok(passed > 100, `only ${passed} tests ran`)
    t.diagnostic(`${passed} tests passed on ${server}`)
  })
