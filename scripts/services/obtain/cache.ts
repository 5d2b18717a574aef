import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { own } from '../state.ts'

/** Where builds and downloads are kept between checkouts. */
export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'snug', 'services')

/**
 * The folder with what `make` made from the recipe (texts, or files that are read). It is made once; a folder that
 * was left half-way is made anew. `make` gets a folder that will be renamed.
 */
export async function cached(
  name: string,
  recipe: readonly (string | URL)[],
  make: (folder: string) => Promise<void>,
  waits: () => void,
): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const part of recipe) hash.update(typeof part === 'string' ? part : readFileSync(part)).update('\0')
  const folder = join(cacheFolder(), `${name}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  using _owner = await own(join(cacheFolder(), 'locks', name), waits)
  if (existsSync(folder)) return folder
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  await make(draft)
  await rename(draft, folder)
  return folder
}
