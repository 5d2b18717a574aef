import { execFile } from 'node:child_process'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const VERSION = '0.20.0'
const CACHE = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url))
const INSTALL_TIMEOUT_MS = 90_000
const run = promisify(execFile)

export type Cozepy = { python: string } | { missing: string }

const pythonOf = (folder: string) => join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')

/** A Python that has the official SDK, kept under node_modules for the next time; or why there is none. */
export async function cozepy(): Promise<Cozepy> {
  const folder = join(CACHE, `cozepy-${VERSION}`)
  const hasSdk = ['-c', `from cozepy.version import VERSION; assert VERSION == "${VERSION}"`]
  if (
    await run(pythonOf(folder), hasSdk).then(
      () => true,
      () => false,
    )
  )
    return { python: pythonOf(folder) }
  // Made under another name, so that a broken-off installation is never taken for one.
  const fresh = `${folder}.${process.pid}`
  try {
    await mkdir(CACHE, { recursive: true })
    await step('Python 3.8 or newer', 'python3', ['-c', 'import sys; assert sys.version_info >= (3, 8)'])
    await step('venv', 'python3', ['-m', 'venv', fresh])
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input']
    await step(`cozepy ${VERSION}`, pythonOf(fresh), ['-m', 'pip', 'install', ...quiet, `cozepy==${VERSION}`])
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
    return { python: pythonOf(folder) }
  } catch (err) {
    return { missing: err instanceof Error ? err.message : String(err) }
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

async function step(what: string, command: string, args: string[]): Promise<void> {
  try {
    await run(command, args, { timeout: INSTALL_TIMEOUT_MS })
  } catch (err) {
    const last = err instanceof Error ? err.message.trim().split('\n').at(-1) : ''
    throw new Error(`${what} cannot be had here: ${last}`)
  }
}
