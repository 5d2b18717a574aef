import { existsSync, globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

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

const [name = 'all'] = process.argv.slice(2)
const select = SELECTIONS[name]
if (select === undefined)
  throw new Error(`there is no selection "${name}"; known: ${Object.keys(SELECTIONS).join(', ')}`)
const bootsAll = (file: string) => file.startsWith('test/')
// What boots the whole application takes longest, so it begins first.
const files = select()
  .toSorted()
  .toSorted((a, b) => Number(bootsAll(b)) - Number(bootsAll(a)))
if (files.length === 0) throw new Error('no test file was found')
// Each file is a process of its own, as are the servers in them: what one has compiled the others find.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/compile')
const hadData = existsSync('var')
// Most tests wait for something much of the time, so more files at once than there are cores fit even a small machine.
run({ files, concurrency: availableParallelism() + 1, timeout: 180_000 })
  .on('test:fail', () => {
    process.exitCode = 1
  })
  .compose(spec)
  .on('end', () => {
    if (hadData || !existsSync('var')) return
    console.error('a test left data under ./var')
    process.exitCode = 1
  })
  .pipe(process.stdout)
