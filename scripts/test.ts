import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'

/**
 * Runs the test files of one selection in one run of the test runner, so that its closing line counts them all.
 * `lite`: conformance of the embedded providers and the end-to-end tests. `all`: every test there is.
 */
const SELECTIONS: Readonly<Record<string, readonly string[]>> = {
  lite: ['src/infra/*/drivers/*.test.ts', 'test/e2e/*.test.ts'],
  all: ['src/**/*.test.ts', 'test/**/*.test.ts'],
}

const [name = 'all', ...flags] = process.argv.slice(2)
const patterns = SELECTIONS[name]
if (patterns === undefined)
  throw new Error(`there is no selection "${name}"; known: ${Object.keys(SELECTIONS).join(', ')}`)
const files = patterns.flatMap((pattern) => globSync(pattern)).sort()
if (files.length === 0) throw new Error('no test file was found')
const hadData = existsSync('var')
const options = ['--test', '--test-timeout=180000', '--test-reporter=spec', ...flags, ...files]
const run = spawnSync(process.execPath, options, { stdio: 'inherit' })
process.exitCode = run.status ?? 1
if (!hadData && existsSync('var')) {
  console.error('a test left data under ./var')
  process.exitCode = 1
}
