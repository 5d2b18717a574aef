import { readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Programs, Progress } from '../server.ts'
import { cached } from './cache.ts'
import { command } from './command.ts'

/**
 * Builds programs of a Go module. `module` is a folder beside `scripts/services/go/` whose go.mod pins it: "go install"
 * refuses modules that replace one of theirs, a module that requires them does not. Throws `NotToBeHad`.
 */
export async function goPrograms(module: string, packages: readonly string[], progress: Progress): Promise<Programs> {
  const source = new URL(`../go/${module}/`, import.meta.url)
  const recipe = ['go.mod', 'go.sum'].map((file) => new URL(file, source))
  const build = async (folder: string) => {
    progress('builds from Go modules')
    const work = join(folder, 'module')
    await cp(fileURLToPath(source), work, { recursive: true })
    const env = { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOWORK: 'off' }
    await command('go', ['build', '-ldflags=-s -w', '-o', `${folder}/`, ...packages], {
      ...{ cwd: work, env, what: `go build of ${module}` },
    })
  }
  const folder = await cached(module, [...recipe, ...packages], build, () => progress('waits for another build'))
  return Object.fromEntries(packages.map((name) => [basename(name), join(folder, basename(name))]))
}

/** The version of a module that our go.mod of that name pins. */
export function pinnedVersion(module: string, required: string): string {
  const text = readFileSync(new URL(`../go/${module}/go.mod`, import.meta.url), 'utf8')
  const line = text.split('\n').find((candidate) => candidate.includes(`${required} v`))
  return line?.trim().split(' ').at(-1) ?? 'unknown'
}
