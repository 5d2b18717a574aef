import { join } from 'node:path'

/**
 * How a key becomes a path. Bytes other than `a-z 0-9 _ - .` are written as %XX (upper case too: some disks fold
 * it), and so is a "." at the beginning: names that start with one are ours. A folder ends with "+", so that the
 * objects `a` and `a/b` can both exist; a name that would be too long for the disk goes on in a folder that ends
 * with "~". Neither sign is ever part of an escaped segment.
 */
const MAX_NAME = 240
const UNIT = /%[0-9A-F]{2}|./g
const NAME = /^(?:[a-z0-9_-]|%[0-9A-F]{2})(?:[a-z0-9_.-]|%[0-9A-F]{2})*$/

function escapeSegment(segment: string): string {
  let out = ''
  for (const byte of Buffer.from(segment)) {
    const char = String.fromCharCode(byte)
    out += /[a-z0-9_.-]/.test(char) ? char : hex(byte)
  }
  return out
}

const hex = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** The names that an escaped segment takes up on the disk, all but the last of which are folders. */
function namesOf(segment: string): string[] {
  const names = ['']
  for (const unit of escapeSegment(segment).match(UNIT) ?? []) {
    if ((names.at(-1) ?? '').length + unit.length > MAX_NAME) names.push('')
    const name = names.at(-1) ?? ''
    names[names.length - 1] = name + (name === '' && unit === '.' ? hex(0x2e) : unit)
  }
  return names.map((name, i) => (i < names.length - 1 ? `${name}~` : name))
}

/** The path of an object, relative to the store's folder. */
export function objectPath(key: string): string {
  const segments = key.split('/').map(namesOf)
  const last = segments.pop() ?? []
  return join(...segments.flatMap(([...names]) => [...names.slice(0, -1), `${names.at(-1)}+`]), ...last)
}

/** The folder of all objects whose key starts with `prefix`, which is empty or ends with "/". */
export function folderPath(prefix: string): string {
  return prefix === '' ? '' : join(objectPath(`${prefix}x`), '..')
}

/** What a name in a folder of the store stands for; `null` for a name that the store never gives. */
export function readName(name: string): { kind: 'object' | 'folder' | 'part'; escaped: string } | null {
  const kind = name.endsWith('+') ? 'folder' : name.endsWith('~') ? 'part' : 'object'
  const escaped = kind === 'object' ? name : name.slice(0, -1)
  return NAME.test(escaped) ? { kind, escaped } : null
}

/** The segment that an escaped name (or several, joined) came from; `null` when it came from none. */
export function unescapeSegment(escaped: string): string | null {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return null
  }
}
