import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Runs the test files of one selection in one run of the test runner, so that its closing line counts them all.
 * `lite`: conformance of the embedded providers and the end-to-end tests. `providers`: what asks for real servers:
 * conformance, and the application on them. `all`: every test there is.
 */
const SELECTIONS: Readonly<Record<string, () => readonly string[]>> = {
  lite: () => globSync(['src/infra/*/drivers/*.test.ts', 'test/e2e/*.test.ts']),
  providers: () => globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).filter(usesServers),
  all: () => globSync(['src/**/*.test.ts', 'test/**/*.test.ts']),
}

function usesServers(file: string): boolean {
  return /test-kit\/(services|external|search-servers|replicas)\.ts/.test(readFileSync(file, 'utf8'))
}

const [name = 'all', ...flags] = process.argv.slice(2)
const select = SELECTIONS[name]
if (select === undefined)
  throw new Error(`there is no selection "${name}"; known: ${Object.keys(SELECTIONS).join(', ')}`)
const files = [...new Set(select())].sort()
if (files.length === 0) throw new Error('no test file was found')
const hadData = existsSync('var')
// Most tests wait for something most of the time, so two files at once fit even a small machine.
const options = ['--test', '--test-concurrency=2', '--test-timeout=180000', '--test-reporter=spec', ...flags, ...files]
// Each file is a process of its own, as are the servers in them: what one has compiled the others find.
const env = { NODE_COMPILE_CACHE: resolve('node_modules/.cache/compile'), ...process.env }
const run = spawnSync(process.execPath, options, { stdio: 'inherit', env })
process.exitCode = run.status ?? 1
if (!hadData && existsSync('var')) {
  console.error('a test left data under ./var')
  process.exitCode = 1
}
