import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../../../../base/errors.ts'

const BATCH_BYTES = 256 * 1024

/** Writes a body to an open file, small chunks in batches, and says what came: the length and a hash of the bytes. */
export async function writeBody(
  handle: FileHandle,
  body: AsyncIterable<Uint8Array>,
): Promise<{ sizeBytes: number; etag: string }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let small: Uint8Array[] = []
  let smallBytes = 0
  const flush = async () => {
    if (smallBytes > 0) await handle.writeFile(Buffer.concat(small))
    small = []
    smallBytes = 0
  }
  for await (const chunk of body) {
    hash.update(chunk)
    sizeBytes += chunk.length
    if (smallBytes + chunk.length > BATCH_BYTES) await flush()
    if (chunk.length >= BATCH_BYTES / 4) {
      await flush()
      await handle.writeFile(chunk)
    } else {
      // A copy: the source may reuse its memory.
      small.push(Uint8Array.from(chunk))
      smallBytes += chunk.length
    }
  }
  await flush()
  return { sizeBytes, etag: hash.digest('hex').slice(0, 32) }
}

/** Makes a finished file the one at `target`, in one step; `durable` waits until the disk has it. */
export async function moveIntoPlace(file: string, target: string, durable: boolean): Promise<void> {
  const folder = dirname(target)
  for (let attempt = 1; ; attempt++) {
    try {
      const firstNew = await mkdir(folder, { recursive: true, mode: 0o700 })
      await rename(file, target)
      if (durable) await syncFolders(folder, firstNew === undefined ? folder : dirname(firstNew))
      return
    } catch (err) {
      // A delete beside us has just removed a folder that it left empty.
      if (codeOf(err) !== 'not_found' || attempt === 20) throw err
    }
  }
}

/** A new name is safe once its folder is: from `folder` up to `top`. */
async function syncFolders(folder: string, top: string): Promise<void> {
  for (let path = folder; path.startsWith(top); path = dirname(path)) {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (path === top) return
  }
}

/** Removes the folders above a deleted file that are empty now, up to `base`. */
export async function removeEmptyFolders(base: string, relative: string): Promise<void> {
  for (let path = dirname(relative); path !== '.'; path = dirname(path)) {
    try {
      await rmdir(join(base, path))
    } catch {
      return
    }
  }
}

/** Work on one key, one after the other: what was checked still holds when it is acted upon. */
export class KeyLocks {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(work)
    const tail = turn.catch(() => undefined)
    this.#tails.set(key, tail)
    try {
      return await turn
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}
