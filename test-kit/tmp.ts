import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A fresh folder for one test. Dispose of it with `await using`, or call `remove` in a `finally`. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'snug-test-'))
  const remove = () => rm(path, { recursive: true, force: true })
  return { path, remove, [Symbol.asyncDispose]: remove }
}
