import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../../base/errors.ts'
import { folderPath, readName, unescapeSegment } from './paths.ts'

type Entry = { key: string; isFolder: boolean; bytes: Buffer }

/**
 * The keys that start with `prefix` and come after `after`, by UTF-8 bytes. One folder at a time is in memory, by
 * its names only.
 */
export async function* walkKeys(base: string, prefix: string, after: string): AsyncGenerator<string, void, undefined> {
  const top = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  // No key has an empty, "." or ".." segment, so no key starts with such a prefix.
  if (top.split('/').some((part, i, all) => i < all.length - 1 && /^\.{0,2}$/.test(part))) return
  yield* walkFolder({ base, prefix, after, afterBytes: Buffer.from(after) }, top)
}

type Walk = { base: string; prefix: string; after: string; afterBytes: Buffer }

async function* walkFolder(walk: Walk, parent: string): AsyncGenerator<string, void, undefined> {
  for (const { key, isFolder, bytes } of await entriesOf(walk.base, parent)) {
    const isAfter = Buffer.compare(bytes, walk.afterBytes) > 0
    if (isFolder) {
      const mayMatch = key.startsWith(walk.prefix) || walk.prefix.startsWith(key)
      if (mayMatch && (isAfter || walk.after.startsWith(key))) yield* walkFolder(walk, key)
    } else if (isAfter && key.startsWith(walk.prefix)) yield key
  }
}

/** Objects and folders below `parent`, in the order of their keys; a folder sorts as its key with "/". */
async function entriesOf(base: string, parent: string): Promise<Entry[]> {
  const entries: Entry[] = []
  await collect(join(base, folderPath(parent)), parent, '', entries)
  return entries.sort((x, y) => Buffer.compare(x.bytes, y.bytes))
}

async function collect(path: string, parent: string, begun: string, entries: Entry[]): Promise<void> {
  for (const name of await namesIn(path)) {
    const read = readName(name)
    if (read === null) continue
    const escaped = begun + read.escaped
    if (read.kind === 'part') {
      await collect(join(path, name), parent, escaped, entries)
      continue
    }
    const segment = unescapeSegment(escaped)
    if (segment === null) continue
    const isFolder = read.kind === 'folder'
    const key = parent + segment + (isFolder ? '/' : '')
    entries.push({ key, isFolder, bytes: Buffer.from(key) })
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (err) {
    if (codeOf(err) === 'not_found') return []
    throw err
  }
}
