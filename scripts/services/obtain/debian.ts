import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { NotToBeHad, type Programs, type Progress } from '../server.ts'

const run = promisify(execFile)
/** System programs are not on everybody's path. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/libexec']
let isUpdated = false

/** Where a program is: on the path, or in one of the folders (patterns, the last match wins). */
function find(program: string, folders: readonly string[]): string | undefined {
  const extra = folders.flatMap((pattern) => globSync(pattern).sort().reverse())
  return [...extra, ...FOLDERS].map((folder) => join(folder, program)).find((path) => existsSync(path))
}

function findAll(programs: readonly string[], folders: readonly string[]): Programs | undefined {
  const found = programs.map((program) => [program, find(program, folders)] as const)
  if (found.some(([, path]) => path === undefined)) return undefined
  return Object.fromEntries(found) as Programs
}

/** Programs that are installed, or that Debian's package has. Throws `NotToBeHad`. */
export async function debian(
  packageName: string,
  programs: readonly string[],
  progress: Progress,
  folders: readonly string[] = [],
): Promise<Programs> {
  const there = findAll(programs, folders)
  if (there !== undefined) return there
  const missing = `${programs.join(', ')} not installed`
  if (find('apt-get', []) === undefined) throw new NotToBeHad(`${missing}, and this machine has no apt-get`)
  if (process.getuid?.() !== 0) throw new NotToBeHad(`${missing}; as root: apt-get install ${packageName}`)
  progress(`installs ${packageName}`)
  try {
    await install(packageName)
  } catch (err) {
    const said = String((err as { stderr?: unknown }).stderr ?? err)
    throw new NotToBeHad(`${missing}, and apt-get install ${packageName} failed: ${lastLine(said)}`)
  }
  const now = findAll(programs, folders)
  if (now === undefined) throw new NotToBeHad(`${missing} by the package ${packageName}`)
  return now
}

async function install(packageName: string): Promise<void> {
  // In run level 1 the package does not start a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  if (!isUpdated) await run('apt-get', ['update', '-qq'], { env })
  isUpdated = true
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', packageName], { env, maxBuffer: 64e6 })
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
